import { z } from 'zod';
import { label, symbol, timeMs } from '../../shared/contracts/field.ts';
import { STANCES } from '../../shared/domain/stance.ts';
import type { StanceRecord } from '../core/stance-record.ts';

/** Value in the hash `signals.stances`, field `<strategy>:<symbol>`. Written and read by signal alone. */
export const stanceEntry: z.ZodType<StanceRecord> = z.object({
  strategy: label,
  symbol,
  stance: z.enum(STANCES),
  changedAt: timeMs,
  barClose: timeMs,
  fingerprint: z.string().min(1).max(120),
});
