import type { Pool } from 'pg';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Posting } from '../../shared/domain/ledger.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { StateCommand } from '../../shared/domain/trading-state.ts';
import type { VenueHealth } from '../../shared/domain/venue-health.ts';
import { readTradingStates } from '../../shared/postgres/trading-states/read-trading-states.ts';
import { setTradingState } from '../../shared/postgres/trading-states/set-trading-state.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import type { DeadLetter, DeadLetterKind } from '../core/dead-letter.ts';
import type { KnownNames, ManualEffects, ManualTrade } from '../core/reconcile/manual-trade.ts';
import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { Observation } from '../core/observation.ts';
import type { OrderChange } from '../core/order-decider.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { Valuation } from '../core/portfolio.ts';
import type { Fence } from '../core/role.ts';
import type { ComparedAges } from '../core/swap/compared-ages.ts';
import { changeOrder, type OrderChangeOptions } from './orders/change-order.ts';
import { createCommitIntent } from './orders/commit-intent.ts';
import { fillWatermark } from './orders/fill-watermark.ts';
import { fillTimes } from './fills/fill-times.ts';
import { fillsRead } from './fills/fills-read.ts';
import { recordFillsRead } from './fills/record-fills-read.ts';
import { findApproval } from './decisions/find-approval.ts';
import { findDecision } from './decisions/find-decision.ts';
import { insertQuarantine } from './orders/insert-quarantine.ts';
import { heldSymbols } from './portfolio/held-symbols.ts';
import { insertSnapshots } from './portfolio/insert-snapshots.ts';
import { loadOrders } from './orders/load-orders.ts';
import { loadPortfolio } from './portfolio/load-portfolio.ts';
import type { ExecutionStore, FillsReadTo, FillTimesQuery, IntentTerms, OrderObservation } from '../ports.ts';
import { createManualTradeBooking } from './ledger/book-manual-trades.ts';
import { bookTransfers } from './ledger/book-transfers.ts';
import { driftingAssets } from './ledger/drifting-assets.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { raiseFence } from './fence/raise-fence.ts';
import { readFence } from './fence/read-fence.ts';
import { readLedger } from './ledger/read-ledger.ts';
import { recordVenueBalances } from './ledger/record-venue-balances.ts';
import { readCancelRequests } from './orders/read-cancel-requests.ts';
import { recordedOrders } from './orders/recorded-orders.ts';
import { recordedTrades } from './orders/recorded-trades.ts';
import { recordIdentity } from './fence/record-identity.ts';
import { releaseFence } from './fence/release-fence.ts';
import { clearDeadLetter } from './dead-letters/clear-dead-letter.ts';
import { clearedDeadLetters } from './dead-letters/cleared-dead-letters.ts';
import { keepDeadLetter } from './dead-letters/keep-dead-letter.ts';
import { openDeadLetters } from './dead-letters/open-dead-letters.ts';
import { openApprovals } from './decisions/open-approvals.ts';
import { recordVenueHealth } from './venue/record-venue-health.ts';

/** Rules that decide what is written. The store itself makes no decisions. */
export interface StoreRules {
  readonly observe: (order: OrderRecord, observation: Observation) => OrderChange;
  readonly effectsOf: OrderChangeOptions['effectsOf'];
  readonly transferOf: (asset: string, amount: Decimal) => readonly Posting[];
  readonly manualEffects: (trade: ManualTrade, position: Position | undefined, known: KnownNames) => ManualEffects;
}

/**
 * Creates the record of one stack in Postgres: the statements of this folder, bound to a pool. `history` serves the
 * reads whose cost grows with the history.
 */
