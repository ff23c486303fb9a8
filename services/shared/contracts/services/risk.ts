import { z } from 'zod';
import { label, positiveDecimal, symbol } from '../field.ts';
import { postgresSettings, redisSettings, stackSettings } from '../settings.ts';

/** Limits: notionals in the quote asset of the instrument, percents as decimals ("2" = 2 %). */
export const riskLimits = z.strictObject({
  maxOrderNotional: positiveDecimal,
  maxPositionNotional: positiveDecimal,
  maxExposureNotional: positiveDecimal,
  maxOpenOrders: z.int().min(1).max(500),
  maxOrdersPerSecond: z.int().min(1).max(100),
  priceCollarPercent: positiveDecimal,
  maxFeedAgeMs: z.int().min(100).max(600_000),
});

export const riskSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  halt: z.boolean(),
  limits: riskLimits,
  symbols: z.array(symbol).min(1).max(15),
  /** What an entry buys for, per strategy, in quote; and whether it rests at the bid or takes the offer. */
  sizing: z
    .array(z.strictObject({ strategy: label, orderNotional: positiveDecimal, entry: z.enum(['Take', 'Make']) }))
    .min(1)
    .max(20),
  /** A stance older than this opens nothing. */
  entryValidMs: z.int().min(100).max(86_400_000),
  /** How long an approved order may live. */
  orderDeadlineMs: z.int().min(100).max(3_600_000),
});
export type RiskSettings = z.output<typeof riskSettings>;
export type RiskDocument = z.input<typeof riskSettings>;
