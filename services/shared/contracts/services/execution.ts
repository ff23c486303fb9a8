import { z } from 'zod';
import { symbol } from '../field.ts';
import { postgresSettings, redisSettings, stackSettings, venueSettings } from '../settings.ts';

export const executionSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  venue: venueSettings,
  halt: z.boolean(),
  symbols: z.array(symbol).min(1).max(15),
  /** How long the venue accepts a signed request. At most 2 s, so that no old request outlives a change of sender. */
  recvWindowMs: z.int().min(100).max(2_000),
  /** Maximum difference between our clock and that of the venue. */
  skewBoundMs: z.int().min(50).max(5_000),
  /** How long an accepted order may stay invisible at the venue. */
  visibilityMs: z.int().min(0).max(60_000),
  /** Age at which the permit to send expires, on the monotonic clock. */
  permitMs: z.int().min(200).max(10_000),
  reconcileIntervalMs: z.int().min(500).max(600_000),
});
export type ExecutionSettings = z.output<typeof executionSettings>;
export type ExecutionDocument = z.input<typeof executionSettings>;
