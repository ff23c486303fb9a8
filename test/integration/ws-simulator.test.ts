import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bookMessage, type BookMessage } from '../../services/shared/contracts/messages/book.ts';
import { instrumentMessage } from '../../services/shared/contracts/messages/instrument.ts';
import { tradeMessage, type TradeMessage } from '../../services/shared/contracts/messages/trade.ts';
import { bookStream, INSTRUMENTS, tradesStream } from '../../services/shared/contracts/keys.ts';
import { formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import type { VenueFrame, VenueTrade } from '../../services/shared/venue/market-data-venue.ts';
import { createMexcMarketData } from '../../services/shared/venue/mexc/market-data.ts';
import { closeClient, createProducerClient, redisCheck, type RedisClient } from '../../services/shared/redis/client.ts';
import { createPublisher } from '../../services/shared/redis/publisher.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { createWsMetrics } from '../../services/ws/metrics.ts';
import { WsService } from '../../services/ws/service.ts';
import { keepFrame } from '../../services/shared/redis/keep-frame.ts';
import { newestTrades } from '../../services/ws/store/newest-trades.ts';
import { publishBook } from '../../services/ws/store/publish-book.ts';
import { publishTrades } from '../../services/ws/store/publish-trades.ts';
import { putInstruments } from '../../services/ws/store/put-instruments.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

const SYMBOL = 'XRP/ETH';
const log = createLogger({ name: 'test', level: 'silent' });

let simulator: RunningSimulator;
let server: TestRedis;
/** Between ws and the venue's streams. */
let proxy: FaultProxy;
let client: RedisClient;
let service: WsService;
let running: Promise<void>;
const registry = new Registry();
const stop = new AbortController();

beforeAll(async () => {
  [simulator, server] = await Promise.all([startSimulator(simulatorSettings({ requoteMs: 100 })), createTestRedis()]);
  client = createProducerClient({ ...server.options, name: 'ws', log });
  proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(simulator.wsUrl).port) });
  const wsUrl = simulator.wsUrl.replace(/:\d+/, `:${proxy.port}`);
  service = begin({ venue: { ...simulator, wsUrl }, symbols: [SYMBOL], metrics: registry, redis: client });
  running = service.run(stop.signal);
});

afterAll(async () => {
  stop.abort(new Error('end of test'));
  await running;
  await closeClient(client);
  await proxy.close();
  await simulator.close();
  await server.close();
});

describe('ws with a pair that has no orders', () => {
  test('keeps it fresh beside the traded one, without reconnecting or resubscribing', async () => {
    const { instruments } = simulatorSettings();
    const both = await startSimulator(simulatorSettings({ instruments: [...instruments, pairWithoutOrders()] }));
    const metrics = new Registry();
    const ending = new AbortController();
    const own = await createTestRedis();
    const redis = createProducerClient({ ...own.options, name: 'ws', log });
    const quiet = begin({ venue: both, symbols: [SYMBOL, 'ADA/ETH'], metrics, redis });
    const ended = quiet.run(ending.signal);
    try {
      await until(() => quiet.checkFeed().reason === 'Ok', 20_000);
      const stale: string[] = [];
      for (let look = 0; look < 60; look += 1) {
        await systemClock.sleep(100);
        const { reason, message } = quiet.checkFeed();
        if (reason !== 'Ok') stale.push(message);
      }
      expect(stale).toEqual([]);
      const text = async (name: string) => await metrics.getSingleMetricAsString(`tradingstack_ws_${name}`);
      expect(await text('book_verifications_total')).toMatch(/symbol="ADA\/ETH",outcome="Current"} [3-9]/);
      expect(await text('channel_remedies_total')).not.toContain('{');
      expect(await text('connections_lost_total')).toMatch(/connections_lost_total 0$/m);
    } finally {
      ending.abort(new Error('end of test'));
      await ended;
      await closeClient(redis);
      await Promise.all([both.close(), own.close()]);
    }
  });
});

