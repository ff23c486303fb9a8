import { z } from 'zod';
import { label, positiveDecimal, symbol, timeMs } from '../field.ts';

/**
 * `signals`: a strategy's stance on an instrument at the close of a bar. Repeated on every bar, so that a lost one is made good by the next;
 * `changedAt` is the close of the bar at which the stance began.
 */
export const signalMessage = z.strictObject({
  /** `<strategy>:<symbol>:<bar close ms>`. */
  id: z.string().min(1).max(160),
  strategy: label,
  symbol,
  stance: z.enum(['Long', 'Flat']),
  changedAt: timeMs,
  barClose: timeMs,
  /** Close of the bar, in quote. */
  referencePrice: positiveDecimal,
  /** Hash of the release that produced it. */
  release: z.string().min(1).max(64),
});
export type SignalMessage = z.output<typeof signalMessage>;
export type SignalPayload = z.input<typeof signalMessage>;
