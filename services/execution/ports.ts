import type { ReleaseRefusal } from '../shared/domain/release/active-release.ts';
import type { Publication, PublishResult } from '../shared/redis/publisher.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import type { OrderReport } from '../shared/domain/orders/order-report.ts';
import type { SourceState, StateCommand, TradingState } from '../shared/domain/trading-state.ts';
import type { VenueHealth } from '../shared/domain/venue-health.ts';
import type { BudgetAnswer, BudgetRequest } from './core/budget/token-budget.ts';
import type { DeadLetter, DeadLetterKind } from './core/dead-letter.ts';
import type { KnownNames, ManualTrade } from './core/reconcile/manual-trade.ts';
import type { Observation } from './core/observation.ts';
import type { OrderChange } from './core/order-decider.ts';
import type { ApprovedOrder, OrderDecision, OrderRecord } from './core/order-record.ts';
import type { Portfolio, Valuation } from './core/portfolio.ts';
import type { RecordIdentity } from './core/record-identity.ts';
import type { Fence } from './core/role.ts';
import type { ComparedAges } from './core/swap/compared-ages.ts';

/** Identifies an order in an observation. The venue does not always return our ID. */
export interface OrderKey {
  readonly clientOrderId: string;
  /** Used only where the client order ID is empty. */
  readonly venueOrderId: string;
}

/** An observation of an order, to be recorded by the sender of `epoch`. */
export interface OrderObservation {
  readonly key: OrderKey;
  readonly observation: Observation;
  readonly epoch: number;
  readonly atMs: number;
}

/** `before` is the fence that was replaced, or the one because of which the grant was rejected. */
export interface FenceGrant {
  readonly granted: boolean;
  readonly before: Fence;
  /** Identity that the record had at the previous grant; undefined before the first one. */
  readonly identityBefore?: RecordIdentity | undefined;
  /** Undefined when the last holder has not released the fence, or left nothing that can be read. */
  readonly released?: ReleasedFence | undefined;
}

/** How its last holder released the fence. */
export interface ReleasedFence {
  /** Milliseconds before the grant, by the clock of the database. */
  readonly agoMs: number;
  /** What was compared with the venue. Ages at the release. */
  readonly compared: ComparedAges;
}

/**
 * Committed: the order may be sent. Duplicate: the decision or the client order ID already has an order. Fenced: the
 * sender does not hold the fence. RecordWentBack: it does, and the record has lost commits that it has seen. In both
 * cases it must stop permanently. Reducing, Flattening, Halted: the trading state forbids the order. OtherRelease,
 * ReleaseUnknown: the release of risk that approved this entry is not the active one, or none is. OutsideCanary: the
 * epoch has a canary that did not count this entry. Nothing was written.
 */
export type IntentOutcome =
  | 'Committed'
  | 'Duplicate'
  | 'OutsideCanary'
  | IntentRefusal
  | ReleaseRefusal
  | Exclude<TradingState, 'Active'>;

/** Who commits an intent, which release of risk approved its order, and which canary counted it. */
export interface IntentTerms extends Omit<Fence, 'canary'> {
  /** Undefined of an order that no approval is known of: that is recorded, and never sent. */
  readonly approvedBy: string | undefined;
  /** First epoch of the canary that counted the order; undefined if none did. */
  readonly counted?: number | undefined;
}

/** Why no intent of a sender is committed any more. */
export type IntentRefusal = 'Fenced' | 'RecordWentBack';

/** An approval that cannot be parsed. It is never sent. */
export interface MalformedApproval {
  readonly decisionId: string;
  readonly problem: string;
  readonly payload: unknown;
}

/** A transfer that a person books, in the asset. A positive amount is a deposit. */
export interface Transfer {
  readonly id: string;
  readonly asset: string;
  readonly amount: Decimal;
  readonly author: string;
  readonly reason: string;
}

export interface BookedTransfers {
  readonly booked: readonly Transfer[];
  /** Of unknown assets. */
  readonly waiting: readonly Transfer[];
}

/** A trade by hand that is not booked, and why. */
export interface RefusedManualTrade {
  readonly trade: ManualTrade;
  readonly problem: string;
}

export interface BookedManualTrades {
  readonly booked: readonly ManualTrade[];
  readonly refused: readonly RefusedManualTrade[];
  /** IDs of those that are not booked and that the call did not judge: of rows that somebody edits, and of `apart`. */
  readonly waiting: readonly string[];
}

/** What the venue reports of an asset. `free` is what no order locks there, whoever placed it. */
export interface VenueAmounts {
  readonly total: Decimal;
  readonly free: Decimal;
}

