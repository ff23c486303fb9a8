import { z } from 'zod';
import { label, symbol, SYMBOLS_MAX } from '../field.ts';
import { redisSettings, stackSettings } from '../settings.ts';
import { SMALL, type ServiceRow } from '../service-row.ts';

export const signalRow = {
  name: 'signal',
  port: 8001,
  tier: 'strategy',
  update: 'Rolling',
  replicas: 1,
  peers: ['redis'],
  redis: { read: ['md.*', 'signals.stances'], write: ['signals', 'signals.stances'] },
  resources: SMALL,
  venueKeys: false,
  controlled: false,
} as const satisfies ServiceRow;

const base = { name: label, symbols: z.array(symbol).min(1).max(SYMBOLS_MAX), barSeconds: z.int().min(1).max(86_400) };

/**
 * Settings of a strategy: Donchian channel breakout or crossover of exponential moving averages, both long or flat.
 */
export const strategySettings = z.discriminatedUnion('kind', [
  z.strictObject({
    ...base,
    kind: z.literal('Donchian'),
    /** Long above the highest high of `entryBars` closed bars; flat below the lowest low of `exitBars`. */
    entryBars: z.int().min(2).max(1_000),
    exitBars: z.int().min(1).max(1_000),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('EmaCross'),
    fastBars: z.int().min(1).max(1_000),
    slowBars: z.int().min(2).max(2_000),
  }),
]);
export type StrategySettings = z.output<typeof strategySettings>;

export const signalSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  strategies: z.array(strategySettings).min(1).max(20),
});
export type SignalSettings = z.output<typeof signalSettings>;
export type SignalDocument = z.input<typeof signalSettings>;
