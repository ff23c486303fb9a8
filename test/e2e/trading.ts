import { z } from 'zod';
import { add, formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import type { ApprovalRow } from '../judges/course-violations.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import { evidenceQueries, type KeyedAmount } from '../judges/evidence-queries.ts';
import { violationsOf, type Evidence, type OrderRow, type TradeRow } from '../judges/invariants.ts';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import type { Kubectl } from './kubectl.ts';
import type { StackPlace } from './place.ts';
import { until } from './until.ts';

const accountsAnswer = z.object({
  balances: z.array(z.object({ asset: z.string(), free: z.string(), locked: z.string() })),
});

/** Runs a query with psql inside the Postgres pod and returns one object per row. */
export async function query<T>(kubectl: Kubectl, place: StackPlace, sql: string): Promise<readonly T[]> {
  const text = `SELECT coalesce(json_agg(r), '[]') FROM (${sql}) r`;
  const psql = ['psql', '-h', '/run/postgres', '-U', 'postgres', '-d', 'trading_ecosystem', '-qAtX', '-c', text];
  const out = await kubectl.run('-n', place.namespace, 'exec', 'postgres-0', '-c', 'postgres', '--', ...psql);
  return JSON.parse(out) as readonly T[];
}

/** Reads every entry of the simulator's log after `after`, through the API server's proxy. */
export async function venueLog(kubectl: Kubectl, place: StackPlace, after = 0): Promise<readonly VenueLogEntry[]> {
  const entries: VenueLogEntry[] = [];
  for (;;) {
    const from = entries.at(-1)?.seq ?? after;
    const text = await kubectl.raw(`${simulatorPath(place)}/simulator/log?after=${from}&limit=1000`);
    const page = (JSON.parse(text) as { entries: VenueLogEntry[] }).entries;
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

/** Counts the orders that were filled at least in part, by client order ID. */
export function filledOrdersIn(log: readonly VenueLogEntry[]): number {
  return new Set(log.filter((entry) => entry.kind === 'fill').map((entry) => entry.clientOrderId)).size;
}

/**
 * Approvals are judged this long after their deadline. While the cluster trades, an approval is always in flight, and
 * while a test has killed a part of it, none ends. How late an approval ended is therefore not judged.
 */
const OVERDUE_MS = 30_000;

function isOverdue({ deadline_ms: deadline }: ApprovalRow): boolean {
  return deadline + OVERDUE_MS < Date.now();
}

/** Reads the books of both sides. Returns undefined if the venue's log, read before and after, changed in between. */
export async function gatherEvidence(kubectl: Kubectl, place: StackPlace): Promise<Evidence | undefined> {
  const log = await venueLog(kubectl, place);
  const accounts = accountsAnswer.parse(JSON.parse(await kubectl.raw(`${simulatorPath(place)}/simulator/accounts`)));
  const sql = evidenceQueries(`'${place.id}'`);
  const [orders, trades, positions, ledger, approvals, steps] = await Promise.all([
    query<OrderRow>(kubectl, place, sql.orders),
    query<TradeRow>(kubectl, place, sql.trades),
    query<KeyedAmount>(kubectl, place, sql.positions),
    query<KeyedAmount>(kubectl, place, sql.ledger),
    query<ApprovalRow>(kubectl, place, sql.approvals),
    query<OrderStep>(kubectl, place, sql.steps),
  ]);
  const newer = await venueLog(kubectl, place, log.at(-1)?.seq ?? 0);
  if (newer.length > 0) return undefined;
  const venue = accounts.balances.map(({ asset, free, locked }) => [
    asset,
    formatDecimal(add(parseDecimal(free), parseDecimal(locked))),
  ]);
  return {
    log,
    orders,
    trades,
    positions: record(positions),
    ledger: record(ledger),
    venue: Object.fromEntries(venue),
    course: { approvals: approvals.filter(isOverdue), steps, endBoundMs: Number.POSITIVE_INFINITY },
  };
}

/** Waits for a moment without changes in which every invariant holds. Throws with the violations after `withinMs`. */
export async function soundBooks(kubectl: Kubectl, place: StackPlace, withinMs = 120_000): Promise<Evidence> {
  return await until(
    'books that equal the venue',
    async () => {
      const evidence = await gatherEvidence(kubectl, place);
      if (evidence === undefined) return undefined;
      const violations = violationsOf(evidence);
      if (violations.length > 0) throw new Error(violations.slice(0, 10).join('; '));
      return evidence;
    },
    { withinMs, everyMs: 250 },
  );
}

/** Counts the fills of orders that the same log shows as placed, and so not those of orders that rested before. */
export function fillsOfNewOrdersIn(log: readonly VenueLogEntry[]): number {
  const placed = new Set(log.filter(({ kind }) => kind === 'placed').map(({ orderId }) => orderId));
  return log.filter(({ kind, orderId }) => kind === 'fill' && placed.has(orderId)).length;
}

/** Client order IDs of the buys that the venue received after one time and before another, in UTC milliseconds. */
export function buysIn(log: readonly VenueLogEntry[], afterMs: number, beforeMs: number): readonly string[] {
  return log
    .filter(({ kind, side }) => kind === 'placed' && side === 'buy')
    .filter(({ receivedAt = 0 }) => receivedAt > afterMs && receivedAt < beforeMs)
    .map(({ clientOrderId = '' }) => clientOrderId);
}

/** Waits until the venue has filled orders that were placed after this call, which shows that trading continues. */
export async function tradingGoesOn(kubectl: Kubectl, place: StackPlace, withinMs = 180_000): Promise<void> {
  const last =
    (await until('the simulator to answer', async () => (await venueLog(kubectl, place)).at(-1)?.seq ?? 0)) ?? 0;
  await until(
    'fills of new orders',
    async () => (fillsOfNewOrdersIn(await venueLog(kubectl, place, last)) > 0 ? true : undefined),
    {
      withinMs,
      everyMs: 1_000,
    },
  );
}

/** Path of the simulator in the API server's proxy. */
export function simulatorPath({ namespace, name }: StackPlace): string {
  return `/api/v1/namespaces/${namespace}/services/${name}-exchange-simulator:8085/proxy`;
}

function record(rows: readonly KeyedAmount[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}
