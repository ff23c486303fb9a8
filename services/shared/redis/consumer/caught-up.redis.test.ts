import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { connectConsumer, useStreamConsumers } from '../../../../test/harness/stores/stream-consumers.ts';
import { until } from '../../../../test/harness/until.ts';
import { systemClock } from '../../runtime/clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ensureGroup } from './consumer-group.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { createGroupMonitor } from './group-monitor.ts';
import { JudgedEntries } from './judged-entries.ts';
import { ACK } from './settle-batch.ts';
import type { StreamConsumer } from './stream-consumer.ts';
import { UNHANDLED_MAX } from './unhandled-entries.ts';

const MAX_AGE_MS = 10_000;
const log = createLogger({ name: 'test', level: 'silent' });
const { server, ending, start, add } = useStreamConsumers();

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
    expect(consumer.unread(MAX_AGE_MS)).toBe('All');
    await until(() => seen.length === 3);
    expect(consumer.unread(MAX_AGE_MS)).toBe('All');
    gate.resolve();
    await until(() => consumer.unread(MAX_AGE_MS) !== 'All');
    await until(() => consumer.unread(50) !== 'All');
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
    const look = (): void => void (consumer.unread(MAX_AGE_MS) !== 'All' && (early += 1));
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
    await until(() => consumer.unread(MAX_AGE_MS) !== 'All');
  });

  const bySubject = { subjectOf: ({ n }: { readonly n: number }) => `pair ${n}`, minIdleMs: 60_000 };
  const asked = async (consumer: StreamConsumer): Promise<readonly string[] | 'All'> => {
    // The monitor looks once a second: what it finds at first is what the dead member has.
    await until(() => consumer.figures()['pendingEntries'] !== 0);
    await until(() => consumer.unread(MAX_AGE_MS) !== 'All', { withinMs: 2_500 }).catch(() => {});
    const unread = consumer.unread(MAX_AGE_MS);
    return unread === 'All' ? unread : [...unread].toSorted();
  };

  it.each<[string, readonly unknown[], readonly string[] | 'All']>([
    ['about what its entries are', [{ n: 1 }, { n: 2 }, { n: 1 }], ['pair 1', 'pair 2']],
    ['about anything, if one of them cannot be read', [{ n: 1 }, { m: 2 }], 'All'],
    [
      'about anything, if there are too many of them',
      Array.from({ length: UNHANDLED_MAX + 1 }, () => ({ n: 1 })),
      'All',
    ],
  ])('has caught up, while another that died has entries, but for entries %s', async (_what, entries, expected) => {
    await add(...entries);
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'STREAMS', 'signals', '>');
    await add({ n: 9 });
    const { consumer } = await start(async (batch) => await Promise.resolve(batch.map(() => ACK)), bySubject);
    expect(await asked(consumer)).toEqual(expected);
  });

  it.each<[number, readonly string[] | 'All']>([
    [9_999, ['pair 2']],
    // More than are listed: which of them others have is unknown.
    [10_001, 'All'],
  ])(
    'has caught up but for an entry of another one, behind %d that it is to try again itself',
    async (own, expected) => {
      await Promise.all(Array.from({ length: own }, async () => await add({ n: 1 })));
      const last = String(await server.redis.xadd('signals', '*', 'data', '{"n":2}'));
      let tried = 0;
      const { consumer } = await start(
        async (batch) => {
          tried += batch.length;
          return await Promise.resolve(batch.map(() => ({ kind: 'retry', reason: 'not now' })));
        },
        { ...bySubject, batchSize: 5_000 },
      );
      await until(() => tried === own + 1);
      await server.redis.call('XCLAIM', 'signals', 'risk', 'risk-0', 0, last);
      // The monitor looks once a second.
      await delay(2_500);
      expect(await asked(consumer)).toEqual(expected);
    },
  );

  it('has not caught up between taking over an entry and learning so', async () => {
    const gate = Promise.withResolvers<void>();
    await add({ n: 1 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'STREAMS', 'signals', '>');
    const { commands: client, blocking } = await connectConsumer(server.options);
    let claims = 0;
    const call = async (command: string, ...rest: readonly string[]): Promise<unknown> => {
      const reply = await client.call(command, ...rest);
      // After a claim, the member asks for its own entries by its name.
      if (command === 'XPENDING' && rest.at(-1) === 'risk-1') {
        claims += 1;
        await gate.promise;
      }
      return reply;
    };
    const commands = new Proxy(client, {
      get: (target, name): unknown => (name === 'call' ? call : Reflect.get(target, name)),
    });
    const options = { ...bySubject, minIdleMs: 2_000, blockMs: 20, commands, blocking };
    const { consumer } = await start(async (batch) => await Promise.resolve(batch.map(() => ACK)), options);
    await until(() => consumer.unread(MAX_AGE_MS) !== 'All');
    await until(() => claims > 0);
    let early = 0;
    const claimedMs = performance.now();
    await until(() => {
      const unread = consumer.unread(MAX_AGE_MS);
      if (unread !== 'All' && unread.size === 0) early += 1;
      return performance.now() - claimedMs > 1_500;
    });
    gate.resolve();
    expect(early).toBe(0);
    await until(() => consumer.unread(MAX_AGE_MS) !== 'All');
  });

  it('expects entries of other members until the group has been observed', async () => {
    const { commands, blocking } = await connectConsumer(server.options);
    ending.push(async () => await Promise.resolve([commands, blocking].forEach((client) => client.disconnect())));
    const member = { group: 'risk', consumer: 'risk-1', commands };
    await ensureGroup(member, 'signals', '0');
    const streams = ['signals'];
    const own = consumerMetrics(new Registry());
    const monitor = createGroupMonitor({
      member,
      streams,
      clock: systemClock,
      metrics: own,
      log,
      subjectsOf: () => new Set(),
      judged: new JudgedEntries(),
    });
    expect(monitor.unhandled()).toBe('All');
    const abort = new AbortController();
    const ended = monitor.run(abort.signal);
    await until(() => monitor.unhandled() !== 'All');
    abort.abort();
    await ended;
  });
});
