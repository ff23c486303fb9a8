import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { OrderType } from '../../../shared/domain/orders/order.ts';
import type { RequoteObstacle } from '../entries/requote.ts';
import type { Side } from '../../../shared/domain/side.ts';

/** The order that would meet a stance, before any check. */
export interface Draft {
  readonly side: Side;
  readonly type: OrderType;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

export type NoActionReason = 'StanceMet' | 'StaleEntry' | 'StoppedOut' | 'OrderLive' | 'Dust' | RequoteObstacle;

export type Sizing =
  | { readonly kind: 'Draft'; readonly draft: Draft }
  | { readonly kind: 'NoAction'; readonly reason: NoActionReason }
  /** Data for sizing the order is missing; the precondition checks report which. */
  | { readonly kind: 'Unpriced' };