/** `isNew`: this call recorded it. `seenMs`: when it was first seen, UTC milliseconds. */
export interface QuarantinedOrder {
  readonly isNew: boolean;
  readonly seenMs: number;
}

/** How far the fills of a symbol at the venue are read. */
export interface FillsRead {
  /**
   * Every older fill of this stack is booked or set apart. The venue's time, UTC milliseconds; undefined
   * before the first.
   */
  readonly toMs: number | undefined;
  /** Identifies the database. It changes with a restore and a failover, after which the last bookings may be lost. */
  readonly database: string;
}

/** How far the fills of a symbol are read, all of them booked in `database`. */
export interface FillsReadTo {
  readonly symbol: string;
  readonly toMs: number;
  readonly database: string;
}

export interface OpenApprovals {
  readonly orders: readonly ApprovedOrder[];
  readonly malformed: readonly MalformedApproval[];
}

/** A row of an order that cannot be read. */
export interface MalformedOrder {
  readonly clientOrderId: string;
  /** Empty when it cannot be read. */
  readonly symbol: string;
  /** UTC milliseconds; undefined when it cannot be read. */
  readonly deadlineMs: number | undefined;
  readonly row: unknown;
  readonly problem: string;
}

export interface LoadedOrders {
  readonly orders: readonly OrderRecord[];
  readonly malformed: readonly MalformedOrder[];
}

/** Asks for the time of each `every`th recorded fill since `fromMs`, oldest first and at most `count`. UTC ms. */
export interface FillTimesQuery {
  readonly fromMs: number;
  readonly every: number;
  readonly count: number;
}

/**
 * The record: all state that outlives this process. Every call rejects when the database is unavailable. Writes are
 * atomic. `commitIntent` and `recordObservation` reject with UnprocessableError when the content itself cannot be
 * recorded, so that repeating them is useless.
 */
