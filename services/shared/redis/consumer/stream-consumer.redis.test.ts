import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startPrivateRedis } from '../../../../test/harness/stores/private-redis.ts';
import { useStreamConsumers, type Payload } from '../../../../test/harness/stores/stream-consumers.ts';
import { until } from '../../../../test/harness/until.ts';
import { systemClock } from '../../runtime/clock.ts';
import { ACK, eachEntry, type BatchHandler, type Outcome } from './settle-batch.ts';
import type { StreamEntry } from '../stream-entry.ts';

const { server, ending, start, add, pending } = useStreamConsumers();

function collector(outcomeOf: (payload: Payload) => Outcome = () => ACK) {
  const seen: StreamEntry<Payload>[] = [];
  const handle: BatchHandler<Payload> = async (entries) => {
    seen.push(...entries);
    return entries.map(({ payload }) => outcomeOf(payload));
  };
  return { seen, handle, numbers: () => seen.map(({ payload }) => payload.n) };
}

async function deadLetters(): Promise<readonly Record<string, unknown>[]> {
  const entries = await server.redis.xrange('dead.signals', '-', '+');
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? 'null') as Record<string, unknown>);
}

describe('stream consumer', () => {
  it('settles entries that it receives while stopping, so that they do not wait until they count as idle', async () => {
    const { handle, numbers } = collector();
    const started = await start(handle, { blockMs: 1_000 });
    await until(() => started.consumer.check().ok);
    const stopped = started.stop();
    await add({ n: 1 });
    await stopped;
    expect(numbers()).toEqual([1]);
    expect(await pending()).toBe(0);
  });

  it('delivers existing and new entries and acknowledges them', async () => {
    await add({ n: 1 });
    const { handle, numbers } = collector();
    const { consumer } = await start(handle);
    await add({ n: 2 }, { n: 3 });
    await until(() => numbers().length === 3);
    expect(numbers()).toEqual([1, 2, 3]);
    await until(async () => (await pending()) === 0);
    await until(() => consumer.check().ok);
  });

  it('buries malformed entries with their payload and continues with the others', async () => {
    const { handle, numbers } = collector();
    const { metrics } = await start(handle);
    await server.redis.xadd('signals', '*', 'data', '{oops');
    await server.redis.xadd('signals', '*', 'other', 'field');
    await add({ n: 'text' }, { n: 7 });
    await until(async () => numbers().length === 1 && (await pending()) === 0);
    expect(numbers()).toEqual([7]);
    expect(await deadLetters()).toMatchObject([
      {
        stream: 'signals',
        group: 'risk',
        payload: '{oops',
        deliveries: 1,
        reason: expect.stringContaining('malformed'),
      },
      { payload: null },
      { payload: '{"n":"text"}' },
    ]);
    expect(await metrics.metrics()).toContain('outcome="malformed"} 3');
  });

  it('buries a poison entry after the maximum deliveries, without delaying the others', async () => {
    const deliveriesSeen: number[] = [];
    const handle = eachEntry<Payload>(
      async ({ payload, deliveries }) => {
        if (payload.n !== 13) return ACK;
        deliveriesSeen.push(deliveries);
        throw new Error('cannot divide');
      },
      () => false,
    );
    await start(handle, { maxDeliveries: 3 });
    await add({ n: 12 }, { n: 13 }, { n: 14 });
    await until(async () => (await deadLetters()).length === 1 && (await pending()) === 0);
    expect(deliveriesSeen).toEqual([1, 2, 3]);
    expect(await deadLetters()).toMatchObject([{ payload: '{"n":13}', deliveries: 3, reason: 'cannot divide' }]);
  });

  it('handles the others, and goes on, while a dead letter cannot be written', async () => {
    const { handle, numbers } = collector();
    await server.redis.set('dead.signals', 'not a stream');
    await server.redis.xadd('signals', '*', 'data', '{oops');
    await add({ n: 1 });
    await start(handle);
    await until(() => numbers().length === 1);
    await add({ n: 2 });
    await until(() => numbers().length === 2);
    expect(await pending()).toBe(1);
  });

  it('says in a dead letter what was wrong, also when the letter could be written only later', async () => {
    await server.redis.set('dead.signals', 'not a stream');
    const { handle, seen } = collector(() => ({ kind: 'retry', reason: 'cannot divide' }));
    const { metrics } = await start(handle, { maxDeliveries: 3, minIdleMs: 100 });
    await add({ n: 1 });
    await until(async () => (await metrics.metrics()).includes('outcome="dead"} 3'));
    await server.redis.del('dead.signals');
    await until(async () => (await pending()) === 0);
    expect(seen.map(({ deliveries }) => deliveries)).toEqual([1, 2, 3]);
    expect(await deadLetters()).toMatchObject([{ payload: '{"n":1}', reason: 'cannot divide' }]);
  });

  it('retries the same batch while a dependency is unavailable, reports it, and counts no deliveries', async () => {
    let unavailable = true;
    const batches: number[][] = [];
    const { consumer } = await start(
      async (entries) => {
        batches.push(entries.map(({ payload }) => payload.n));
        if (unavailable) throw new Error('postgres is unavailable');
        return entries.map(() => ACK);
      },
      { maxDeliveries: 1, maxPendingAgeMs: 100_000 },
    );
    await add({ n: 1 });
    await until(() => batches.length >= 4);
    expect(consumer.check()).toEqual({ ok: false, reason: 'HandlerBlocked', message: 'postgres is unavailable' });
    expect(await pending()).toBe(1);
    unavailable = false;
    await until(async () => (await pending()) === 0);
    expect(new Set(batches.map((batch) => batch.join()))).toEqual(new Set(['1']));
    expect(await deadLetters()).toEqual([]);
    await until(() => consumer.check().ok);
  });

  it('does not repeat completed entries when one entry finds the dependency unavailable', async () => {
    const done: number[] = [];
    let unavailable = true;
    const handle = eachEntry<Payload>(
      async ({ payload }) => {
        if (payload.n === 2 && unavailable) throw new Error('unavailable');
        done.push(payload.n);
        return ACK;
      },
      () => true,
    );
    await add({ n: 1 }, { n: 2 });
    const { consumer } = await start(handle);
    await until(() => consumer.check().reason === 'HandlerBlocked');
    unavailable = false;
    await until(async () => (await pending()) === 0);
    expect(done).toEqual([1, 2]);
  });

  it('recreates its group when the stream is deleted during a blocking read', async () => {
    const { handle, numbers } = collector();
    await start(handle, { blockMs: 3_000 });
    await add({ n: 1 });
    await until(() => numbers().length === 1);
    await server.redis.del('signals');
    await until(async () => (await server.redis.exists('signals')) === 1);
    await add({ n: 2 });
    await until(() => numbers().length === 2);
    expect(numbers()).toEqual([1, 2]);
  });

  it('fails its check while the oldest unacknowledged entry is too old', async () => {
    const { handle } = collector(() => ({ kind: 'retry', reason: 'not yet' }));
    const { consumer, metrics } = await start(handle, { maxPendingAgeMs: 50, minIdleMs: 60_000 });
    await until(() => consumer.check().ok);
    await add({ n: 1 });
    await until(() => consumer.check().reason === 'Lagging');
    expect(consumer.figures()).toMatchObject({ pendingEntries: 1, lagEntries: 0 });
    expect(await metrics.metrics()).toContain('tradingstack_stream_pending_entries{stream="signals"} 1');
  });
});

