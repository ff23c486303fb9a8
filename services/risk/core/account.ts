import type { Side } from '../../shared/domain/side.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { OrderType } from '../../shared/domain/orders/order.ts';
import type { BreakerReset, EquityRecord, TrippedBreaker } from './breakers/breaker.ts';
import type { BalanceView, OrderView, PositionView, RequestedState } from './risk-state.ts';
import type { SenderCanary } from './canary/sender-canary.ts';
import type { CancelRequest } from './exits/cancel-request.ts';
import type { EntryAttempts } from './entries/entry-attempts.ts';
import type { ObservedHealth } from '../../shared/domain/venue-health.ts';
import type { WantedStance } from './stances/wanted-stance.ts';
import type { StopRecord } from './stops/stop-record.ts';
import type { UnreadAccountRow } from './unread-rows.ts';

/** An approval that execution has not turned into an order yet. It reserves funds like a live order. */
export interface OpenApproval {
  readonly clientOrderId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** UTC milliseconds; undefined if that cannot be read. */
  readonly decidedAt?: number | undefined;
}

/** Everything in the database that a decision depends on, read in one snapshot. */
export interface Account {
  /** The newest trading state of each source. */
  readonly tradingStates: readonly RequestedState[];
  readonly positions: readonly PositionView[];
  readonly liveOrders: readonly OrderView[];
  readonly openApprovals: readonly OpenApproval[];
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
  /** Requests of people to leave the drawdown breaker, not fulfilled yet, oldest first. */
  readonly breakerResets: readonly BreakerReset[];
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
  /** What could not be read of all this. */
  readonly unread: readonly UnreadAccountRow[];
}
