import type { Decimal } from '../shared/domain/decimal.ts';
import type { OrderReport } from '../shared/domain/order-report.ts';
import type { Observation } from './core/observation.ts';
import type { OrderChange } from './core/order-decider.ts';
import type { ApprovedOrder, OrderRecord } from './core/order-record.ts';
import type { Portfolio, Valuation } from './core/portfolio.ts';
import type { Fence } from './core/role.ts';

/** Identifies an order in an observation. The venue does not always return our id. */
export interface OrderKey {
  readonly clientOrderId: string;
  /** Used only where the client order id is empty. */
  readonly venueOrderId: string;
}

/** An observation of an order, to be recorded by the sender of `epoch`. */
export interface OrderObservation {
  readonly key: OrderKey;
  readonly observation: Observation;
  readonly epoch: number;
  readonly atMs: number;
}

/** `before` is the fence that was replaced, or the one that refuses the grant. */
export interface FenceGrant {
  readonly granted: boolean;
  readonly before: Fence;
}

/**
 * Committed: the order may be sent. Duplicate: the decision or the client order id has an order already. Fenced: the
 * sender does not hold the fence, and must stop permanently.
 */
export type IntentOutcome = 'Committed' | 'Duplicate' | 'Fenced';

/** An approval whose order cannot be read. It is never sent. */
export interface MalformedApproval {
  readonly decisionId: string;
  readonly problem: string;
}

export interface OpenApprovals {
  readonly orders: readonly ApprovedOrder[];
  readonly malformed: readonly MalformedApproval[];
}

/** The record: everything that has to outlive this process. Every call rejects when the database is away; writes are whole or not at all. */
export interface ExecutionStore {
  readFence(): Promise<Fence>;
  raiseFence(wanted: Fence): Promise<FenceGrant>;
  releaseFence(held: Fence): Promise<void>;
  /** Sources whose newest word is a halt. */
  readHalts(): Promise<readonly string[]>;
  commitIntent(fence: Fence, order: OrderRecord): Promise<IntentOutcome>;
  /** Writes all that follows from an observation in one transaction; undefined when there is no such order. */
  recordObservation(observation: OrderObservation): Promise<OrderChange | undefined>;
  /** Every order that has not ended, and those of `ids`. */
  loadOrders(ids: readonly string[]): Promise<readonly OrderRecord[]>;
  /** The approved order of a decision that has no order yet; undefined too when it cannot be read. */
  findApproval(decisionId: string): Promise<ApprovedOrder | undefined>;
  /** Approvals without an order but those of `except`, oldest first, also those past their deadline. */
  openApprovals(except: readonly string[]): Promise<OpenApprovals>;
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
