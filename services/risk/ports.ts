import type { ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import type { StopRules } from '../shared/contracts/services/risk.ts';
import type { ActiveRelease, DecisionScope, SeenRelease } from '../shared/domain/release/active-release.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import type { SourceState, StateCommand } from '../shared/domain/trading-state.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { Account } from './core/account.ts';
import type { EquityRecord, TrippedBreaker } from './core/breakers/breaker.ts';
import type { LeaveCause } from './core/breakers/plan-breakers.ts';
import type { RefusedOrder } from './core/exits/attempts.ts';
import type { WantedCancel } from './core/exits/cancel-request.ts';
import type { Signal } from './core/risk-state.ts';
import type { RecordedDecision, Ruling } from './core/rulings.ts';
import type { Conflated } from './core/stances/conflate.ts';
import type { ReachedStop, StopRecord } from './core/stops/stop-record.ts';

/** When and by which release decisions are made. */
export interface Moment {
  readonly stack: string;
  readonly release: string;
  /** UTC milliseconds. */
  readonly nowMs: number;
}

/** Identifies a signal to decide. */
export interface Subject {
  readonly decisionId: string;
  readonly strategy: string;
  readonly symbol: string;
}

/** Outcome of a signal: decided now, decided before, or no action needed. */
export type Decided =
  | { readonly kind: 'New'; readonly decision: RecordedDecision }
  | { readonly kind: 'Repeated'; readonly order: ApprovedOrderPayload | undefined }
  | { readonly kind: 'NoAction'; readonly reason: string };

/** Of one of several signals. `Failed`: it cannot be decided, and nothing of it is stored. */
export type Outcome = Decided | { readonly kind: 'Failed'; readonly error: unknown };

/** Rules on the subject with this index, on the account at its turn, within what the release may decide. */
export type Rule = (account: Account, index: number, scope: Exclude<DecisionScope, 'None'>) => Ruling;

/** Why a signal is not decided. `retry`: it cannot be. `yield`: only the active release may decide it. */
export interface Undecided {
  readonly kind: 'retry' | 'yield';
  readonly reason: string;
}

/** What the consumer of signals calls for each batch. */
export interface SignalIntake {
  /** Key of the position that a signal is about. */
  readonly keyOf: (signal: Signal) => string;
  /** Returns which signals of a batch to decide. */
  readonly conflate: (signals: readonly Signal[]) => Conflated;
  /**
   * Decides signals in their order, in one transaction. Returns why, for each that is not decided. Rejects when
   * Postgres is unavailable: the batch is offered again.
   */
  readonly onSignals: (signals: readonly Signal[]) => Promise<ReadonlyMap<Signal, Undecided>>;
  /** Called once for a batch, after the others are decided. */
  readonly onDropped: (dropped: Conflated['dropped']) => void;
}

/** Identifies a position that is held now, and not an earlier one of the same strategy and symbol. */
export type StopKey = Pick<StopRecord, 'strategy' | 'symbol' | 'openedAtMs'>;

/** The record of a position whose stop triggers. */
export type TriggeredRecord = Omit<StopRecord, 'rules'> & { readonly triggered: ReachedStop };

/** The end of a trip. */
export interface BreakerLeave extends Pick<TrippedBreaker, 'breaker' | 'symbol' | 'trippedAtMs'> {
  /** UTC milliseconds. */
  readonly leftAtMs: number;
  readonly cause: LeaveCause;
}

/** Everything that risk reads and writes. Methods reject when their store is unavailable. */
export interface RiskStore {
  /**
   * Decides each subject at most once, however often and to whichever process it is delivered, and keeps the stances
   * that the rule accepted: all or nothing, in their order, each on the account that the ones before it leave. An
   * approved buy counts as an entry of its stance, and ends the stop of an earlier position (`endsWithEntry`). `rule`
   * must be pure: it is called again when the transaction is retried. A subject that cannot be decided fails alone.
   * What the release may decide is read in the same transaction: NOT_ACTIVE for each subject if that is nothing.
   */
  readonly decideAll: (moment: Moment, subjects: readonly Subject[], rule: Rule) => Promise<readonly Outcome[]>;
  /** Returns which release is active; undefined without one. */
  readonly observeRelease: () => Promise<SeenRelease | undefined>;
  /** Records that a process of the release works the exits, if it is the active one. Does not wait for a locked row. */
  readonly renewRelease: (release: string) => Promise<void>;
  /**
   * Makes a release the active one if its epoch is above the current one, and returns the active one. No other release
   * decides after it.
   */
  readonly activateRelease: (wanted: ActiveRelease) => Promise<ActiveRelease>;
  /** Asks execution to withdraw or cancel buys. Of an order that was requested before, the first request stays. */
  readonly requestCancels: (nowMs: number, wanted: readonly WantedCancel[]) => Promise<void>;
  /** Returns the account as it is, for a look outside a decision. */
  readonly readAccount: (nowMs: number) => Promise<Account>;
  /** Returns those of these orders that the venue rejected, or that were never sent, by client order ID. */
  readonly refusedOrders: (clientOrderIds: readonly string[]) => Promise<ReadonlyMap<string, RefusedOrder>>;
  /** Adds the record of a position that is held, unless there is one. */
  readonly beginStop: (key: StopKey, rules: StopRules) => Promise<void>;
  /** Replaces the stops of a position; undefined removes them. */
  readonly changeStopRules: (key: StopKey, rules: StopRules | undefined) => Promise<void>;
  /** Raises the highest price of a position. The five methods of stops change nothing once a stop has triggered. */
  readonly raiseStop: (key: StopKey, highPrice: Decimal) => Promise<void>;
  /** Triggers the stop of a position. Returns false when it has triggered already, and when the position has closed. */
  readonly triggerStop: (record: TriggeredRecord) => Promise<boolean>;
  /** Forgets a position that closed without a trigger. */
  readonly endStop: (key: StopKey) => Promise<void>;
  /**
   * Replaces the equity of this revision, 0 for none, by the next one. Returns false when another process has moved it
   * since it was read.
   */
  readonly saveEquity: (record: EquityRecord) => Promise<boolean>;
  /** Trips a breaker, after which no entry that it concerns is decided. Returns false when it has tripped already. */
  readonly tripBreaker: (trip: TrippedBreaker) => Promise<boolean>;
  /** Ends exactly this trip. Returns false when it has ended already. */
  readonly leaveBreaker: (leave: BreakerLeave) => Promise<boolean>;
  /** Marks the request of a person as fulfilled. */
  readonly finishReset: (id: string) => Promise<void>;
  /** Returns the newest trading state of each source. */
  readonly readTradingStates: () => Promise<readonly SourceState[]>;
  /** Appends what a source asks for when it succeeds the newest state of the source. */
  readonly setTradingState: (command: StateCommand) => Promise<SourceState | undefined>;
  /**
   * Publishes in one round trip, and returns one result per approval. Never rejects. An approval need not arrive:
   * execution finds approvals without an order in Postgres.
   */
  readonly publish: (orders: readonly ApprovedOrderPayload[]) => Promise<readonly PublishResult[]>;
  readonly readInstruments: () => Promise<ReadonlyMap<string, Instrument>>;
}
