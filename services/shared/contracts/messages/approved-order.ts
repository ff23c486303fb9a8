import { z } from 'zod';
import { ORDER_TYPES } from '../../domain/orders/order.ts';
import { clientOrderId, label, positiveDecimal, side, symbol, timeMs } from '../field.ts';

export const orderType = z.enum(ORDER_TYPES);

/** When a resting entry is cancelled because the market has left it behind: see `RequoteTerms`. */
export const requoteTerms = z.object({ above: positiveDecimal, fromMs: timeMs, untilMs: timeMs });

/** Message of `orders.approved`, also stored as JSON in `risk.decisions`: an order that passed every risk check. */
export const approvedOrderMessage = z.object({
  /** ID of the signal: one decision per signal. */
  decisionId: z.string().min(1).max(160),
  stack: label,
  strategy: label,
  clientOrderId,
  symbol,
  side,
  type: orderType,
  price: positiveDecimal,
  quantity: positiveDecimal,
  /** The order is not sent after this time; a resting order is cancelled then. */
  deadline: timeMs,
  /**
   * When the signal of an entry becomes too old: the order is not sent after this time either, and rests beyond it.
   * Absent: not before the deadline.
   */
  sendUntil: timeMs.exactOptional(),
  /** Absent: the order rests until its deadline. */
  requote: requoteTerms.exactOptional(),
  decidedAt: timeMs,
  /** First epoch of the canary whose bound counted this entry. Absent: none did. */
  canary: z.int().min(1).max(Number.MAX_SAFE_INTEGER).exactOptional(),
  /** Hash of the inputs of the checks, and release of risk. */
  riskHash: z.string().min(1).max(64),
  release: z.string().min(1).max(64),
});

/** The same as risk writes it: no other field, so that a mistake leaves no approval. */
export const approvedOrderDocument = z.strictObject({
  ...approvedOrderMessage.shape,
  requote: z.strictObject(requoteTerms.shape).exactOptional(),
});
export type ApprovedOrderMessage = z.output<typeof approvedOrderMessage>;
export type ApprovedOrderPayload = z.input<typeof approvedOrderMessage>;
