import { z } from 'zod';
import { symbol, SYMBOLS_MAX } from '../field.ts';
import { postgresSettings, redisSettings, settledHalt, stackSettings, venueSettings } from '../settings.ts';
import { MEDIUM, type ServiceRow } from '../service-row.ts';
import { ORDERS_APPROVED } from '../keys.ts';

export const executionRow = {
  name: 'execution',
  port: 8003,
  tier: 'execution',
  update: 'Fenced',
  replicas: 2,
  replicasMax: 2,
  peers: ['redis', 'postgres', 'exchange-simulator'],
  redis: {
    read: ['orders.*', 'fills', 'md.*', 'venue.*'],
    write: ['orders.*', 'fills', 'dead.*', 'venue.*'],
    scripts: true,
    consumes: [ORDERS_APPROVED],
    trims: [ORDERS_APPROVED],
  },
  database: [
    { on: 'risk.decisions', privileges: ['SELECT'] },
    { on: 'risk.active_release', privileges: ['SELECT'] },
    { on: 'risk.cancel_requests', privileges: ['SELECT'] },
    // The release before this one reads it until its successor sends.
    { on: 'risk.open_approvals', privileges: ['SELECT'] },
    { on: 'trading.live_orders', privileges: ['SELECT'] },
    { on: 'trading.orders', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'trading.order_events', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.trades', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.shared_trades', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.fills_read', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'trading.record_counts', privileges: ['SELECT'] },
    { on: 'trading.positions', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'trading.balances', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'trading.ledger_postings', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.fee_totals', privileges: ['SELECT'] },
    { on: 'trading.transfers', privileges: ['SELECT', 'UPDATE'] },
    { on: 'trading.manual_trades', privileges: ['SELECT', 'UPDATE'] },
    { on: 'trading.portfolio_snapshots', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.execution_fence', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'trading.halts', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.trading_states', privileges: ['SELECT'] },
    { on: 'trading.outbox', privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] },
    { on: 'trading.quarantine', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.dead_letters', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'trading.venue_health', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
  ],
  resources: MEDIUM,
  venueKeys: true,
  controlled: true,
  carriesHalt: true,
} as const satisfies ServiceRow;

export const executionSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  venue: venueSettings,
  halt: settledHalt,
  symbols: z.array(symbol).min(1).max(SYMBOLS_MAX),
  /** How long the venue accepts a signed request. At most 2 s, so that no old request outlives a change of sender. */
  recvWindowMs: z.int().min(100).max(2_000),
  /** Maximum difference between our clock and that of the venue. */
  skewBoundMs: z.int().min(50).max(5_000),
  /** How long an accepted order may stay invisible at the venue. */
  visibilityMs: z.int().min(0).max(60_000),
  /** Age at which the permit to send expires, on the monotonic clock. */
  permitMs: z.int().min(200).max(10_000),
  reconcileIntervalMs: z.int().min(500).max(600_000),
  /**
   * Requests per second of the whole account that create or cancel orders. An operator before this limit does not write
   * it.
   */
  ordersPerSecond: z.int().min(2).max(100).default(5),
});
export type ExecutionSettings = z.output<typeof executionSettings>;
export type ExecutionDocument = z.input<typeof executionSettings>;
