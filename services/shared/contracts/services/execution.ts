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
  /** How long the venue accepts a signed request; at most 2 s, so that no old one outlives a change of sender. */
  recvWindowMs: z.int().min(100).max(2_000),
  /** Bound on the difference between our clock and the venue's. */
  skewBoundMs: z.int().min(50).max(5_000),
  /** How long an order may be invisible at the venue after it was accepted. */
  visibilityMs: z.int().min(0).max(60_000),
  /** Age at which the permit to send expires, on the monotonic clock. */
  permitMs: z.int().min(200).max(10_000),
  reconcileIntervalMs: z.int().min(500).max(600_000),
});
export type ExecutionSettings = z.output<typeof executionSettings>;
export type ExecutionDocument = z.input<typeof executionSettings>;
