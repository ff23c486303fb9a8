import { mayRest, type OrderType } from '../../../shared/domain/orders/order.ts';
import type { Side } from '../../../shared/domain/side.ts';

/**
 * Why a resting buy is cancelled. Leaving: its own strategy leaves the position, or it reserves coins of another
 * position that is left. SelfTrade: an exit would trade with it.
 */
export type CancelReason = 'Leaving' | 'SelfTrade';

/** A resting buy that stands in the way of an exit, known by its client order ID. */
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

/** Whether an order is a buy that may rest at the venue, or will once its approval is sent. */
export function isRestingBuy({ side, type }: { readonly side: Side; readonly type: OrderType }): boolean {
  return side === 'buy' && mayRest(type);
}