describe('stream consumer after a crash', () => {
  it('takes over the pending entries of a killed consumer', async () => {
    await add({ n: 1 }, { n: 2 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    const { keyPrefix } = server.redis.options;
    const program = `
      import { Redis } from ${JSON.stringify(import.meta.resolve('ioredis'))};
      const redis = new Redis(${JSON.stringify({ ...server.options, keyPrefix })});
      await redis.call('XREADGROUP', 'GROUP', 'risk', 'killed', 'COUNT', 10, 'STREAMS', 'signals', '>');
      process.stdout.write('read');
      await new Promise(() => setInterval(() => {}, 1000));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await pending()).toBe(2);
    const { handle, seen, numbers } = collector();
    await start(handle, { minIdleMs: 300 });
    await until(async () => numbers().length === 2 && (await pending()) === 0);
    expect(seen.map(({ payload, deliveries }) => [payload.n, deliveries])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('takes over all pending entries at once when it is the only member', async () => {
    await add({ n: 1 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.xreadgroup('GROUP', 'risk', 'killed', 'STREAMS', 'signals', '>');
    const { handle, numbers } = collector();
    await start(handle, { sole: true, minIdleMs: 60_000 });
    await until(() => numbers().length === 1);
    expect(numbers()).toEqual([1]);
  });

  it('reads and claims nothing while it is disabled, passes its check, and takes over once it is enabled', async () => {
    const first = collector(() => ({ kind: 'retry', reason: 'busy' }));
    const standby = collector();
    let enabled = false;
    const { consumer } = await start(standby.handle, { consumer: 'risk-2', sole: true, enabled: () => enabled });
    const active = await start(first.handle, { consumer: 'risk-1', minIdleMs: 60_000 });
    await add({ n: 1 }, { n: 2 });
    await until(() => first.numbers().length === 2);
    await active.stop();
    await add({ n: 3 });
    // Longer than several reads and claims of an enabled member.
    await systemClock.sleep(400);
    expect(standby.numbers()).toEqual([]);
    expect(consumer.check().ok).toBe(true);
    expect(await pending()).toBe(2);
    enabled = true;
    await until(() => standby.numbers().length === 3);
    expect(standby.numbers()).toEqual([1, 2, 3]);
    await until(async () => (await pending()) === 0);
  });

  it('keeps working after Redis is killed and restarts empty', async () => {
    const server = await startPrivateRedis();
    ending.push(async () => await server.stop());
    const { handle, numbers } = collector();
    const { consumer, commands } = await start(handle, { at: server.options });
    await commands.xadd('signals', '*', 'data', '{"n":1}');
    await until(() => numbers().length === 1);
    await server.kill();
    await until(() => !consumer.check().ok);
    await server.restart({ forget: true });
    await until(() => commands.status === 'ready');
    await commands.xadd('signals', '*', 'data', '{"n":2}');
    await until(() => numbers().length === 2);
    expect(numbers()).toEqual([1, 2]);
    await until(() => consumer.check().ok);
  });
});
