import type { ExecutionStore } from '../../services/execution/ports.ts';
import { QUIET_NETWORK } from '../../services/replay/core/network.ts';
import { SOUND_REDIS } from '../../services/replay/core/redis-faults.ts';
import { SOUND_STORE } from '../../services/replay/core/store-faults.ts';
import type { ReplaySettings } from '../../services/replay/replay-settings.ts';
import { runReplay, type ReplayOptions } from '../../services/replay/run-replay.ts';
import type { ORDER_REASONS } from '../../services/shared/contracts/reasons/orders.ts';
import { add, parseDecimal } from '../../services/shared/domain/decimal.ts';
import type { TradingVenue } from '../../services/shared/venue/trading-venue.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

export type OrderReason = keyof typeof ORDER_REASONS;

type Scenario = Partial<Omit<ReplayOptions, 'settings' | 'tape'>> & {
  readonly settings?: (sample: ReplaySettings) => ReplaySettings;
};
type Risk = ReplaySettings['risk'];

const d = parseDecimal;
const sample = sampleSettings();
const tape = sampleTape(sample);
const PLAY_MS = 40_000;
const UNKNOWN = { kind: 'unknown', reason: 'Timeout' } as const;
const BANNED = { kind: 'rateLimited', retryAfterMs: 60_000, banned: true } as const;

const risk = (change: Partial<Risk>): Scenario => ({
  settings: (all) => ({ ...all, risk: { ...all.risk, ...change } }),
});
const limits = (change: Partial<Risk['limits']>): Scenario => risk({ limits: { ...sample.risk.limits, ...change } });
const sized = (orderNotional: string): Scenario =>
  risk({ sizing: sample.risk.sizing.map((one) => ({ ...one, orderNotional: d(orderNotional) })) });
const simulator = (change: Partial<ReplaySettings['simulator']>): Scenario => ({
  settings: (all) => ({ ...all, simulator: { ...all.simulator, ...change } }),
});
const client = (change: (venue: TradingVenue) => Partial<TradingVenue>): Scenario => ({
  overrides: { client: (venue) => ({ ...venue, ...change(venue) }) },
});
const asked = (state: 'Reducing' | 'Flattening' | 'Halted'): Scenario => ({
  interventions: [{ afterMs: 10_000, act: ({ store }) => store.restrict('desk', state) }],
});

