import { Registry } from 'prom-client';
import { manualEffects } from '../../services/execution/core/reconcile/manual-trade.ts';
import { observe } from '../../services/execution/core/order-decider.ts';
import { effectsOf } from '../../services/execution/core/order-effects.ts';
import { createInstrumentReader } from '../../services/shared/market/instrument-reader.ts';
import { MarketView } from '../../services/shared/market/market-view.ts';
import { createStateMetrics } from '../../services/shared/trading-state/state-metrics.ts';
import { TradingStates } from '../../services/shared/trading-state/trading-states.ts';
import { createExecutionMetrics } from '../../services/execution/metrics.ts';
import { createOutboxRelay, type OutboxRelay } from '../../services/execution/outbox-relay.ts';
import { createExecution, type Execution } from '../../services/execution/service.ts';
import { openDatabase } from '../../services/execution/clients/open-database.ts';
import { openStreams } from '../../services/execution/clients/open-streams.ts';
import type { ExecutionSettings } from '../../services/shared/contracts/services/execution.ts';
import { transferOf } from '../../services/shared/domain/ledger.ts';
import { createMexcClient } from '../../services/shared/venue/mexc/trading-client.ts';
import { createMexcPrivateStream } from '../../services/shared/venue/mexc/stream/private-stream.ts';
import { systemClock, type Clock } from '../../services/shared/runtime/clock.ts';
import { createLogger, type Logger } from '../../services/shared/runtime/logger.ts';
import type { ServicePart } from '../../services/shared/runtime/service-part.ts';
import { TEST_STACK, TEST_TAG } from '../fixtures/approved-orders.ts';
import { MortalRun, mortalStore, mortalVenue, type Moment } from './mortal-run.ts';
import type { PostgresAddress } from './stores/private-postgres.ts';
import type { TestRedis } from './stores/test-redis.ts';

const RULES = { observe, effectsOf, transferOf, manualEffects };

export interface RunOptions {
  readonly postgres: PostgresAddress;
  readonly redis: TestRedis['options'];
  readonly venue: {
    readonly restUrl: string;
    readonly wsUrl: string;
    readonly apiKey: string;
    readonly secretKey: string;
  };
  readonly incarnation: string;
  readonly settings?: Partial<ExecutionSettings>;
  readonly dieAt?: Moment;
}

export interface ExecutionRun extends Pick<Execution, 'activate' | 'drain' | 'sender' | 'figures' | 'checks'> {
  /** Ends the run as kill -9 does: calls in flight return nothing, and no other process is notified. */
  kill(): Promise<void>;
  /** Ends the run as SIGTERM does. */
  stop(): Promise<void>;
  /** How many messages its relay found published already. */
  outboxRepeats(): Promise<number>;
  readonly dead: boolean;
}

/** Starts the whole of execution in this process, on real clients. */
export function startExecution(options: RunOptions): ExecutionRun {
  const modules = {
    clock: systemClock,
    log: createLogger({ name: options.incarnation, level: 'silent' }),
    metrics: new Registry(),
  };
  const settings = settingsOf(options);
  const { symbols, recvWindowMs } = settings;
  const life = new MortalRun(options.dieAt);
  const ending = new AbortController();
  const streams = openStreams(options.redis, symbols, { ...modules, consumer: options.incarnation });
  const database = openDatabase(options.postgres, TEST_STACK, { ...modules, ...RULES });
  const account = { ...options.venue, ...settings.venue, symbols, recvWindowMs, deadlineMs: 1_000 };
  const client = createMexcClient({ ...account, ...modules });
  const market = new MarketView(symbols);
  const metrics = createExecutionMetrics(modules.metrics);
  const store = mortalStore(database.store, life);
  const states = new TradingStates({ ...modules, store, metrics: createStateMetrics(modules.metrics) });
  const views = { instrumentOf: market.instrument, marks: market.marks, bestBid: market.bestBid };
  const execution = createExecution({
    ...modules,
    states,
    settings,
    tag: TEST_TAG,
    incarnation: options.incarnation,
    store,
    venue: mortalVenue(client, life),
    ...views,
    metrics,
    flushOutbox: async (): Promise<void> => await outbox.flush(),
    keepFrame: streams.keepFrame,
    budget: streams.budget,
    sharedEpoch: streams.sharedEpoch,
  });
  const isActive = (): boolean => execution.sender().role === 'active';
  const { approvals, books } = streams.consume({ ...execution, isActive, onBook: market.onBook });
  const { streamEvents, through, heldFence } = execution;
  const events = createMexcPrivateStream({ ...account, ...modules, ...streamEvents, through });
  const relaying = { ...modules, metrics, heldFence };
  const outbox: OutboxRelay = createOutboxRelay(database.outboxTo(streams.commands), relaying);
  const reads = readersOf({ modules, streams, database, market, states });
  const parts: readonly ServicePart[] = [...reads, books, outbox, ...execution.parts, events, approvals];
  const runs = parts.map(async (part) => await part.run(ending.signal).catch(() => {}));

  life.close = async () => {
    ending.abort(new Error('the process ends'));
    client.close();
    for (const part of parts) await part.stop?.();
    await Promise.all([streams.close(), database.close()]);
  };
  return {
    activate: execution.activate,
    drain: execution.drain,
    sender: execution.sender,
    figures: execution.figures,
    checks: execution.checks,
    outboxRepeats: async () => (await metrics.outboxRepeats.get()).values.reduce((sum, { value }) => sum + value, 0),
    kill: async () => await life.kill(),
    stop: async () => {
      if (life.dead) return;
      for (const part of parts) await part.drain?.();
      ending.abort(new Error('the process stops'));
      await Promise.all(runs);
      await life.kill();
    },
    get dead() {
      return life.dead;
    },
  };
}

interface Sources {
  readonly modules: { readonly clock: Clock; readonly log: Logger; readonly metrics: Registry };
  readonly streams: Pick<ReturnType<typeof openStreams>, 'readInstruments'>;
  readonly database: Pick<ReturnType<typeof openDatabase>, 'listenForStates'>;
  readonly market: Pick<MarketView, 'onInstruments'>;
  readonly states: Pick<TradingStates, 'load'>;
}

/** Returns what reads the rules of the venue, and what learns of a changed trading state. */
function readersOf({ modules, streams, database, market, states }: Sources): readonly ServicePart[] {
  return [
    database.listenForStates(() => void states.load().catch(() => undefined)),
    createInstrumentReader({ ...modules, read: streams.readInstruments, onInstruments: market.onInstruments }),
  ];
}

function settingsOf({ postgres, redis, venue, settings }: RunOptions): ExecutionSettings {
  return {
    stack: { id: TEST_STACK, name: 'demo', namespace: 'trading', mode: 'Paper' },
    redis,
    postgres,
    venue: { name: 'mexc', restUrl: venue.restUrl, wsUrl: venue.wsUrl },
    halt: false,
    symbols: ['XRP/ETH'],
    recvWindowMs: 500,
    skewBoundMs: 200,
    visibilityMs: 200,
    permitMs: 1_000,
    reconcileIntervalMs: 500,
    ordersPerSecond: 100,
    ...settings,
  };
}
