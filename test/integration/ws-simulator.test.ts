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
  service = begin();
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

function begin(): WsService {
  const publisher = createPublisher(client);
  return new WsService({
    symbols: [SYMBOL],
    bookLevels: 10,
    maxFeedAgeMs: 2_000,
    producer: 'ws-test',
    venue: createMexcMarketData({
      ...simulator,
      wsUrl: simulator.wsUrl.replace(/:\d+/, `:${proxy.port}`),
      symbols: [SYMBOL],
    }),
    store: {
      newestTrades: async (symbol, count) => await newestTrades(client, symbol, count),
      publishTrades: async (batch) => await publishTrades(publisher, batch),
      publishBook: async (book) => await publishBook(publisher, book),
      putInstruments: async (batch) => await putInstruments(client, batch),
      keepFrame: async (frame) => await keepFrame(publisher, frame),
    },
    redisCheck: redisCheck(client),
    clock: systemClock,
    log,
    metrics: createWsMetrics(registry),
  });
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
