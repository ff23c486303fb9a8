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
    { on: 'trading.delete_history', privileges: ['EXECUTE'] },
  ],
  resources: SMALL,
  venueKeys: false,
  controlled: false,
  replicasMax: 3,
} as const satisfies ServiceRow;

/** At least a week, which the database enforces, so that a mistake deletes nothing that people still look for. */
export const HISTORY_DAYS = { min: 7, max: 3_650, default: 365 };

export const dbWriterSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  symbols: z.array(symbol).min(1).max(SYMBOLS_MAX),
  /** The service is not ready while the oldest unwritten entry is older. */
  maxLagMs: z.int().min(500).max(600_000),
  /** Days of decisions and other history that are kept. An operator before this setting does not write it. */
  historyDays: z.int().min(HISTORY_DAYS.min).max(HISTORY_DAYS.max).default(HISTORY_DAYS.default),
});
export type DbWriterDocument = z.input<typeof dbWriterSettings>;
