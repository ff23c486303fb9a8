import { z } from 'zod';
import { clientOrderId, count, label, nonNegativeDecimal, positiveDecimal, side, symbol, timeMs } from '../field.ts';

/** `orders.events`: one step of an order, published from the outbox after its commit. */
export const orderEventMessage = z.strictObject({
  stack: label,
  strategy: label,
  clientOrderId,
  symbol,
  state: z.string().min(1).max(20),
  filled: nonNegativeDecimal,
  /** Code or reason of Rejected and NeverSent. */
  reason: z.string().max(200).optional(),
  epoch: count,
  at: timeMs,
});
export type OrderEventPayload = z.input<typeof orderEventMessage>;

/** `fills`: one execution, published from the outbox after its commit. */
export const fillMessage = z.strictObject({
  stack: label,
  strategy: label,
  venueTradeId: z.string().min(1).max(64),
  venueOrderId: z.string().min(1).max(64),
  clientOrderId,
  symbol,
  side,
  price: positiveDecimal,
  quantity: positiveDecimal,
  fee: nonNegativeDecimal,
  feeAsset: z.string().min(1).max(20),
  maker: z.boolean(),
  time: timeMs,
});
export type FillPayload = z.input<typeof fillMessage>;
