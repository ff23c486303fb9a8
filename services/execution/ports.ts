import type { Decimal } from '../shared/domain/decimal.ts';
import type { OrderReport } from '../shared/domain/order-report.ts';
import type { Observation } from './core/observation.ts';
import type { OrderChange } from './core/order-decider.ts';
import type { ApprovedOrder, OrderRecord } from './core/order-record.ts';
import type { Portfolio, Valuation } from './core/portfolio.ts';
import type { Fence } from './core/role.ts';
import type { IntentOutcome } from './store/orders/insert-intent.ts';
import type { OrderKey } from './store/orders/lock-order.ts';
import type { Raised } from './store/fence/raise-fence.ts';
import type { WaitingDecisions } from './store/decisions/waiting-decisions.ts';

/** An observation on its way into the record. */
export interface Noted {
  readonly key: OrderKey;
  readonly observation: Observation;
  /** Of the sender that notes it. */
  readonly epoch: number;
  readonly atMs: number;
}

/** The record: everything that has to outlive this process. Every call rejects when the database is away; writes are whole or not at all. */
export interface ExecutionStore {
  readFence(): Promise<Fence>;
  raiseFence(wanted: Fence): Promise<Raised>;
  releaseFence(held: Fence): Promise<void>;
  /** Sources whose newest word is a halt. */
  readHalts(): Promise<readonly string[]>;
  commitIntent(fence: Fence, order: OrderRecord): Promise<IntentOutcome>;
  /** Writes all that follows from an observation in one transaction; undefined when there is no such order. */
  note(noted: Noted): Promise<OrderChange | undefined>;
  /** Every order that has not ended, and those of `ids`. */
  loadOrders(ids: readonly string[]): Promise<readonly OrderRecord[]>;
  /** The approved order of a decision that has no order yet; undefined too when it cannot be read. */
  findApproval(decisionId: string): Promise<ApprovedOrder | undefined>;
  /** Approvals without an order but those of `except`, oldest first, also those past their deadline. */
  waitingDecisions(except: readonly string[]): Promise<WaitingDecisions>;
  fillWatermark(symbol: string): Promise<number | undefined>;
  recordedTrades(symbol: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Opens the ledger when the stack has no opening yet: posts what these balances have beyond what is posted. */
  openLedger(balances: ReadonlyMap<string, Decimal>): Promise<boolean>;
  /** What the ledger says the venue holds, per asset. */
  readLedger(): Promise<ReadonlyMap<string, Decimal>>;
  recordVenueBalances(balances: ReadonlyMap<string, Decimal>, atMs: number): Promise<void>;
  insertQuarantine(report: OrderReport): Promise<boolean>;
  loadPortfolio(): Promise<Portfolio>;
  insertSnapshots(atMs: number, valuations: readonly Valuation[]): Promise<void>;
}
