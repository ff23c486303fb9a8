import { describe, expect, it } from 'vitest';
import { useStreamConsumers } from '../../../../test/harness/stores/stream-consumers.ts';
import { until } from '../../../../test/harness/until.ts';
import { ACK } from './settle-batch.ts';

const MAX_AGE_MS = 10_000;
const { server, start, add, pending } = useStreamConsumers();

const rows = async () => (await server.redis.call('XPENDING', 'signals', 'risk', '-', '+', 10)) as unknown[][];

describe('a member of a group that starts', () => {
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
      { blockMs: 20, minIdleMs: 60_000 },
    );
    await until(() => {
      if (consumer.unread(MAX_AGE_MS) !== 'All') early += 1;
      return seen.length === 4;
    });
    expect([seen, early, await pending()]).toEqual([[1, 2, 4, 5], 0, 1]);
  });

  it('hands over a batch of what is left at a time, and has not caught up before the last one', async () => {
    const batches: (readonly number[])[] = [];
    let early = 0;
    await add({ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-1', 'STREAMS', 'signals', '>');
    const caughtUp = (): boolean => started?.consumer.unread(MAX_AGE_MS) !== 'All';
    let started: Awaited<ReturnType<typeof start>> | undefined = undefined;
    started = await start(
      async (entries) => {
        if (started !== undefined && caughtUp()) early += 1;
        batches.push(entries.map(({ payload }) => payload.n));
        return await Promise.resolve(entries.map(() => ACK));
      },
      { minIdleMs: 60_000, batchSize: 2 },
    );
    await until(caughtUp);
    expect([batches, early]).toEqual([[[1, 2], [3, 4], [5]], 0]);
  });

  it.each([
    ['handles what processes had read that died of something else', 'risk-1', 3, 1],
    ['handles it also under the name of another pod', 'risk-2', 3, 1],
    ['buries what kills each process that handles it', 'risk-1', 4, 0],
  ])('%s', async (_what, consumer, died, expected) => {
    await add({ n: 1 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', 'risk-1', 'STREAMS', 'signals', '>');
    for (let count = 0; count < died; count += 1)
      await server.redis.call('XAUTOCLAIM', 'signals', 'risk', 'risk-1', 0, '0-0', 'COUNT', 1);
    let handled = 0;
    const handle = async (entries: readonly unknown[]) => {
      handled += entries.length;
      return await Promise.resolve(entries.map(() => ACK));
    };
    await start(handle, { consumer, minIdleMs: 100 });
    await until(async () => (await pending()) === 0);
    expect(handled).toBe(expected);
  });

  it.each(['risk-1', 'risk-0'])('hands over what %s had read together with what has come since', async (earlier) => {
    const batches: (readonly number[])[] = [];
    await add({ n: 1 });
    await server.redis.xgroup('CREATE', 'signals', 'risk', '0');
    await server.redis.call('XREADGROUP', 'GROUP', 'risk', earlier, 'STREAMS', 'signals', '>');
    await add({ n: 2 });
    const minIdleMs = 100;
    await until(async () => Number((await rows())[0]?.[2]) >= minIdleMs);
    await start(
      async (entries) => {
        batches.push(entries.map(({ payload }) => payload.n));
        return await Promise.resolve(entries.map(() => ACK));
      },
      { minIdleMs },
    );
    await until(async () => batches.length > 0 && (await pending()) === 0);
    expect(batches).toEqual([[1, 2]]);
  });

  it('takes up what it was given by a read whose reply is lost, before anything newer', async () => {
    const seen: number[] = [];
    const { consumer } = await start(
      async (entries) => {
        seen.push(...entries.map(({ payload }) => payload.n));
        return await Promise.resolve(entries.map(() => ACK));
      },
      { blockMs: 1_000, minIdleMs: 60_000 },
    );
    await until(() => consumer.unread(MAX_AGE_MS) !== 'All');
    const reading = await until(async () => {
      const clients = (await server.redis.client('LIST')) as string;
      const blocked = clients
        .split('\n')
        .find((one) => new RegExp(` db=${server.options.db} .*cmd=xreadgroup `).test(one));
      return blocked === undefined ? false : /^id=(\d+)/.exec(blocked)?.[1];
    });
    const lost = server.redis.multi().xadd('signals', '*', 'data', '{"n":1}');
    lost.xreadgroup('GROUP', 'risk', 'risk-1', 'STREAMS', 'signals', '>');
    await lost.client('KILL', 'ID', reading).exec();
    await add({ n: 2 });
    await until(() => seen.length === 2);
    expect(seen).toEqual([1, 2]);
  });
});
