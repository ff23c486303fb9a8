import { z } from 'zod';
import { label, symbol, timeMs } from '../field.ts';

/**
 * Value in the hash `signals.stances`, field `<strategy>:<symbol>`: the stance with which signal resumes after a
 * restart.
 */
export const stanceRecord = z.strictObject({
  strategy: label,
  symbol,
  stance: z.enum(['Long', 'Flat']),
  changedAt: timeMs,
  barClose: timeMs,
  /** Fingerprint of the strategy's rule: signal does not resume a stance of another rule. */
  fingerprint: z.string().min(1).max(120),
});
export type StanceRecord = z.output<typeof stanceRecord>;
