import { z } from 'zod';
import { symbol } from '../field.ts';
import { postgresSettings, redisSettings, stackSettings } from '../settings.ts';

export const dbWriterSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  symbols: z.array(symbol).min(1).max(15),
  /** The service is not ready while the oldest unwritten entry is older. */
  maxLagMs: z.int().min(500).max(600_000),
});
export type DbWriterSettings = z.output<typeof dbWriterSettings>;
export type DbWriterDocument = z.input<typeof dbWriterSettings>;
