import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import { accountAfter } from '../../services/risk/core/account-after.ts';
import { createExitWorker, type ExitWorker } from '../../services/risk/exit-worker.ts';
import { createRiskMetrics } from '../../services/risk/metrics.ts';
import { createRiskService } from '../../services/risk/service.ts';
import { consumeSignals } from '../../services/risk/store/consume-signals.ts';
import { createRiskStore } from '../../services/risk/store/risk-store.ts';
import { instrumentMessage } from '../../services/shared/contracts/messages/instrument.ts';
import { riskSettings } from '../../services/shared/contracts/services/risk.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { MarketView } from '../../services/shared/market/market-view.ts';
import { createPool, type PoolOptions } from '../../services/shared/postgres/pool.ts';
import {
  closeClient,
  createBlockingClient,
  createProducerClient,
  type RedisOptions,
} from '../../services/shared/redis/client.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { sha256 } from '../../services/shared/runtime/sha256.ts';
import { createStateReader } from '../../services/shared/trading-state/state-reader.ts';
import { TradingStates } from '../../services/shared/trading-state/trading-states.ts';
import { createMexcPublicRest } from '../../services/shared/venue/mexc/rest/public-rest.ts';
import { TEST_STACK } from '../fixtures/approved-orders.ts';
import { simulatorSettings } from './running-simulator.ts';

const SYMBOL = 'XRP/ETH';
const instruments = simulatorSettings().instruments.map((one) => instrumentMessage.parse(one));
const runtime = { clock: systemClock, log: createLogger({ name: 'risk', level: 'silent' }) };

export interface RiskOptions {
  readonly postgres: Omit<PoolOptions, 'applicationName' | 'log'>;
  readonly redis: Omit<RedisOptions, 'name' | 'log'>;
  /** Simulator from which the market is read. Without it there is no market. */
  readonly restUrl?: string;
}

export interface RiskRun {
  readonly metrics: Registry;
  readonly pool: Pool;
  stop(): Promise<void>;
}

/** Starts risk on its real stores, with its worker of exits. It reads the market directly from the simulator. */
export function startRisk({ postgres, redis, restUrl }: RiskOptions): RiskRun {
  const ending = new AbortController();
  const pool = createPool({ ...postgres, plansOnce: true, applicationName: 'risk', log: runtime.log });
  const client = { ...redis, name: 'risk', log: runtime.log };
  const commands = createProducerClient(client);
  const market = new MarketView([SYMBOL]);
  market.onInstruments(new Map(instruments.map((one) => [one.symbol, one])));
  const registry = new Registry();
  const store = createRiskStore(pool, commands, TEST_STACK, { accountAfter });
  const states = new TradingStates({ ...runtime, store });
  const decisions = {
    ...runtime,
    market,
    tradingStates: () => states.sources,
    release: 'test',
    digest: sha256,
    store,
    metrics: createRiskMetrics(registry),
    settings: settings(),
  };
  const service = createRiskService(decisions);
  const signals = consumeSignals(
    { ...runtime, metrics: registry, blocking: createBlockingClient(client), commands, consumer: 'risk-1' },
    service,
  );
  const unreadSignals = () => signals.unread(10_000);
  const exits = createExitWorker({
    ...decisions,
    states,
    service,
    scope: () => 'All',
    decidedAt: () => true,
    heardSince: () => true,
    unreadSignals,
  });
  const running = [
    signals.run(ending.signal),
    exits.run(ending.signal),
    states.run(ending.signal),
    createStateReader({ ...runtime, states }).run(ending.signal),
    ...(restUrl === undefined ? [] : [watchMarket(market, exits, restUrl, ending.signal)]),
  ];
  return {
    metrics: registry,
    pool,
    stop: async () => {
      ending.abort(new Error('risk stops'));
      await signals.stop?.();
      await Promise.allSettled(running);
      await closeClient(commands);
      await pool.end();
    },
  };
}

function settings() {
  return riskSettings.parse({
    stack: { id: TEST_STACK, name: 'demo', namespace: 'trading', mode: 'Paper' },
    redis: { host: 'x', port: 1, username: 'x' },
    halt: false,
    postgres: { host: 'x', port: 1, database: 'x', user: 'x' },
    limits: {
      maxOrderNotional: '0.5',
      maxPositionNotional: '1',
      maxExposureNotional: '1',
      maxOpenOrders: 10,
      maxOrdersPerSecond: 10,
      // The book of the tape's first minutes is thin: its spread is 8 %.
      priceCollarPercent: '20',
      maxFeedAgeMs: 5_000,
    },
    symbols: [SYMBOL],
    sizing: [{ strategy: 'trend', orderNotional: '0.05', entry: 'Take' }],
    entryValidMs: 10_000,
    orderDeadlineMs: 5_000,
  });
}

async function watchMarket(
  market: MarketView,
  exits: Pick<ExitWorker, 'onBook'>,
  restUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const rest = createMexcPublicRest(restUrl);
  for (let seq = 1; !signal.aborted; seq += 1) {
    const { bids, asks } = await rest.depth(SYMBOL, signal);
    const now = Date.now();
    const common = { producer: 'test', seq, symbol: SYMBOL, time: now, receivedAt: now };
    const book = { ...common, version: '1', bids: bids.slice(0, 5).map(pair), asks: asks.slice(0, 5).map(pair) };
    market.onBook(book);
    exits.onBook(book);
    const [best] = asks;
    if (best !== undefined)
      market.onTrade({ ...common, price: best[0], quantity: parseDecimal('1'), takerSide: 'buy' });
    await systemClock.sleep(50, signal);
  }
}

function pair<T>([price, quantity]: readonly [T, T]): [T, T] {
  return [price, quantity];
}
