import type { Pool } from 'pg';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Posting } from '../../shared/domain/ledger.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { StateCommand } from '../../shared/domain/trading-state.ts';
import { readTradingStates } from '../../shared/postgres/trading-states/read-trading-states.ts';
import { setTradingState } from '../../shared/postgres/trading-states/set-trading-state.ts';
import type { Observation } from '../core/observation.ts';
import type { OrderChange } from '../core/order-decider.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { Valuation } from '../core/portfolio.ts';
import type { Fence } from '../core/role.ts';
import { changeOrder, type OrderChangeOptions } from './orders/change-order.ts';
import { createCommitIntent } from './orders/commit-intent.ts';
import { fillWatermark } from './orders/fill-watermark.ts';
import { findApproval } from './decisions/find-approval.ts';
import { insertQuarantine } from './orders/insert-quarantine.ts';
import { insertSnapshots } from './portfolio/insert-snapshots.ts';
import { loadOrders } from './orders/load-orders.ts';
import { loadPortfolio } from './portfolio/load-portfolio.ts';
import type { OrderObservation } from '../ports.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { raiseFence } from './fence/raise-fence.ts';
import { readFence } from './fence/read-fence.ts';
import { readLedger } from './ledger/read-ledger.ts';
import { recordVenueBalances } from './ledger/record-venue-balances.ts';
import { recordedTrades } from './orders/recorded-trades.ts';
import { recordIdentity } from './fence/record-identity.ts';
import { releaseFence } from './fence/release-fence.ts';
import { createOpenApprovals } from './decisions/open-approvals.ts';

/** Rules that decide what is written. The store itself makes no decisions. */
export interface StoreRules {
  readonly observe: (order: OrderRecord, observation: Observation) => OrderChange;
  readonly effectsOf: OrderChangeOptions['effectsOf'];
  readonly transferOf: (asset: string, amount: Decimal) => readonly Posting[];
}

/**
 * Creates the record of one stack in Postgres: the statements of this folder, bound to a pool. `history` serves the
 * reads whose cost grows with the history.
 */
export function createPostgresStore(
  pool: Pool,
  stack: string,
  { observe, effectsOf, transferOf }: StoreRules,
  history: Pool = pool,
) {
  return {
    readFence: async () => await readFence(pool, stack),
    raiseFence: async (desired: Fence) => await raiseFence(pool, stack, desired),
    releaseFence: async (held: Fence) => await releaseFence(pool, stack, held),
    recordIdentity: async () => await recordIdentity(pool, stack),
    readTradingStates: async () => await readTradingStates(pool, stack),
    setTradingState: async (command: StateCommand) => await setTradingState(pool, stack, command),
    commitIntent: createCommitIntent(pool, stack),
    recordObservation: async ({ key, observation, epoch, atMs }: OrderObservation) =>
      await changeOrder(pool, stack, key, { epoch, atMs, effectsOf, decide: (order) => observe(order, observation) }),
    loadOrders: async (ids: readonly string[]) => await loadOrders(pool, stack, ids),
    findApproval: async (decisionId: string) => await findApproval(pool, stack, decisionId),
    openApprovals: createOpenApprovals(history, stack),
    fillWatermark: async (symbol: string) => await fillWatermark(pool, stack, symbol),
    recordedTrades: async (symbol: string, ids: readonly string[]) => await recordedTrades(pool, stack, symbol, ids),
    openLedger: async (balances: ReadonlyMap<string, Decimal>) => await openLedger(pool, stack, balances, transferOf),
    readLedger: async () => await readLedger(pool, stack),
    recordVenueBalances: async (balances: ReadonlyMap<string, Decimal>, atMs: number) =>
      await recordVenueBalances(pool, stack, balances, atMs),
    insertQuarantine: async (report: OrderReport) => await insertQuarantine(pool, stack, report),
    loadPortfolio: async () => await loadPortfolio(history, stack),
    insertSnapshots: async (atMs: number, valuations: readonly Valuation[]) =>
      await insertSnapshots(history, stack, atMs, valuations),
  };
}
