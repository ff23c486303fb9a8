import {
  add,
  formatDecimal,
  maximum,
  multiply,
  parseDecimal,
  ZERO,
  type Decimal,
} from '../../services/shared/domain/decimal.ts';
import { fromTicks, ticks } from '../../services/shared/domain/instrument.ts';
import { balancesOf } from '../../services/shared/domain/ledger.ts';
import { violationsOf, type Evidence, type OrderTerms } from '../judges/invariants.ts';
import { breakerViolations } from '../judges/breaker-violations.ts';
import { releaseViolations, type Released } from '../judges/release-violations.ts';
import { BOUNDS, type Bounds } from './bounds.ts';
import { exitViolations } from '../judges/exits/exit-violations.ts';
import { stanceViolations } from '../judges/stance-violations.ts';
import { driftViolations, type DriftPeriod } from '../judges/drift-violations.ts';
import { pauseViolations, type Pauses } from '../judges/pause-violations.ts';
import { uncoveredPositions, type AccountTransfer } from '../judges/uncovered-positions.ts';
import { smallestSale } from '../judges/exits/smallest-sale.ts';
import type { ReplayResult } from '../../services/replay/run-replay.ts';

/** What somebody else traded on the account, and the drifts that a person ended by booking it. */
export interface ForeignTrades {
  readonly transfers: readonly AccountTransfer[];
  readonly periods: readonly DriftPeriod[];
}

const NONE_FOREIGN: ForeignTrades = { transfers: [], periods: [] };

/**
 * Returns everything that broke in a run, as text: violations of the invariants I1 to I5, I8, I9 and I11 to I15,
 * unexplained findings of reconciliation, and failing checks of the last process.
 */
export function problemsOf(
  result: ReplayResult,
  bounds: Partial<Bounds> = {},
  { transfers, periods }: ForeignTrades = NONE_FOREIGN,
): readonly string[] {
  const all = { ...BOUNDS, ...bounds };
  const { endBoundMs, outdatedBoundMs, commitBoundMs } = all;
  const failingChecks = result.checks.flatMap((check) => (check.ok ? [] : [`${check.name}: ${check.message}`]));
  const evidence = evidenceOf(result, endBoundMs);
  return [
    ...violationsOf(evidence),
    ...uncoveredPositions(evidence, transfers),
    ...driftViolations({ periods, steps: result.record.steps, commitBoundMs }),
    ...exitViolations(exitsOf(result, all)),
    ...stanceViolations(result.record.exitSteps, outdatedBoundMs),
    ...breakerViolations({ breakers: result.record.breakerSteps, steps: result.record.exitSteps }),
    ...releaseViolations(releasedBy(result)),
    ...pauseViolations(pausesOf(result, evidence, all)),
    ...unexplainedFindings(result),
    ...obeyedCommands(result),
    ...failingChecks,
  ];
}

function releasedBy({ record: { releaseSteps, steps, exitSteps, store } }: ReplayResult): Released {
  return { releases: releaseSteps, approvals: store.approvals, steps, exitSteps };
}

/** Commands by an epoch that was over. */
function obeyedCommands({ swaps }: ReplayResult): readonly string[] {
  return swaps
    .filter(({ obeyed }) => obeyed)
    .map(({ operator }) => `a command of an older epoch was obeyed: ${operator}`);
}

/** What a reconcile found, beside the orders that somebody else placed on the account, and their fills. */
function unexplainedFindings({ findings, venue }: ReplayResult): readonly string[] {
  const isExplained = (kind: string): boolean =>
    (kind === 'Quarantine' && venue.foreign.size > 0) || (kind === 'ForeignFill' && venue.foreignFills.length > 0);
  return findings
    .filter(({ kind }) => !isExplained(kind))
    .map(({ incarnation, kind, count }) => `${incarnation} found ${count} ${kind}`);
}

export function exitsOf({ record, instruments, tape, endMs }: ReplayResult, bounds: Bounds) {
  const lowest = tape.trades.reduce((low, { price }) => (price < low ? price : low), ticks(Number.MAX_SAFE_INTEGER));
  const smallest = [...instruments.values()]
    // The house bids what the last seller got; a bid that is eaten up, and the limit of an exit, are a little below it.
    .map((one) => smallestSale(one, multiply(fromTicks(lowest, one), parseDecimal('0.99'), 'floor')))
    .reduce(maximum, ZERO);
  return { ...bounds, steps: record.exitSteps, smallest, endMs };
}

function pausesOf(
  { record, endMs: haltMs, overMs: endMs }: ReplayResult,
  { log, course }: Evidence,
  bounds: Bounds,
): Pauses {
  return { ...bounds, calls: record.callSteps, log, approvals: course?.approvals ?? [], haltMs, endMs };
}

function evidenceOf({ record, venue }: ReplayResult, endBoundMs: number): Evidence {
  const { store, steps, confirmedAfter } = record;
  // By the scheduler's clock: the sender's own timestamp may be ahead of it.
  const approvedOf = new Map(store.approvals.map((approval) => [approval.clientOrderId, termsOf(approval)]));
  const committedAt = new Map([...steps].reverse().map((step) => [step.client_order_id, step.at_ms]));
  return {
    log: venue.log,
    orders: record.orders.map(({ request: { clientOrderId }, epoch, intendedAtMs, state }) => ({
      client_order_id: clientOrderId,
      epoch: String(epoch),
      intended_ms: committedAt.get(clientOrderId) ?? intendedAtMs,
      // A sender that did not receive the commit must not have sent the order.
      committed_after: confirmedAfter.get(clientOrderId) ?? Number.POSITIVE_INFINITY,
      state: state.kind,
      approved: approvedOf.get(clientOrderId),
    })),
    trades: store.fills.all.map((fill) => ({
      venue_trade_id: fill.venueTradeId,
      client_order_id: fill.clientOrderId,
      symbol: fill.symbol,
      side: fill.side,
      price: formatDecimal(fill.price),
      quantity: formatDecimal(fill.quantity),
      fee: formatDecimal(fill.fee),
      fee_asset: fill.feeAsset,
    })),
    positions: texts(heldOf(store.positions)),
    ledger: texts(balancesOf(store.postings, 'venue')),
    venue: texts(venue.holdings()),
    course: {
      approvals: store.approvals.map(({ clientOrderId, deadline }) => ({
        client_order_id: clientOrderId,
        deadline_ms: deadline,
      })),
      steps,
      endBoundMs,
    },
  };
}

function termsOf({
  symbol,
  side,
  type,
  price,
  quantity,
}: ReplayResult['record']['store']['approvals'][number]): OrderTerms {
  return { symbol, side, type, price: formatDecimal(price), quantity: formatDecimal(quantity) };
}

function heldOf(positions: ReplayResult['record']['store']['positions']): ReadonlyMap<string, Decimal> {
  const held = new Map<string, Decimal>();
  for (const [key, { quantity }] of positions) {
    const symbol = key.split(' ')[1] ?? '';
    held.set(symbol, add(held.get(symbol) ?? ZERO, quantity));
  }
  return held;
}

function texts(amounts: ReadonlyMap<string, Decimal>): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([key, amount]) => [key, formatDecimal(amount)]));
}
