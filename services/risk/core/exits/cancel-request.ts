/**
 * Why a buy is withdrawn or cancelled. Leaving: its own strategy leaves the position, its strategy or pair is not
 * configured any more, or it reserves coins of another position that is left. SelfTrade: an exit would trade with it.
 */
export type CancelReason = 'Leaving' | 'SelfTrade';

/** A buy that stands in the way of an exit, known by its client order ID. */
export interface WantedCancel {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly reason: CancelReason;
}

/** What risk has asked execution to cancel. The order may have ended since. */
export interface CancelRequest {
  readonly clientOrderId: string;
  readonly symbol: string;
  /** When it was first requested, UTC milliseconds. */
  readonly requestedAtMs: number;
}