describe('ws against the exchange simulator', () => {
  test('passes every check, and publishes the instruments of the venue', async () => {
    await until(allPass, 20_000);
    const kept = await until(
      async () => await server.redis.hget(INSTRUMENTS, SYMBOL).then((text) => text ?? undefined),
    );
    expect(instrumentMessage.parse(JSON.parse(kept))).toMatchObject({
      tickSize: parseDecimal('0.00000001'),
      lotSize: parseDecimal('1'),
      takerFee: parseDecimal('0.0005'),
    });
  });

  test('publishes books that equal those of the venue at the same version, to the last digit', async () => {
    const compared = new Set<string>();
    await until(async () => {
      const depth = await venueDepth();
      const book = (await books()).find(({ version }) => version === depth.version);
      if (book === undefined) return false;
      expect({ bids: textOf(book.bids), asks: textOf(book.asks) }).toEqual({ bids: depth.bids, asks: depth.asks });
      compared.add(book.version);
      return compared.size >= 5;
    }, 30_000);
    expect(compared.size).toBeGreaterThanOrEqual(5);
    for (const { bids, asks } of await books()) expect((bids[0]?.[0] ?? 0n) < (asks[0]?.[0] ?? 1n)).toBe(true);
  });

  test('publishes the trades that another client sees, each once, in order and without gaps', async () => {
    const witness = watchTrades();
    await until(() => witness.trades.length >= 40, 30_000);
    const seen = witness.trades.slice(0, 40).map(tradeText);
    witness.close();
    const published = await until(async () => {
      const texts = (await trades()).map(tradeText);
      return texts.join('\n').includes(seen.join('\n')) && texts;
    });
    expect(published.join('\n')).toContain(seen.join('\n'));
    const numbers = (await trades()).map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });

  test('publishes the trades made while its connection was cut, in order and each once', async () => {
    const witness = watchTrades();
    const before = (await trades()).length;
    await until(async () => (await trades()).length > before, 20_000);
    for (let cuts = 0; cuts < 3; cuts += 1) {
      proxy.blackhole();
      proxy.cut();
      const seen = witness.trades.length;
      // The venue trades on meanwhile.
      await until(() => witness.trades.length >= seen + 3, 20_000);
      proxy.pass();
      await until(() => service.checkConnection().reason === 'Ok', 20_000);
    }
    const seen = witness.trades.map(tradeText);
    witness.close();
    const published = await until(async () => {
      const texts = (await trades()).map(tradeText);
      return texts.join('\n').includes(seen.join('\n')) && texts;
    }, 20_000);
    expect(published.join('\n')).toContain(seen.join('\n'));
    expect(await registry.getSingleMetricAsString('tradingstack_ws_trades_recovered_total')).toMatch(/} [1-9]/);
    const numbers = (await trades()).map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  }, 60_000);

  test('reports a venue that stops, and publishes correct books again after its restart', async () => {
    await simulator.stop();
    await until(() => service.checkConnection().reason === 'VenueDisconnected');
    await until(() => service.checkFeed().reason === 'FeedStale', 10_000);
    expect(service.checkFeed().message).toMatch(/XRP\/ETH: no depth for \d+ ms, limit 2000 ms/);
    const before = (await books()).length;
    await simulator.start();
    await until(allPass, 40_000);
    await until(async () => (await books()).length > before);
    const depth = await until(async () => {
      const now = await venueDepth();
      const same = (await books()).find(({ version }) => version === now.version);
      return same === undefined ? undefined : { now, same };
    }, 20_000);
    expect(textOf(depth.same.bids)).toEqual(depth.now.bids);
    expect(textOf(depth.same.asks)).toEqual(depth.now.asks);
  });

  test('received no unreadable or refused frame', async () => {
    const text = await registry.getSingleMetricAsString('tradingstack_ws_frames_total');
    expect(text).toContain('kind="Depth"');
    expect(text).not.toContain('Malformed');
    expect(text).not.toContain('Refused');
  });
});

interface Market {
  readonly venue: Pick<RunningSimulator, 'restUrl' | 'wsUrl'>;
  readonly symbols: readonly string[];
  readonly metrics: Registry;
  readonly redis: RedisClient;
}

function begin({ venue, symbols, metrics, redis }: Market): WsService {
  const publisher = createPublisher(redis);
  return new WsService({
    symbols,
    bookLevels: 10,
    maxFeedAgeMs: 2_000,
    producer: 'ws-test',
    venue: createMexcMarketData({ ...venue, symbols }),
    store: {
      newestTrades: async (symbol, count) => await newestTrades(redis, symbol, count),
      publishTrades: async (batch) => await publishTrades(publisher, batch),
      publishBook: async (book) => await publishBook(publisher, book),
      putInstruments: async (batch) => await putInstruments(redis, batch),
      keepFrame: async (frame) => await keepFrame(publisher, frame),
    },
    redisCheck: redisCheck(redis),
    clock: systemClock,
    log,
    metrics: createWsMetrics(metrics),
  });
}

function pairWithoutOrders(): ReturnType<typeof simulatorSettings>['instruments'][number] {
  const [first] = simulatorSettings().instruments;
  if (first === undefined) throw new Error('the sample has no instrument');
  return { ...first, symbol: 'ADA/ETH', base: 'ADA' };
}

function allPass(): boolean {
  const checks = [service.checkRedis(), service.checkConnection(), service.checkFeed(), service.checkInstruments()];
  return checks.every(({ ok }) => ok);
}

async function venueDepth() {
  const response = await fetch(`${simulator.restUrl}/api/v3/depth?symbol=XRPETH&limit=10`);
  const depth = (await response.json()) as { lastUpdateId: number; bids: [string, string][]; asks: [string, string][] };
  return { version: String(depth.lastUpdateId), bids: depth.bids, asks: depth.asks };
}

/** Connects a second client to the venue, beside the service. */
function watchTrades() {
  const seen: VenueTrade[] = [];
  const connection = createMexcMarketData({ ...simulator, symbols: [SYMBOL] }).connect({
    onOpen: () => connection.subscribe([{ channel: 'trades', symbol: SYMBOL }]),
    onFrame: (frame: VenueFrame) => {
      if (frame.kind === 'Trades') seen.push(...frame.trades);
    },
    onClosed: () => {},
  });
  return { trades: seen, close: () => connection.close() };
}

async function books(): Promise<BookMessage[]> {
  return await payloads(bookStream(SYMBOL), (json) => bookMessage.parse(json));
}

async function trades(): Promise<TradeMessage[]> {
  return await payloads(tradesStream(SYMBOL), (json) => tradeMessage.parse(json));
}

async function payloads<T>(stream: string, parse: (json: unknown) => T): Promise<T[]> {
  return (await server.redis.xrange(stream, '-', '+')).map(([, fields]) => parse(JSON.parse(fields[1] ?? '')));
}

function textOf(levels: BookMessage['bids']): string[][] {
  return levels.map((level) => level.map(formatDecimal));
}

function tradeText({ price, quantity, takerSide, time }: VenueTrade): string {
  return `${time} ${formatDecimal(price)} ${formatDecimal(quantity)} ${takerSide}`;
}
