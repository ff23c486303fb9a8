import { z } from 'zod';
import { clientOrderId, count, label, nonNegativeDecimal, positiveDecimal, side, symbol, timeMs } from '../field.ts';

/** Message of `orders.events`: one transition of an order, published from the outbox after its commit. */
export const orderEventMessage = z.object({
  stack: label,
  strategy: label,
  clientOrderId,
  symbol,
  state: z.string().min(1).max(20),
  filled: nonNegativeDecimal,
  /** Code of Rejected, or reason of NeverSent. */
  reason: z.string().max(200).optional(),
  epoch: count,
  at: timeMs,
});
export type OrderEventPayload = z.input<typeof orderEventMessage>;

/** Message of `fills`: one execution, published from the outbox after its commit. */
export const fillMessage = z.object({
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
