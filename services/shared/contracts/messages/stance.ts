import { z } from 'zod';
import { label, symbol, timeMs } from '../field.ts';

/** Value of the hash `signals.stances`, field `<strategy>:<symbol>`: what signal takes up again after a restart. */
export const stanceRecord = z.strictObject({
  strategy: label,
  symbol,
  stance: z.enum(['Long', 'Flat']),
  changedAt: timeMs,
  barClose: timeMs,
  /** Of the strategy's rule: a stance of another rule is not taken up. */
  fingerprint: z.string().min(1).max(120),
});
export type StanceRecord = z.output<typeof stanceRecord>;
