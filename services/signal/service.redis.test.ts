import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestRedis, type TestRedis } from '../../test/harness/stores/test-redis.ts';
import { startPrivateRedis, type RedisAddress } from '../../test/harness/stores/private-redis.ts';
import { until } from '../../test/harness/until.ts';
import { signalMessage, type SignalMessage } from '../shared/contracts/messages/signal.ts';
import { tradeMessage } from '../shared/contracts/messages/trade.ts';
import type { StrategySettings } from '../shared/contracts/services/signal.ts';
import { bookStream, PAYLOAD_FIELD, SIGNALS, SIGNAL_STANCES, tradesStream } from '../shared/contracts/keys.ts';
import {
  closeClient,
  createBlockingClient,
  createProducerClient,
  redisCheck,
  type RedisClient,
} from '../shared/redis/client.ts';
import { createStreamReader } from '../shared/redis/reader/stream-reader.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createSignalEngine } from './core/signal-engine.ts';
import { createSignalMetrics } from './metrics.ts';
import { SignalService } from './service.ts';
import { createSignalStore } from './store/signal-store.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const SYMBOL = 'XRP/ETH';
const stream = tradesStream(SYMBOL);
const strategies: readonly StrategySettings[] = [
  { name: 'breakout', kind: 'Donchian', symbols: [SYMBOL], barSeconds: 1, entryBars: 3, exitBars: 2 },
];
/** One-second bars with one trade each; a breakout at the sixth. */
const RISE = [5, 5, 5, 5, 5, 6];

let shared: TestRedis;
const running: (() => Promise<void>)[] = [];

beforeAll(async () => {
  shared = await createTestRedis();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (stop) => await stop()));
  await shared.redis.flushdb();
});
afterAll(async () => {
  await shared.close();
});

describe('signal over Redis', () => {
  test('reads the history, publishes its newest stance once, and continues live', async () => {
    const start = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
    await addTrades(shared.redis, start, RISE);
    const service = begin(shared.options);
    await until(async () => service.checkFeed().ok);
    const [first] = await until(async () => await signalsAtLeast(shared.redis, 1));
    // A minute without trades follows the history. It is published as the newest quiet period, with the stance of the
    // last bar.
    expect(first).toMatchObject({ strategy: 'breakout', stance: 'Long', changedAt: start + 6_000 });
    expect((first?.barClose ?? 0) - start).toBeGreaterThan(50_000);
    const now = Date.now();
    await addTrades(shared.redis, now, [4], 100);
    const exit = await until(async () => (await signalsIn(shared.redis)).find(({ stance }) => stance === 'Flat'));
    expect(exit).toMatchObject({
      changedAt: Math.floor(now / 1_000) * 1_000 + 1_000,
      referencePrice: expect.anything(),
    });
    // The stance is stored after its signal.
    await until(async () => (await shared.redis.hget(SIGNAL_STANCES, `breakout:${SYMBOL}`))?.includes('"Flat"'));
  });

  test('has the same stance after a restart, from the stored stance when the history is too short', async () => {
    const start = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
    await addTrades(shared.redis, start, RISE);
    begin(shared.options);
    await until(async () => await signalsAtLeast(shared.redis, 1));
    await stopAll();
    // Same name, different UID: a different stack.
    const otherClient = createProducerClient({ ...shared.options, stack: 'test-2', name: 'signal', log });
    await until(() => otherClient.status === 'ready');
    const otherStore = createSignalStore(otherClient, [SYMBOL]);
    expect(await otherStore.readStances()).toEqual({ records: [], malformed: [] });
    expect(await otherStore.newestIds()).toEqual(new Map([[stream, '0-0']]));
    await closeClient(otherClient);
    // Keep only the last two trades: too few for the channel.
    await shared.redis.xtrim(stream, 'MAXLEN', 2);
    await shared.redis.del(SIGNALS);
    const service = begin(shared.options);
    const [again] = await until(async () => await signalsAtLeast(shared.redis, 1));
    expect(again).toMatchObject({ stance: 'Long', changedAt: start + 6_000 });
    expect(service.checkStrategies()).toEqual({
      ok: true,
      reason: 'StrategyWarming',
      message: 'breakout on XRP/ETH keeps the stance Long of the previous run; 1 of 4 bars, decides in 3 s or later',
    });
    expect(service.figures()).toMatchObject({ 'warming breakout:XRP/ETH': '1 of 4 bars, decides in 3 s or later' });
  });

  test('reports how long a strategy without a stance warms up, and passes', async () => {
    await addTrades(shared.redis, Math.floor(Date.now() / 1_000) * 1_000 - 60_000, [5, 5]);
    const service = begin(shared.options);
    await until(() => service.checkFeed().ok);
    expect(service.checkStrategies()).toEqual({
      ok: true,
      reason: 'Ok',
      message: 'breakout on XRP/ETH warms up: 1 of 4 bars, decides in 3 s or later',
    });
  });

  test('takes books for a sign of life of a market without trades', async () => {
    const client = createProducerClient({ ...shared.options, name: 'signal', log });
    await until(() => client.status === 'ready');
    const store = createSignalStore(client, [SYMBOL, 'ADA/ETH']);
    const id = await shared.redis.xadd(bookStream(SYMBOL), '*', PAYLOAD_FIELD, '{}');
    expect(await store.newestBookIds()).toEqual(new Map([[SYMBOL, id], ['ADA/ETH', '0-0']])); // prettier-ignore
    await closeClient(client);
  });

  test('publishes the same signals over Redis as the engine alone, byte for byte', async () => {
    const start = Math.floor(Date.now() / 1_000) * 1_000 - 20_000;
    const prices = [5, 5, 5, 5, 5, 6, 7, 6, 4, 3, 5, 8, 9];
    await addTrades(shared.redis, start, prices);
    begin(shared.options);
    const [last] = await until(async () => await signalsAtLeast(shared.redis, 1));
    const engine = createSignalEngine({ strategies, release: 'r1' });
    for (const [, fields] of await shared.redis.xrange(stream, '-', '+')) {
      engine.onTrade(tradeMessage.parse(JSON.parse(fields[1] ?? '')));
    }
    const close = last?.barClose ?? 0;
    const expected = engine.onClock(close + 2_000).at(-1);
    expect(JSON.stringify(await rawSignals(shared.redis))).toContain(JSON.stringify(JSON.stringify(expected)));
  });

  test('skips malformed trades and stances', async () => {
    const start = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
    await shared.redis.hset(SIGNAL_STANCES, 'breakout:XRP/ETH', '{"stance":"Sideways"}');
    await shared.redis.xadd(stream, '*', PAYLOAD_FIELD, 'no json');
    await addTrades(shared.redis, start, RISE);
    await shared.redis.xadd(stream, '*', PAYLOAD_FIELD, JSON.stringify({ symbol: SYMBOL, price: '-1' }));
    begin(shared.options);
    const [first] = await until(async () => await signalsAtLeast(shared.redis, 1), 15_000);
    expect(first).toMatchObject({ stance: 'Long', changedAt: start + 6_000 });
  });
});

