import { z } from 'zod';
import { symbol, SYMBOLS_MAX } from '../field.ts';
import { redisSettings, stackSettings, venueSettings } from '../settings.ts';
import { SMALL, type ServiceRow } from '../service-row.ts';

export const wsRow = {
  name: 'ws',
  port: 8000,
  tier: 'data',
  update: 'Rolling',
  replicas: 1,
  peers: ['redis', 'exchange-simulator'],
  redis: { read: ['md.trades.*'], write: ['md.*', 'dead.*'] },
  resources: SMALL,
  venueKeys: false,
  controlled: false,
  reportsFeed: true,
} as const satisfies ServiceRow;

export const wsSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  venue: venueSettings,
  symbols: z.array(symbol).min(1).max(SYMBOLS_MAX),
  /** Levels per side in `md.book`. */
  bookLevels: z.int().min(1).max(50),
  /** A book that has neither changed nor been confirmed by the venue for longer is stale. */
  maxFeedAgeMs: z.int().min(100).max(600_000),
});
export type WsSettings = z.output<typeof wsSettings>;
export type WsDocument = z.input<typeof wsSettings>;
