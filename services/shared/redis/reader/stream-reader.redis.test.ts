import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startFaultProxy } from '../../../../test/faults/fault-proxy.ts';
import { createTestRedis, type TestRedis } from '../../../../test/harness/stores/test-redis.ts';
import { until } from '../../../../test/harness/until.ts';
import { systemClock } from '../../runtime/clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createBlockingClient } from '../client.ts';
import type { SequenceGap } from './sequence-watch.ts';
import { createStreamReader, type StreamReaderOptions } from './stream-reader.ts';
import { trimBelowSlowestGroup } from '../consumer/trim.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const schema = z.strictObject({ producer: z.string(), seq: z.int() });
type Payload = z.output<typeof schema>;
let test: TestRedis;
const ending: (() => Promise<void>)[] = [];

beforeAll(async () => {
  test = await createTestRedis();
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  await test.redis.flushdb();
});
afterAll(async () => await test.close());

async function start(options: Partial<StreamReaderOptions<Payload>> & { readonly port?: number } = {}) {
  const client = createBlockingClient({ ...test.options, port: options.port ?? test.options.port, name: 'test', log });
  const seen: number[] = [];
  const gaps: SequenceGap[] = [];
  const reader = createStreamReader({
    client,
    streams: ['md.trades.A-B'],
    from: 'newest',
    parse: (json) => schema.parse(json),
    onEntries: (entries) => {
      seen.push(...entries.map(({ payload }) => payload.seq));
    },
    sequenceOf: (payload) => payload,
    onGap: (gap) => gaps.push(gap),
    clock: systemClock,
    log,
    metrics: new Registry(),
    blockMs: 100,
    ...options,
  });
  const abort = new AbortController();
  const ended = reader.run(abort.signal);
  ending.push(async () => {
    abort.abort();
    await ended;
    await reader.stop?.();
  });
  await until(() => reader.check().ok);
  return { seen, gaps, reader, client };
}

async function add(seqs: readonly number[], producer = 'p1', id = '*'): Promise<void> {
  for (const seq of seqs) await test.redis.xadd('md.trades.A-B', id, 'data', JSON.stringify({ producer, seq }));
}

describe('stream reader', () => {
  it.each([
    ['newest', [4]],
    ['last', [3, 4]],
    ['start', [1, 2, 3, 4]],
  ] as const)('starts at position %s', async (from, expected) => {
    await add([1, 2, 3]);
    const { seen } = await start({ from });
    await add([4]);
    await until(() => seen.includes(4));
    expect(seen).toEqual(expected);
  });

  it('skips malformed entries and reports gaps in the sequence of a producer, not its restarts', async () => {
    const { seen, gaps } = await start();
    await add([1]);
    await test.redis.xadd('md.trades.A-B', '*', 'data', 'nonsense');
    await add([2, 5]);
    await add([1, 2], 'p2');
    await until(() => seen.length === 5);
    expect(seen).toEqual([1, 2, 5, 1, 2]);
    expect(gaps).toEqual([{ stream: 'md.trades.A-B', producer: 'p1', expected: 3, received: 5 }]);
  });

  it('resumes at its position after a lost connection', async () => {
    const proxy = await startFaultProxy(test.options);
    ending.push(async () => await proxy.close());
    const { seen, client } = await start({ port: proxy.port });
    await add([1]);
    await until(() => seen.length === 1);
    proxy.cut();
    await until(() => client.status !== 'ready');
    await add([2, 3]);
    await until(() => seen.length === 3);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('restarts at the beginning of a stream that was recreated with smaller IDs', async () => {
    const { seen } = await start();
    await add([1]);
    await until(() => seen.length === 1);
    await test.redis.del('md.trades.A-B');
    await add([2], 'p2', '1000-1');
    await until(() => seen.length === 2);
    expect(seen).toEqual([1, 2]);
  });
});

describe('trimBelowSlowestGroup', () => {
  it('keeps entries that any of the named groups has not acknowledged', async () => {
    const { redis } = test;
    for (let n = 1; n <= 500; n += 1) await redis.xadd('signals', `${n}-0`, 'data', '{}');
    await redis.xgroup('CREATE', 'signals', 'risk', '0');
    expect(await trimBelowSlowestGroup(redis, 'signals', ['risk', 'db-writer'])).toBe(0);
    await redis.xgroup('CREATE', 'signals', 'db-writer', '0');
    await redis.xreadgroup('GROUP', 'risk', 'a', 'COUNT', 500, 'STREAMS', 'signals', '>');
    await redis.xreadgroup('GROUP', 'db-writer', 'a', 'COUNT', 450, 'STREAMS', 'signals', '>');
    await redis.xack('signals', 'risk', ...Array.from({ length: 399 }, (_, n) => `${n + 1}-0`));
    await redis.xack('signals', 'db-writer', ...Array.from({ length: 450 }, (_, n) => `${n + 1}-0`));
    // Trimming removes whole nodes of 100 entries.
    expect(await trimBelowSlowestGroup(redis, 'signals', ['risk', 'db-writer'])).toBeGreaterThanOrEqual(300);
    const [oldest] = await redis.xrange('signals', '-', '+', 'COUNT', 1);
    expect(Number(oldest?.[0].split('-')[0])).toBeLessThanOrEqual(400);
  });
});
