import { z } from 'zod';
import { asset, label, positiveDecimal, symbol, SYMBOLS_MAX } from '../field.ts';
import { postgresSettings, redisSettings, settledHalt, stackSettings } from '../settings.ts';
import { SMALL, type ServiceRow } from '../service-row.ts';
import { SIGNALS } from '../keys.ts';

export const riskRow = {
  name: 'risk',
  port: 8002,
  tier: 'risk',
  update: 'Rolling',
  replicas: 1,
  peers: ['redis', 'postgres'],
  redis: { read: ['md.*', 'signals'], write: ['signals', 'orders.approved', 'dead.*'], consumes: [SIGNALS] },
  database: [
    { on: 'risk.decisions', privileges: ['SELECT', 'INSERT'] },
    { on: 'risk.active_release', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'risk.stances', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'risk.stops', privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] },
    { on: 'risk.cancel_requests', privileges: ['SELECT', 'INSERT', 'DELETE'] },
    { on: 'risk.equity', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'risk.breakers', privileges: ['SELECT', 'INSERT', 'UPDATE'] },
    { on: 'risk.breaker_resets', privileges: ['SELECT', 'UPDATE'] },
    { on: 'risk.open_approvals', privileges: ['SELECT'] },
    { on: 'trading.live_orders', privileges: ['SELECT'] },
    // What became of exits. Releases before trading.live_orders read all of it.
    { on: 'trading.orders', privileges: ['SELECT'] },
    { on: 'trading.positions', privileges: ['SELECT'] },
    { on: 'trading.balances', privileges: ['SELECT'] },
    { on: 'trading.transfers', privileges: ['SELECT'] },
    { on: 'trading.fee_totals', privileges: ['SELECT'] },
    { on: 'trading.venue_health', privileges: ['SELECT'] },
    { on: 'trading.sender_canaries', privileges: ['SELECT'] },
    { on: 'trading.halts', privileges: ['SELECT', 'INSERT'] },
    { on: 'trading.trading_states', privileges: ['SELECT'] },
  ],
  resources: SMALL,
  venueKeys: false,
  controlled: true,
  carriesHalt: true,
  oneReleaseDecides: true,
} as const satisfies ServiceRow;

/** How entries trade: see `entryTerms` of risk for the order that each becomes. */
export const ENTRIES = ['Take', 'Make', 'FillOrKill', 'Market'] as const;
export type Entry = (typeof ENTRIES)[number];

/** Risk limits. Notionals are in the currency of the limits, percentages are decimals ("2" = 2 %). */
export const riskLimits = z.strictObject({
  maxOrderNotional: positiveDecimal,
  maxPositionNotional: positiveDecimal,
  maxExposureNotional: positiveDecimal,
  maxOpenOrders: z.int().min(1).max(500),
  maxOrdersPerSecond: z.int().min(1).max(100),
  priceCollarPercent: positiveDecimal,
  maxFeedAgeMs: z.int().min(100).max(600_000),
  /** An operator before this limit does not write it. */
  maxTradeAgeMs: z.int().min(1_000).max(86_400_000).default(300_000),
});

/**
 * What leaves a position whatever its strategy wants. Percentages of the entry price, and for the trailing stop of the
 * highest price since the entry.
 */
export const stopRules = z.strictObject({
  stopLossPercent: positiveDecimal.exactOptional(),
  trailingStopPercent: positiveDecimal.exactOptional(),
  takeProfitPercent: positiveDecimal.exactOptional(),
  maxHoldingSeconds: z.int().min(1).max(31_536_000).exactOptional(),
});
export type StopRules = z.output<typeof stopRules>;

/**
 * When entries stop by themselves. `maxDailyLoss` is in the currency of the limits. Absent: no such breaker. Whoever
 * reads the windows and the cool-down has the defaults.
 */
const breakerRules = z.strictObject({
  maxDailyLoss: positiveDecimal.exactOptional(),
  maxDrawdownPercent: positiveDecimal.exactOptional(),
  onDrawdown: z.enum(['Reducing', 'Halted']).exactOptional(),
  maxSpreadPercent: positiveDecimal.exactOptional(),
  maxMovePercent: positiveDecimal.exactOptional(),
  moveWindowSeconds: z.int().min(5).max(3_600).exactOptional(),
  maxFeedGaps: z.int().min(1).max(100).exactOptional(),
  feedGapWindowMinutes: z.int().min(1).max(1_440).exactOptional(),
  maxVenueErrorPercent: positiveDecimal.exactOptional(),
  maxVenueLatencyMs: z.int().min(10).max(60_000).exactOptional(),
  maxVenuePauseSeconds: z.int().min(1).max(86_400).exactOptional(),
  breakerCoolDownSeconds: z.int().min(10).max(86_400).exactOptional(),
});

/** How a resting entry follows the market. Only with the entry Make; risk has the defaults. */
const requoteRules = z.strictObject({
  requoteTicks: z.int().min(1).max(10_000).exactOptional(),
  requoteSeconds: z.int().min(1).max(3_600).exactOptional(),
  maxRequotes: z.int().min(0).max(100).exactOptional(),
});

export const riskSettings = z.strictObject({
  stack: stackSettings,
  redis: redisSettings,
  postgres: postgresSettings,
  halt: settledHalt,
  /** Currency of the limits and of order sizes. Absent: the quote asset of the symbols, if they have only one. */
  currency: asset.exactOptional(),
  limits: riskLimits,
  breakers: breakerRules.exactOptional(),
  symbols: z.array(symbol).min(1).max(SYMBOLS_MAX),
  /**
   * Size of an entry per strategy, in the currency of the limits, how it trades, the length of its bars, which an
   * operator before this field does not write, and its stops, if it has any.
   */
  sizing: z
    .array(
      z.strictObject({
        strategy: label,
        orderNotional: positiveDecimal,
        entry: z.enum(ENTRIES),
        requote: requoteRules.exactOptional(),
        barSeconds: z.int().min(1).max(86_400).exactOptional(),
        stops: stopRules.exactOptional(),
      }),
    )
    .min(1)
    .max(20),
  /** A stance older than this opens no position. */
  entryValidMs: z.int().min(100).max(86_400_000),
  /** Lifetime of an approved order. */
  orderDeadlineMs: z.int().min(100).max(3_600_000),
});
export type RiskSettings = z.output<typeof riskSettings>;
export type RiskDocument = z.input<typeof riskSettings>;
