import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { connectConsumer, useStreamConsumers } from '../../../../test/harness/stores/stream-consumers.ts';
import { until } from '../../../../test/harness/until.ts';
import { systemClock } from '../../runtime/clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ensureGroup } from './consumer-group.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { createGroupMonitor } from './group-monitor.ts';
import { ACK } from './settle-batch.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const { server, ending, start, add, pending } = useStreamConsumers();

describe('a member of a group', () => {
  it('has caught up once a read leaves nothing and its entries are handled, and not while Redis has more', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: number[] = [];
    await add({ n: 1 }, { n: 2 }, { n: 3 });
    const { consumer } = await start(
      async (entries) => {
        seen.push(...entries.map(({ payload }) => payload.n));
        if (seen.length > 2) await gate.promise;
        return entries.map(() => ACK);
      },
      { batchSize: 2 },
    );
    expect(consumer.caughtUpAgeMs()).toBeNull();
    await until(() => seen.length === 3);
    expect(consumer.caughtUpAgeMs()).toBeNull();
    gate.resolve();
    await until(() => consumer.caughtUpAgeMs() !== null);
    await until(() => (consumer.caughtUpAgeMs() ?? 1_000) < 50);
  });

  it('has not caught up while a member that died has entries, before they are taken over and until they are handled', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: number[] = [];
    await add({ n: 1 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'STREAMS', 'signals', '>');
    const { consumer } = await start(
      async (entries) => {
        seen.push(...entries.map(({ payload }) => payload.n));
        await gate.promise;
        return entries.map(() => ACK);
      },
      { blockMs: 20, minIdleMs: 1_000 },
    );
    let early = 0;
    const look = (): void => void (consumer.caughtUpAgeMs() !== null && (early += 1));
    await until(() => {
      look();
      return seen.length === 1;
    });
    // The monitor observes once a second that the entry has changed hands.
    const handlingMs = performance.now();
    await until(() => {
      look();
      return performance.now() - handlingMs > 1_500;
    });
    expect(early).toBe(0);
    gate.resolve();
    await until(() => consumer.caughtUpAgeMs() !== null);
  });

  it('handles at once what an earlier process of its name had read, in order, and not what others hold', async () => {
    const seen: number[] = [];
    await add({ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    const read = async (name: string, count: number) =>
      await server.redis.call('XREADGROUP', 'GROUP', 'risk', name, 'COUNT', count, 'STREAMS', 'signals', '>');
    for (const [name, count] of [
      ['risk-1', 2],
      ['risk-0', 1],
      ['risk-1', 1],
    ] as const)
      await read(name, count);
    let early = 0;
    const { consumer } = await start(
      async (entries) => {
        seen.push(...entries.map(({ payload }) => payload.n));
        return await Promise.resolve(entries.map(() => ACK));
      },
      { blockMs: 20, minIdleMs: 60_000, batchSize: 1 },
    );
    await until(() => {
      if (consumer.caughtUpAgeMs() !== null) early += 1;
      return seen.length === 4;
    });
    expect([seen, early, await pending()]).toEqual([[1, 2, 4, 5], 0, 1]);
  });

  it('buries what kills each process that handles it', async () => {
    await add({ n: 1 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-1', 'STREAMS', 'signals', '>');
    // Six processes of the name have taken it over, and died.
    for (let died = 0; died < 6; died += 1)
      await server.redis.call('XAUTOCLAIM', 'signals', 'risk', 'risk-1', 0, '0-0', 'COUNT', 1);
    let handled = 0;
    await start(async (entries) => {
      handled += entries.length;
      return await Promise.resolve(entries.map(() => ACK));
    });
    await until(async () => (await pending()) === 0);
    expect(handled).toBe(0);
  });

  it('expects entries of other members until the group has been observed', async () => {
    const { commands, blocking } = await connectConsumer(server.options);
    ending.push(async () => await Promise.resolve([commands, blocking].forEach((client) => client.disconnect())));
    const member = { group: 'risk', consumer: 'risk-1', commands };
    await ensureGroup(member, 'signals', '0');
    const streams = ['signals'];
    const own = consumerMetrics(new Registry());
    const monitor = createGroupMonitor({ member, streams, clock: systemClock, metrics: own, log });
    expect(monitor.hasEntriesElsewhere()).toBe(true);
    const abort = new AbortController();
    const ended = monitor.run(abort.signal);
    await until(() => !monitor.hasEntriesElsewhere());
    abort.abort();
    await ended;
  });
});
