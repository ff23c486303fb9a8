import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { SIGNALS } from '../../shared/contracts/keys.ts';
import { createBlockingClient, createProducerClient } from '../../shared/redis/client.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { StreamConsumer } from '../../shared/redis/consumer/stream-consumer.ts';
import { keyOf } from '../core/holdings.ts';
import type { SignalIntake } from '../ports.ts';
import { consumeSignals } from './consume-signals.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const endings: (() => Promise<void>)[] = [];
let redis: TestRedis;

beforeAll(async () => {
  redis = await createTestRedis();
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await redis.redis.flushdb();
});
afterAll(async () => await redis.close());

/** Starts a process of risk that decides signals in this way, and every one of a batch. */
function startMember(onSignals: SignalIntake['onSignals']): StreamConsumer {
  const options = { ...redis.options, name: 'risk', log };
  const commands = createProducerClient(options);
  const signals = consumeSignals(
    {
      commands,
      blocking: createBlockingClient(options),
      consumer: 'risk-1',
      clock: systemClock,
      log,
      metrics: new Registry(),
    },
    {
      keyOf,
      conflate: (batch) => ({ newest: new Set(batch), dropped: new Map() }),
      onSignals,
      onDropped: () => {},
    },
  );
  const abort = new AbortController();
  const ended = signals.run(abort.signal);
  endings.push(async () => {
    abort.abort();
    await signals.stop?.();
    await ended;
    commands.disconnect();
  });
  return signals;
}

async function publish(barClose: number, symbol = 'XRP/ETH'): Promise<void> {
  const id = `trend:${symbol}:${barClose}`;
  const times = { barClose, changedAt: barClose };
  const signal = { id, strategy: 'trend', symbol, stance: 'Flat', referencePrice: '1', release: 's', ...times };
  await redis.redis.xadd(SIGNALS, '*', 'data', JSON.stringify(signal));
}

async function pending(): Promise<number> {
  const [count] = (await redis.redis.xpending(SIGNALS, 'risk')) as [number];
  return count;
}

it('acknowledges signals only after the transaction that decides them, and offers them again when it fails', async () => {
  const seen: { readonly signals: number; readonly unacknowledged: number }[] = [];
  startMember(async (signals) => {
    seen.push({ signals: signals.length, unacknowledged: await pending() });
    if (seen.length < 3) throw new Error('Postgres is unavailable');
    return new Map();
  });
  await publish(1_000);
  await until(() => seen.length === 3);
  await until(async () => (await pending()) === 0);
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ signals: 1, unacknowledged: 1 })));
});

it('after a pod of another name that died, knows of which pairs signals are unread', async () => {
  await publish(1_000);
  await publish(1_000, 'ADA/ETH');
  await redis.redis.xgroup('CREATE', SIGNALS, 'risk', '0');
  await redis.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'COUNT', 1, 'STREAMS', SIGNALS, '>');
  const signals = startMember(async () => await Promise.resolve(new Map()));
  const unread = await until(() => {
    const now = signals.unread(10_000);
    return now === 'All' ? undefined : now;
  });
  expect([[...unread], await pending()]).toEqual([['trend:XRP/ETH'], 1]);
});
