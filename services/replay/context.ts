import { Market } from '../exchange-simulator/core/market.ts';
import { MemoryBudget } from '../execution/store/memory/memory-budget.ts';
import { MemoryEpoch } from '../execution/store/memory/memory-epoch.ts';
import type { Tape } from '../exchange-simulator/core/tape.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import { createDigest, type Digest } from './digest.ts';
import { calmedNetwork, type Network } from './core/network.ts';
import { calmedStore, SOUND_STORE, type StoreFaults } from './core/store-faults.ts';
import { calmedVenue, SOUND_VENUE, type VenueFaults } from './core/venue-faults.ts';
import type { ReplaySettings } from './replay-settings.ts';
import { calmedRedis, type RedisFaults, type RedisRestart } from './core/redis-faults.ts';
import { createRedisWorld, type RedisWorld } from './redis/redis-world.ts';
import { createOrderedDelivery, type Delivery } from './core/ordered-delivery.ts';
import { createRandom } from '../exchange-simulator/core/random.ts';
import { createScheduler, type Scheduler } from './core/scheduler.ts';
import { ReplayRecord } from './record.ts';
import { ACCOUNT } from './venue/account-views.ts';
import { drawnFees, FEE_COIN } from './venue/fee-rule.ts';

export const START_MS = Date.UTC(2026, 0, 1);
const CALM_AFTER_MS = 30_000;
/** What the simulated venue lists for each pair, of the types that the stack sends. */
const LISTED_ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER'] as const;

/** Environment shared by all parts of a replay. */
export interface ReplayContext {
  readonly settings: ReplaySettings;
  /** Instruments that are traded, by symbol. The tape drives all of them, each from another place of it. */
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly venueFaults: VenueFaults;
  readonly storeFaults: StoreFaults;
  /** Through which the processes speak to each other; undefined when they call each other. */
  readonly redis: RedisWorld | undefined;
  readonly digest: Digest;
  readonly market: Market;
  readonly record: ReplayRecord;
  /** Request budget of the account, which all processes share. */
  readonly budget: MemoryBudget;
  readonly sharedEpoch: MemoryEpoch;
  /** Virtual time at which the tape ends and trading is halted. */
  readonly endMs: number;
  /** Schedules work in another of our processes, after the delay of a hop. */
  readonly hop: (work: () => void) => void;
  /** Creates a stream between two of our processes. A stream of Redis keeps its order. */
  readonly createStream: () => Delivery;
}

/** Creates a market at the start of its tape, an empty record, and no process yet. */
export function createContext(options: {
  readonly settings: ReplaySettings;
  /** Trades to play. Parse a tape once for many runs: that takes a tenth of a short run. */
  readonly tape: Tape;
  readonly network: Network;
  readonly venueFaults?: VenueFaults;
  readonly storeFaults?: StoreFaults;
  /** A Redis server between the processes. Default: they call each other, after a delay. */
  readonly redis?: { readonly faults: RedisFaults; readonly restarts: readonly RedisRestart[] };
  /** Part of the tape to play, in virtual milliseconds. Default: all of it. */
  readonly playMs?: number;
}): ReplayContext {
  const { settings, tape } = options;
  const { instruments, tape: source, requoteMs, seed, balances } = settings.simulator;
  const endMs = START_MS + (options.playMs ?? Math.ceil(tape.spanMs / source.speed));
  const scheduler = { ...createScheduler(START_MS), random: createRandom(seed) };
  // Requests that failed during the faults can be retried when the faults end.
  const isCalm = (): boolean => scheduler.nowMs() >= endMs + CALM_AFTER_MS;
  const network = calmedNetwork(options.network, isCalm);
  const venueFaults = calmedVenue(options.venueFaults ?? SOUND_VENUE, isCalm);
  const digest = createDigest();
  const record = new ReplayRecord(scheduler, digest);
  scheduler.at(endMs, () => {
    record.store.restrict('test', 'Halted');
  });
  const others = instruments.map(({ symbol }) => symbol).filter((symbol) => symbol !== source.symbol);
  const market: Market = new Market({
    instruments,
    opening: { [ACCOUNT]: balances },
    tape,
    tapeSymbol: source.symbol,
    speed: source.speed,
    requoteMs,
    seed,
    originMs: START_MS,
    idPrefix: '7',
    feeRule: drawnFees(venueFaults, (account) => market.engine.ledger.balance(account, FEE_COIN).free),
    others: others.map((symbol, index) => ({
      symbol,
      originMs: START_MS - Math.round((tape.spanMs / source.speed / (others.length + 1)) * (index + 1)),
      seed: seed + index + 1,
    })),
  });
  return {
    settings,
    instruments: new Map(instruments.map((one) => [one.symbol, { ...one, orderTypes: LISTED_ORDER_TYPES }])),
    scheduler,
    network,
    venueFaults,
    storeFaults: calmedStore(options.storeFaults ?? SOUND_STORE, isCalm),
    redis:
      options.redis &&
      createRedisWorld({
        scheduler,
        faults: calmedRedis(options.redis.faults, isCalm),
        restarts: options.redis.restarts,
        stack: settings.execution.stack.id,
      }),
    digest,
    market,
    record,
    budget: new MemoryBudget(scheduler),
    sharedEpoch: new MemoryEpoch(),
    endMs,
    hop: (work) => scheduler.after(network.hopMs(), work),
    createStream: () => createOrderedDelivery(scheduler, network.hopMs),
  };
}
