import { z } from 'zod';
import { nonNegativeDecimal } from '../field.ts';
import { instrumentDocument } from '../messages/instrument.ts';
import { stackSettings } from '../settings.ts';
import { MEDIUM, type ServiceRow } from '../service-row.ts';

export const exchangeSimulatorRow = {
  name: 'exchange-simulator',
  port: 8085,
  tier: 'venue',
  update: 'Recreate',
  replicas: 1,
  peers: [],
  resources: MEDIUM,
  venueKeys: true,
  controlled: false,
  modes: ['Paper'],
  storage: { size: '1Gi' },
} as const satisfies ServiceRow;

export const exchangeSimulatorSettings = z.strictObject({
  stack: stackSettings,
  instruments: z.array(instrumentDocument).min(1).max(50),
  tape: z.strictObject({
    /** Path in the image of a gzip CSV: timestamp_ms,trade_id,taker_side,price,amount. */
    path: z.string().min(1).max(300),
    symbol: z.string().min(3).max(41),
    /** Tape seconds replayed per second. */
    speed: z.int().min(1).max(10_000),
  }),
  /** Interval at which makers refresh their quotes, so that the feed stays active between trades. */
  requoteMs: z.int().min(10).max(60_000),
  /** Opening balances of the paper account, per asset. */
  balances: z.record(z.string().min(1).max(20), nonNegativeDecimal),
  /** Random seed of the makers' order sizes. */
  seed: z.int().min(0).max(4_294_967_295),
  /** Whether the venue accepts faults on demand. */
  faults: z.boolean().default(false),
});
export type ExchangeSimulatorSettings = z.output<typeof exchangeSimulatorSettings>;
export type ExchangeSimulatorDocument = z.input<typeof exchangeSimulatorSettings>;
