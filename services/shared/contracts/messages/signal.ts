import { z } from 'zod';
import { STANCES } from '../../domain/stance.ts';
import { label, positiveDecimal, symbol, timeMs } from '../field.ts';

/**
 * Message of `signals`: the stance of a strategy on an instrument at the close of a bar. It is repeated on every bar,
 * so the next one makes up for a lost one. `changedAt` is the close of the bar at which the stance began.
 */
export const signalMessage = z.object({
  /** `<strategy>:<symbol>:<bar close ms>`. */
  id: z.string().min(1).max(160),
  strategy: label,
  symbol,
  stance: z.enum(STANCES),
  changedAt: timeMs,
  barClose: timeMs,
  /** Closing price of the bar, in quote. */
  referencePrice: positiveDecimal,
  /** Hash of the release that produced the signal. */
  release: z.string().min(1).max(64),
});
export type SignalMessage = z.output<typeof signalMessage>;
export type SignalPayload = z.input<typeof signalMessage>;