test('reports a killed Redis in the check, and resumes signals after its restart', async () => {
  const own = await startPrivateRedis();
  const redis = createProducerClient({ ...own.options, name: 'test', log });
  try {
    await until(() => redis.status === 'ready');
    await addTrades(redis, Math.floor(Date.now() / 1_000) * 1_000 - 60_000, RISE);
    const service = begin(own.options);
    await until(async () => await signalsAtLeast(redis, 1));
    await own.kill();
    await until(() => !service.checkRedis().ok && !service.checkFeed().ok);
    expect(service.checkRedis()).toMatchObject({ reason: 'Disconnected' });
    await own.restart();
    await until(() => service.checkRedis().ok && service.checkFeed().ok, 20_000);
    const before = (await signalsIn(redis)).length;
    await until(async () => (await signalsIn(redis)).length > before + 1, 10_000);
    const ids = (await signalsIn(redis)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  } finally {
    await stopAll();
    await closeClient(redis);
    await own.stop();
  }
});

function begin(address: RedisAddress & { readonly db?: number }): SignalService {
  const client = createProducerClient({ ...address, name: 'signal', log });
  const metrics = new Registry();
  const stop = new AbortController();
  const reader = createStreamReader({
    client: createBlockingClient({ ...address, name: 'signal trades', log }),
    streams: [stream],
    from: 'start',
    parse: (json) => tradeMessage.parse(json),
    onEntries: async (entries) => await service.onTrades(entries),
    clock: systemClock,
    log,
    metrics,
    blockMs: 200,
  });
  const service = new SignalService({
    strategies,
    release: 'r1',
    store: createSignalStore(client, [SYMBOL]),
    redisCheck: redisCheck(client),
    readerCheck: () => reader.check(),
    clock: systemClock,
    log,
    metrics: createSignalMetrics(metrics),
  });
  const runs = [reader.run(stop.signal), service.run(stop.signal)];
  running.push(async () => {
    stop.abort(new Error('stopped'));
    await Promise.allSettled(runs);
    await reader.stop?.();
    await closeClient(client);
  });
  return service;
}

async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map(async (stop) => await stop()));
}

/** Adds one trade a second, received at the time it was made. */
async function addTrades(
  redis: TestRedis['redis'] | RedisClient,
  start: number,
  prices: readonly number[],
  offsetMs = 500,
): Promise<void> {
  for (const [index, price] of prices.entries()) {
    const time = start + index * 1_000 + (prices.length > 1 ? offsetMs : 0);
    const trade = { producer: 'ws-test', seq: index + 1, symbol: SYMBOL, price: String(price), quantity: '1', takerSide: 'buy', time, receivedAt: time }; // prettier-ignore
    await redis.xadd(stream, '*', PAYLOAD_FIELD, JSON.stringify(trade));
  }
}

async function rawSignals(redis: TestRedis['redis'] | RedisClient): Promise<string[]> {
  return (await redis.xrange(SIGNALS, '-', '+')).map(([, fields]) => fields[1] ?? '');
}

async function signalsIn(redis: TestRedis['redis'] | RedisClient): Promise<SignalMessage[]> {
  return (await rawSignals(redis)).map((text) => signalMessage.parse(JSON.parse(text)));
}

async function signalsAtLeast(
  redis: TestRedis['redis'] | RedisClient,
  count: number,
): Promise<SignalMessage[] | false> {
  const signals = await signalsIn(redis);
  return signals.length >= count && signals;
}
