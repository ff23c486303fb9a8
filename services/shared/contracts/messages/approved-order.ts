import { z } from 'zod';
import { clientOrderId, label, positiveDecimal, side, symbol, timeMs } from '../field.ts';

/** `orders.approved`, and the row's JSON in `risk.decisions`: an order that passed every risk check. */
export const approvedOrderMessage = z.strictObject({
  /** The signal's id: one decision a signal. */
  decisionId: z.string().min(1).max(160),
  stack: label,
  strategy: label,
  clientOrderId,
  symbol,
  side,
  type: z.enum(['LIMIT', 'IMMEDIATE_OR_CANCEL']),
  price: positiveDecimal,
  quantity: positiveDecimal,
  /** Not to be sent after this; a resting order is cancelled then. */
  deadline: timeMs,
  decidedAt: timeMs,
  /** Hash of the inputs that the checks saw, and the release of risk. */
  riskHash: z.string().min(1).max(64),
  release: z.string().min(1).max(64),
});
export type ApprovedOrderMessage = z.output<typeof approvedOrderMessage>;
export type ApprovedOrderPayload = z.input<typeof approvedOrderMessage>;