/** A run for each reason, in which it occurs: through Redis, and without a fault that it does not name. */
export const SCENARIOS: Readonly<Partial<Record<OrderReason, Scenario>>> = {
  Halted: asked('Halted'),
  Reducing: asked('Reducing'),
  StrategyNotKnown: risk({ sizing: sample.risk.sizing.slice(1) }),
  InstrumentNotKnown: {
    settings: (all) => ({ ...all, risk: { ...all.risk, symbols: ['ADA/ETH'] } }),
  },
  FeedStale: limits({ maxFeedAgeMs: 0 }),
  CollarUnknown: limits({ maxTradeAgeMs: 0 }),
  RateUnknown: risk({ currency: 'USDT' }),
  OutsideCollar: limits({ priceCollarPercent: d('0.000001') }),
  BelowMinimum: sized('0.0005'),
  AboveMaximum: simulator({
    instruments: sample.simulator.instruments.map((one) => ({ ...one, maxNotional: d('0.1') })),
  }),
  NotionalTooLarge: limits({ maxOrderNotional: d('0.1') }),
  TooManyOrdersPerSecond: limits({ maxOrdersPerSecond: 0 }),
  TooManyOpenOrders: limits({ maxOpenOrders: 0 }),
  PositionTooLarge: limits({ maxPositionNotional: d('0.1') }),
  ExposureTooLarge: limits({ maxExposureNotional: d('0.1') }),
  BalanceUnknown: client(() => ({ balances: async () => await Promise.resolve(UNKNOWN) })),
  InsufficientFunds: simulator({ balances: { ETH: d('0.1') } }),
  NotComputable: sized('10000000000000000000'),
  SelfTrade: restingEntries(),
  ExitFirst: {
    ...restingEntries(),
    // The venue takes no sale, so that a strategy leaves for long while the other one wants to buy.
    ...client((venue) => ({
      place: async (order, terms) =>
        order.side === 'buy'
          ? await venue.place(order, terms)
          : await Promise.resolve({ kind: 'rejected', code: '30005', message: 'Oversold' } as const),
    })),
  },
  WideSpread: risk({ breakers: { maxSpreadPercent: d('0.000001') } }),
  DailyLoss: risk({ breakers: { maxDailyLoss: d('0.000001') } }),
  Drawdown: risk({ breakers: { maxDrawdownPercent: d('0.000001') } }),
  PriceMove: risk({ breakers: { maxMovePercent: d('0.000001') } }),
  VenueErrors: {
    ...client(() => ({ fills: async () => await Promise.resolve(UNKNOWN) })),
    ...risk({ breakers: { maxVenueErrorPercent: d('0.000001') } }),
  },
  VenueLatency: {
    ...risk({ breakers: { maxVenueLatencyMs: 10 } }),
    network: { ...QUIET_NETWORK, requestMs: () => 30 },
  },
  VenueBanned: {
    ...client(() => ({ fills: async () => await Promise.resolve(BANNED) })),
    ...risk({ breakers: { maxVenuePauseSeconds: 1 } }),
  },
  VenueUnknown: {
    overrides: {
      store: (store) => ({
        ...store,
        recordVenueHealth: async () => await Promise.reject(new Error('the row is locked')),
      }),
    },
    ...risk({ breakers: { maxVenueErrorPercent: d('50') } }),
  },
  EquityUnknown: {
    ...client(() => ({ balances: async () => await Promise.resolve(UNKNOWN) })),
    ...risk({ breakers: { maxDailyLoss: d('1') } }),
  },
  Expired: {
    settings: (all) => ({ ...all, risk: { ...all.risk, orderDeadlineMs: 1 } }),
  },
  NotReconciled: client(() => ({ fills: async () => await Promise.resolve(UNKNOWN) })),
  ReduceOnly: client(deposited),
  NotWritten: client(() => ({
    place: async () => await Promise.resolve({ kind: 'notSent', reason: 'NotWritten' } as const),
  })),
  NeverArrived: client(() => ({ place: async () => await Promise.resolve(UNKNOWN) })),
  CommitUnknown: {
    storeFaults: { ...SOUND_STORE, losesCommit: everySecond() },
  },
  SignedTooLongAgo: slowIntents(),
  NotActive: {
    playMs: 60_000,
    successions: [5_000, 15_000, 25_000, 35_000].map((afterMs) => ({ afterMs, kind: 'Drained' as const })),
  },
};

/** Both strategies rest at the best bid of one symbol, for so long that one leaves while the other buys. */
function restingEntries(): Scenario {
  return { ...risk({ sizing: sample.risk.sizing.map((one) => ({ ...one, entry: 'Make' })) }), playMs: 200_000 };
}

/** Runs a scenario. Returns the codes of its refusals and the reasons of its orders that were never sent. */
export async function reasonsOf({ settings = (all) => all, ...options }: Scenario): Promise<ReadonlySet<string>> {
  const redis = { faults: SOUND_REDIS, restarts: [] };
  const run = { tape, network: QUIET_NETWORK, playMs: PLAY_MS, redis, ...options };
  const { record } = await runReplay({ ...run, settings: settings(sample) });
  const reasons = record.orders.flatMap(({ state }) => (state.kind === 'NeverSent' ? [state.reason] : []));
  return new Set([...record.refusals, ...reasons]);
}

/** Somebody deposits ether that no person books: the balances drift from the ledger from the third answer on. */
function deposited(venue: TradingVenue): Partial<TradingVenue> {
  let answers = 0;
  return {
    balances: async () => {
      const reply = await venue.balances();
      answers += 1;
      const ether = reply.kind === 'ok' ? reply.value.get('ETH') : undefined;
      if (reply.kind !== 'ok' || ether?.free === undefined || answers < 3) return reply;
      return { ...reply, value: new Map([...reply.value, ['ETH', { ...ether, free: add(ether.free, d('5')) }]]) };
    },
  };
}

function everySecond(): () => boolean {
  let count = 0;
  return () => (count += 1) % 2 === 0;
}

/** Each intent is committed later than its signature is valid. */
function slowIntents(): Scenario {
  let isIntent = false;
  const commitIntent =
    (store: ExecutionStore): ExecutionStore['commitIntent'] =>
    async (...terms) => {
      isIntent = true;
      return await store.commitIntent(...terms);
    };
  const slowMs = (): number => {
    const ms = isIntent ? 2_300 : 0;
    isIntent = false;
    return ms;
  };
  return {
    overrides: { store: (store) => ({ ...store, commitIntent: commitIntent(store) }) },
    storeFaults: { ...SOUND_STORE, slowMs },
  };
}