export interface ExecutionStore {
  readFence(): Promise<Fence>;
  /** Repeating it for the held epoch sets the canary of that epoch. */
  raiseFence(desired: Fence): Promise<FenceGrant>;
  /** Returns whether the fence is released now: false when `held` is not the fence. May be repeated. */
  releaseFence(held: Fence, compared: ComparedAges): Promise<boolean>;
  /**
   * Returns which database has the record and how many commits it has. A process that has seen more, or another
   * database, knows that commits may be lost.
   */
  recordIdentity(): Promise<RecordIdentity>;
  /** Returns the newest trading state of each source. */
  readTradingStates(): Promise<readonly SourceState[]>;
  /**
   * Appends what a source asks for when it succeeds the newest state of the source. When it resolves, no intent that
   * the state forbids can be committed.
   */
  setTradingState(command: StateCommand): Promise<SourceState | undefined>;
  /**
   * Commits the first row of an order. The trading state, the active release of risk and the canary of the epoch
   * concern only orders that are about to be sent.
   */
  commitIntent(terms: IntentTerms, order: OrderRecord): Promise<IntentOutcome>;
  /**
   * Writes everything that follows from an observation in one transaction. Undefined when the order does not exist. A
   * sale that the venue rejects for lack of funds is noted with its position, until the next fill of the position.
   */
  recordObservation(observation: OrderObservation): Promise<OrderChange | undefined>;
  /** Returns the orders that have not ended, and those of `ids` whatever their state. */
  loadOrders(ids: readonly string[]): Promise<LoadedOrders>;
  /**
   * Returns the client order IDs of the orders whose cancellation risk has requested, with or without a row. Some that
   * have ended may be among them.
   */
  cancelRequests(): Promise<ReadonlySet<string>>;
  /** Returns an approval that has no order yet. Also undefined when it cannot be parsed. */
  findApproval(decisionId: string): Promise<ApprovedOrder | undefined>;
  /** Returns the decision that approved the order with this client order ID, also when it has an order already. */
  findDecision(clientOrderId: string): Promise<OrderDecision | undefined>;
  /**
   * Returns approvals without an order except those of `except`, including those past their deadline: exits first, then
   * the oldest. One call may return only a part of them, and those after it the rest.
   */
  openApprovals(except: readonly string[]): Promise<OpenApprovals>;
  /** Returns the time of the newest recorded fill, UTC milliseconds; undefined before the first. */
  fillWatermark(symbol: string): Promise<number | undefined>;
  fillTimes(symbol: string, query: FillTimesQuery): Promise<readonly number[]>;
  /** Returns the keys (`tradeKeyOf`) of the recorded executions of these trades of the venue. */
  recordedTrades(symbol: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Returns those of the venue's order IDs that are of recorded orders. */
  recordedOrders(venueOrderIds: readonly string[]): Promise<ReadonlySet<string>>;
  fillsRead(symbol: string): Promise<FillsRead>;
  /**
   * Moves forward how far fills are read, never back. Returns false, and writes nothing, unless `held` is the fence and
   * the database the one in which they are booked.
   */
  recordFillsRead(held: Fence, read: FillsReadTo): Promise<boolean>;
  /**
   * Opens the ledger when the stack has no opening yet: posts these balances minus what is already posted. Returns
   * whether it did.
   */
  openLedger(balances: ReadonlyMap<string, Decimal>): Promise<boolean>;
  /**
   * Posts transfers that people asked to book and that are not booked yet, each once, at most 100 a call. Those of
   * assets that are not among these stay as they are.
   */
  bookTransfers(assets: ReadonlySet<string>): Promise<BookedTransfers>;
  /**
   * Books trades that people asked to book and that are not booked yet, oldest first, at most 1,000 a call: each once,
   * and whole or not at all. Those that cannot be booked stay as they are, and hold up no other: a call goes on where
   * the last one of this process ended. `apart`: IDs of those that were refused before.
   */
  bookManualTrades(known: KnownNames, apart: ReadonlySet<string>): Promise<BookedManualTrades>;
  /** Returns the balances at the venue according to the ledger, per asset. */
  readLedger(): Promise<ReadonlyMap<string, Decimal>>;
  /** Returns the assets that drifted in the last recorded comparison. */
  driftingAssets(): Promise<ReadonlySet<string>>;
  /**
   * Records a comparison: the balances that the venue reported to a request of `atMs` (UTC milliseconds), and the
   * assets that drift. An asset that it did not report is at zero there. One that it reported unreadably, with the
   * value undefined, stays as it is recorded, and ages.
   */
  recordVenueBalances(
    balances: ReadonlyMap<string, VenueAmounts | undefined>,
    atMs: number,
    drifting: readonly string[],
  ): Promise<void>;
  /** Records an order that does not carry our tag, seen at `atMs`. Later calls leave the first record as it is. */
  insertQuarantine(report: OrderReport, atMs: number): Promise<QuarantinedOrder>;
  /** Keeps something that could not be processed, until it is cleared. */
  keepDeadLetter(letter: DeadLetter): Promise<void>;
  /** Clears the letter of something that was processed, or is over. */
  clearDeadLetter(key: Pick<DeadLetter, 'kind' | 'id'>): Promise<void>;
  /** Returns those of the IDs whose letters a person has cleared. */
  clearedDeadLetters(kind: DeadLetterKind, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Returns the letters that are not cleared, oldest first; at most 1,000. */
  openDeadLetters(): Promise<readonly DeadLetter[]>;
  /** Returns the symbols of which a strategy holds something. */
  heldSymbols(): Promise<ReadonlySet<string>>;
  /** Returns what is displayed and recorded of positions, with the fees. */
  loadPortfolio(): Promise<Portfolio>;
  insertSnapshots(atMs: number, valuations: readonly Valuation[]): Promise<void>;
  /** Replaces what is recorded of the venue, unless a newer sender recorded it. `atMs` is the time of this process. */
  recordVenueHealth(epoch: number, health: VenueHealth, atMs: number): Promise<void>;
}

/** The request budget of the account, which all processes share. Rejects while it is unavailable. */
export interface SharedBudget {
  take(request: BudgetRequest): Promise<BudgetAnswer>;
}

/** The epoch that was granted last, kept apart from the database. Rejects while it is unavailable. */
export interface SharedEpoch {
  /** Undefined before the first, and when it was lost. */
  read(): Promise<number | undefined>;
  /** Replaces it, also a higher one: a fence that was restored begins below. */
  write(epoch: number): Promise<void>;
}

/** A committed message to publish. */
export interface OutboxRow {
  readonly id: string;
  readonly stream: string;
  readonly payload?: unknown;
  /** The database's time, UTC milliseconds. */
  readonly createdMs: number;
}

export interface OutboxPorts {
  /**
   * Returns unpublished messages in the order of publication: every message that is returned later has a higher ID,
   * except those that are returned again. None when `held` is not the fence.
   */
  readonly load: (terms: { readonly held: Fence; readonly limit: number }) => Promise<readonly OutboxRow[]>;
  readonly mark: (ids: readonly string[]) => Promise<void>;
  readonly forget: (beforeMs: number) => Promise<void>;
  readonly publish: (entry: Publication) => Promise<PublishResult>;
}