export function createPostgresStore(
  pool: Pool,
  stack: string,
  { observe, effectsOf, transferOf, manualEffects }: StoreRules,
  history: Pool = pool,
) {
  const commitIntent = createCommitIntent(pool, stack);
  const bookByHand = createManualTradeBooking(pool);
  return {
    readFence: async () => await readFence(pool, stack),
    raiseFence: async (desired: Fence) => await raiseFence(pool, stack, desired),
    releaseFence: async (fence: Fence, compared: ComparedAges) => await releaseFence(pool, stack, { fence, compared }),
    recordIdentity: async () => await recordIdentity(pool, stack),
    readTradingStates: async () => await readTradingStates(pool, stack),
    setTradingState: async (command: StateCommand) => await setTradingState(pool, stack, command),
    commitIntent: async (terms: IntentTerms, order: OrderRecord) =>
      await processable(async () => await commitIntent(terms, order)),
    recordObservation: async ({ key, observation, epoch, atMs }: OrderObservation) => {
      const decide = (order: OrderRecord): OrderChange => observe(order, observation);
      return await processable(async () => await changeOrder(pool, stack, key, { epoch, atMs, effectsOf, decide }));
    },
    loadOrders: async (ids: readonly string[]) => await loadOrders(pool, stack, ids),
    cancelRequests: async () => await readCancelRequests(pool, stack),
    findApproval: async (decisionId: string) => await findApproval(pool, stack, decisionId),
    findDecision: async (clientOrderId: string) => await findDecision(pool, stack, clientOrderId),
    openApprovals: async (except: readonly string[]) => await openApprovals(history, stack, except),
    fillWatermark: async (symbol: string) => await fillWatermark(pool, stack, symbol),
    fillTimes: async (symbol: string, query: FillTimesQuery) => await fillTimes(pool, stack, symbol, query),
    recordedTrades: async (symbol: string, ids: readonly string[]) => await recordedTrades(pool, stack, symbol, ids),
    recordedOrders: async (venueOrderIds: readonly string[]) => await recordedOrders(pool, stack, venueOrderIds),
    fillsRead: async (symbol: string) => await fillsRead(pool, stack, symbol),
    recordFillsRead: async (held: Fence, read: FillsReadTo) => await recordFillsRead(pool, stack, held, read),
    openLedger: async (balances: ReadonlyMap<string, Decimal>) => await openLedger(pool, stack, balances, transferOf),
    bookTransfers: async (assets: ReadonlySet<string>) => await bookTransfers(pool, { stack, assets, transferOf }),
    bookManualTrades: async (...[known, apart]: Parameters<ExecutionStore['bookManualTrades']>) => {
      const byHand = (trade: ManualTrade, position: Position | undefined) => manualEffects(trade, position, known);
      return await bookByHand({ stack, effectsOf: byHand }, apart);
    },
    readLedger: async () => await readLedger(pool, stack),
    driftingAssets: async () => await driftingAssets(pool, stack),
    recordVenueBalances: async (...[balances, atMs, drifting]: Parameters<ExecutionStore['recordVenueBalances']>) =>
      await recordVenueBalances(pool, stack, { balances, atMs, drifting }),
    insertQuarantine: async (report: OrderReport, atMs: number) =>
      await insertQuarantine(pool, stack, { report, atMs }),
    keepDeadLetter: async (letter: DeadLetter) => await keepDeadLetter(pool, stack, letter),
    clearDeadLetter: async (key: Pick<DeadLetter, 'kind' | 'id'>) => await clearDeadLetter(pool, stack, key),
    clearedDeadLetters: async (kind: DeadLetterKind, ids: readonly string[]) =>
      await clearedDeadLetters(pool, stack, { kind, ids }),
    openDeadLetters: async () => await openDeadLetters(pool, stack),
    heldSymbols: async () => await heldSymbols(pool, stack),
    loadPortfolio: async () => await loadPortfolio(history, stack),
    insertSnapshots: async (atMs: number, valuations: readonly Valuation[]) =>
      await insertSnapshots(history, stack, atMs, valuations),
    recordVenueHealth: async (epoch: number, health: VenueHealth) =>
      await recordVenueHealth(history, stack, { epoch, health }),
  };
}

/** Distinguishes what the data causes from a database that is unavailable. */
async function processable<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isPostgresUnavailable(error) ? error : new UnprocessableError(error);
  }
}
