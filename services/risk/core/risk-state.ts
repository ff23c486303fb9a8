import type { ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import type { SignalMessage } from '../../shared/contracts/messages/signal.ts';
import type { RiskSettings } from '../../shared/contracts/services/risk.ts';
import type { Approved } from '../../shared/domain/orders/approved.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Digest } from '../../shared/domain/ids.ts';
import type { MarketSnapshot } from '../../shared/domain/market-snapshot.ts';
import type { OrderStateKind, OrderType } from '../../shared/domain/orders/order.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { SourceState } from '../../shared/domain/trading-state.ts';
import type { ObservedHealth } from '../../shared/domain/venue-health.ts';
import type { EquityRecord, TrippedBreaker } from './breakers/breaker.ts';
import type { EntryAttempts } from './entries/entry-attempts.ts';
import type { SenderCanary } from './canary/sender-canary.ts';
import type { CancelRequest } from './exits/cancel-request.ts';
import type { WantedStance } from './stances/wanted-stance.ts';
import type { StopRecord } from './stops/stop-record.ts';
import type { UnreadAccountRow } from './unread-rows.ts';

export type ApprovedOrder = Approved<ApprovedOrderMessage>;
export type Signal = SignalMessage;

/** The part of the settings that decisions depend on. */
export type RiskPolicy = Pick<
  RiskSettings,
  'currency' | 'limits' | 'breakers' | 'symbols' | 'sizing' | 'entryValidMs' | 'orderDeadlineMs'
>;

/** The trading state that one source asks for. */
export type RequestedState = Pick<SourceState, 'source' | 'state' | 'reason'>;

export interface PositionView {
  readonly strategy: string;
  readonly symbol: string;
  /** Base held. */
  readonly quantity: Decimal;
  /** Cost, in quote. */
  readonly cost: Decimal;
  /** When the venue last rejected an exit for lack of funds, UTC milliseconds; undefined after a fill since then. */
  readonly exitRefusedAtMs?: number | undefined;
}

/** An order that may still change the position: a live order, or an approval without an intent (`Approved`). */
export interface OrderView {
  readonly clientOrderId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  readonly state: OrderStateKind | 'Approved';
  readonly reservedAsset: string;
  readonly reserved: Decimal;
  /** When its intent was committed, or its approval decided, UTC milliseconds; undefined if that cannot be read. */
  readonly sinceMs?: number | undefined;
  /** What it has executed in all, once the venue has reported its end: not all of those fills may be recorded. */
  readonly finalExecuted?: Decimal | undefined;
}

/** What no order locked at the venue, whoever placed it. */
export interface VenueFree {
  readonly amount: Decimal;
  /** When the venue was asked, UTC milliseconds. */
  readonly atMs: number;
}

export interface BalanceView {
  readonly asset: string;
  /** Balance at the venue according to our ledger. */
  readonly ledger: Decimal;
  /** When ledger and venue were last compared, UTC milliseconds; 0 for never. */
  readonly reconciledAtMs: number;
  /** What the venue last reported as free; undefined if it is unknown. */
  readonly venueFree?: VenueFree | undefined;
  /** Whether ledger and venue have differed for several comparisons. */
  readonly drifting?: boolean;
}

/** Everything that a decision depends on, read before it. */
export interface RiskState {
  /** UTC milliseconds. */
  readonly nowMs: number;
  readonly stack: string;
  /** Release hash of risk. */
  readonly release: string;
  readonly digest: Digest;
  readonly policy: RiskPolicy;
  /** From the record and from the commands of this process. The most restrictive one decides. */
  readonly tradingStates: readonly RequestedState[];
  readonly market: MarketSnapshot;
  /** Mid price of each symbol whose order book is known. */
  readonly marks: ReadonlyMap<string, Decimal>;
  /** The same of order books that are at most `maxFeedAgeMs` old: the source of rates. */
  readonly freshMarks: ReadonlyMap<string, Decimal>;
  readonly positions: readonly PositionView[];
  readonly orders: readonly OrderView[];
  /** The balance of a missing asset is unknown. */
  readonly balances: readonly BalanceView[];
  /** Buys approved during the last second. */
  readonly entriesLastSecond: number;
  /** The newest accepted stance of each strategy and symbol. */
  readonly stances: readonly WantedStance[];
  /** Of these stances, those of which an entry was approved. */
  readonly entryAttempts: readonly EntryAttempts[];
  /** Of positions whose strategy has stops. */
  readonly stops: readonly StopRecord[];
  /** Of orders that have not ended, and of the last moments. */
  readonly cancelRequests: readonly CancelRequest[];
  /** Those that have tripped and not left. */
  readonly breakers: readonly TrippedBreaker[];
  /** Undefined before the first equity of the stack. */
  readonly equityRecord: EquityRecord | undefined;
  /** Deposits less withdrawals that people booked so far, by asset. */
  readonly bookedTransfers: ReadonlyMap<string, Decimal>;
  /** Fees that were booked so far, by asset. */
  readonly feesPaid: ReadonlyMap<string, Decimal>;
  /** What execution last recorded of the venue; undefined before its first record. */
  readonly venueHealth: ObservedHealth | undefined;
  /** What bounds the entries of the sender; undefined without. */
  readonly canary: SenderCanary | undefined;
  /** Rows of the account that could not be read. */
  readonly unread: readonly UnreadAccountRow[];
}
