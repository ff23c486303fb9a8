import { z } from 'zod';
import { symbol, SYMBOLS_MAX } from '../field.ts';
import { postgresSettings, redisSettings, stackSettings } from '../settings.ts';
import { SMALL, type ServiceRow } from '../service-row.ts';
import { SIGNALS } from '../keys.ts';

export const dbWriterRow = {
  name: 'db-writer',
  port: 8008,
  tier: 'data',
  update: 'Rolling',
  replicas: 1,
  peers: ['redis', 'postgres'],
  redis: { read: ['md.*', 'signals'], write: ['md.*', 'signals', 'dead.*'], consumes: [SIGNALS], trims: [SIGNALS] },
  database: [
    { on: 'market_data.trades', privileges: ['SELECT', 'INSERT', 'DELETE'] },
    { on: 'market_data.books', privileges: ['SELECT', 'INSERT', 'DELETE'] },
    { on: 'trading.signals', privileges: ['SELECT', 'INSERT'] },
  ],
  resources: SMALL,
  venueKeys: false,
  controlled: false,
  scalable: true,
} as const satisfies ServiceRow;

export const dbWriterSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  symbols: z.array(symbol).min(1).max(SYMBOLS_MAX),
  /** The service is not ready while the oldest unwritten entry is older. */
  maxLagMs: z.int().min(500).max(600_000),
});
export type DbWriterDocument = z.input<typeof dbWriterSettings>;
