import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  claimRun,
  ensureGroup,
  giveBack,
  pendingRows,
  readNew,
  type Membership,
} from '../../shared/redis/consumer/consumer-group.ts';
import { readGroupState, removeAbandonedConsumers } from '../../shared/redis/consumer/group-state.ts';
import { trimBelowSlowestGroup } from '../../shared/redis/consumer/trim.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { replyCode } from '../../shared/redis/redis-error.ts';

/** An empty server with two connections. */
export interface RedisUnderTest {
  readonly commands: RedisClient;
  readonly blocking: RedisClient;
  /** Lets time pass until the promise has settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const STREAM = 'signals';

/** What the services rely on in Redis. The model in memory passes it as the real server does. */
export function redisContract(name: string, open: () => Promise<RedisUnderTest>): void {
  describe(name, () => {
    let server: RedisUnderTest;
    beforeEach(async () => {
      server = await open();
    });
    afterEach(async () => await server.close());

    const call = async (command: string, ...args: (string | number)[]): Promise<unknown> =>
      await server.settle(server.commands.call(command, ...args));
    const add = async (id: string, ...more: (string | number)[]): Promise<unknown> =>
      await call('XADD', STREAM, ...more, id, 'data', `"${id}"`);
    const addAll = async (...ids: string[]): Promise<void> => {
      for (const id of ids) await add(id);
    };
    const member = (consumer = 'a', group = 'risk'): Membership => ({ group, consumer, commands: server.commands });
    const join = async (from: '0' | '$' = '0', one = member()): Promise<void> =>
      await server.settle(ensureGroup(one, STREAM, from));
    const read = async (one = member(), count = 10, blockMs = 20): Promise<string[]> => {
      const entries = await server.settle(readNew(server.blocking, one, { streams: [STREAM], count, blockMs }));
      return entries.map(({ id }) => id);
    };
    const claim = async (one: Membership, minIdleMs: number, count = 10, start = '0-0') =>
      await server.settle(claimRun(one, { stream: STREAM, minIdleMs, count, start }));
    const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
      await work.then(
        () => 'no error',
        (error: unknown) => replyCode(error),
      );
    const idsOf = (reply: unknown): string[] => (reply as [string, string[]][]).map(([id]) => id);

    describe('streams', () => {
      it('gives IDs above the last one, and takes explicit ones only above it', async () => {
        expect(await add('5-1')).toBe('5-1');
        const [ms = ''] = String(await add('*')).split('-');
        expect(Number(ms)).toBeGreaterThan(1_000_000_000_000);
        expect(await codeOf(add('5-1'))).toBe('ERR');
        expect(await codeOf(call('XADD', 'other', '0-0', 'data', '1'))).toBe('ERR');
        const below = `${ms}-0`;
        await add(`${Number(ms) + 60_000}-3`);
        expect(await codeOf(add(below))).toBe('ERR');
        expect(await add('*')).toBe(`${Number(ms) + 60_000}-4`);
      });

      it('distinguishes a repetition from an ID that is too low, through the publisher', async () => {
        const publisher = createPublisher(server.commands);
        const publish = async (id: string) => await server.settle(publisher.publish(STREAM, { id }, { id }));
        expect(await publish('7-0')).toEqual({ kind: 'ok', id: '7-0' });
        expect(await publish('7-0')).toEqual({ kind: 'duplicate', id: '7-0' });
        expect(await publish('6-0')).toMatchObject({ kind: 'refused', reason: 'IdNotAbove' });
      });

      it('lists a range in both directions, with exclusive starts and counts', async () => {
        await addAll('1-0', '2-0', '2-1', '3-0');
        expect(idsOf(await call('XRANGE', STREAM, '2-0', '3-0'))).toEqual(['2-0', '2-1', '3-0']);
        expect(idsOf(await call('XRANGE', STREAM, '(2-0', '+', 'COUNT', 1))).toEqual(['2-1']);
        expect(idsOf(await call('XRANGE', STREAM, '2', '2'))).toEqual(['2-0', '2-1']);
        expect(idsOf(await call('XREVRANGE', STREAM, '+', '-', 'COUNT', 2))).toEqual(['3-0', '2-1']);
        expect(await call('XRANGE', 'missing', '-', '+')).toEqual([]);
        expect(await call('XRANGE', STREAM, '1-0', '1-0')).toEqual([['1-0', ['data', '"1-0"']]]);
      });

      it('trims to about a length, never below it', async () => {
        for (let index = 1; index <= 450; index += 1) await add(`${index}-0`, 'MAXLEN', '~', 150);
        const length = Number(await call('XLEN', STREAM));
        expect(length).toBeGreaterThanOrEqual(150);
        expect(length).toBeLessThan(300);
        expect(idsOf(await call('XREVRANGE', STREAM, '+', '-', 'COUNT', 1))).toEqual(['450-0']);
      });

      it('waits for entries as long as it is asked to, and returns one that arrives meanwhile', async () => {
        const wait = async (ms: number) =>
          await server.blocking.call('XREAD', 'COUNT', 5, 'BLOCK', ms, 'STREAMS', STREAM, '0-0');
        expect(await server.settle(wait(20))).toBeNull();
        const waiting = wait(2_000);
        await server.pass(30);
        await add('9-0');
        expect(await server.settle(waiting)).toEqual([[`test-1:${STREAM}`, [['9-0', ['data', '"9-0"']]]]]);
      });
    });

    describe('groups', () => {
      it('are created once, at the start or at the end of the stream', async () => {
        await addAll('1-0');
        expect(await codeOf(call('XGROUP', 'CREATE', STREAM, 'risk', '0', 'MKSTREAM'))).toBe('no error');
        expect(await codeOf(call('XGROUP', 'CREATE', STREAM, 'risk', '0', 'MKSTREAM'))).toBe('BUSYGROUP');
        await join('$', member('x', 'late'));
        await addAll('2-0');
        expect(await read()).toEqual(['1-0', '2-0']);
        expect(await read(member('x', 'late'))).toEqual(['2-0']);
      });

      it('deliver each entry to one consumer, up to the count', async () => {
        await join();
        await addAll('1-0', '2-0', '3-0');
        expect(await read(member('a'), 2)).toEqual(['1-0', '2-0']);
        expect(await read(member('b'))).toEqual(['3-0']);
        expect(await read(member('b'))).toEqual([]);
      });

      it('reject reads without a group or a stream', async () => {
        expect(await codeOf(read())).toBe('NOGROUP');
        expect(await codeOf(server.settle(readGroupState(member(), STREAM)))).toBe('ERR');
        await addAll('1-0');
        expect(await codeOf(claim(member(), 0))).toBe('NOGROUP');
      });

      it('end a waiting read when the stream is deleted', async () => {
        await join();
        const waiting = codeOf(readNew(server.blocking, member(), { streams: [STREAM], count: 1, blockMs: 2_000 }));
        await server.pass(30);
        await call('DEL', STREAM);
        expect(['NOGROUP', 'UNBLOCKED']).toContain(await server.settle(waiting));
      });

      it('keep what is delivered until it is acknowledged', async () => {
        await join();
        await addAll('1-0', '2-0', '3-0');
        await read();
        expect(await call('XACK', STREAM, 'risk', '2-0', '2-0', '9-0')).toBe(1);
        expect(await call('XPENDING', STREAM, 'risk')).toEqual([2, '1-0', '3-0', [['a', '2']]]);
        const rows = (await call('XPENDING', STREAM, 'risk', '1-0', '3-0', 10, 'a')) as unknown[][];
        expect(rows.map(([id, owner, , deliveries]) => [id, owner, deliveries])).toEqual([
          ['1-0', 'a', 1],
          ['3-0', 'a', 1],
        ]);
        expect(await call('XPENDING', STREAM, 'risk', '1-0', '3-0', 10, 'b')).toEqual([]);
        const all = (await call('XPENDING', STREAM, 'risk', '2-0', `${Number.MAX_SAFE_INTEGER}-0`, 10)) as unknown[][];
        expect(all.map(([id, owner]) => [id, owner])).toEqual([['3-0', 'a']]);
      });

      it('hand over what is idle for long enough, and count the deliveries', async () => {
        await join();
        await addAll('1-0', '2-0', '3-0');
        await read();
        expect((await claim(member('b'), 60_000)).entries).toEqual([]);
        await server.pass(60);
        const taken = await claim(member('b'), 50, 2);
        expect(taken.entries.map(({ id, deliveries }) => [id, deliveries])).toEqual([
          ['1-0', 2],
          ['2-0', 2],
        ]);
        const rest = await claim(member('b'), 50, 2, '3-0');
        expect(rest.entries.map(({ id }) => id)).toEqual(['3-0']);
      });

      it('are taken up by any member once they are given back, as if they were new', async () => {
        await join();
        await addAll('1-0', '2-0', '3-0');
        await read();
        await claim(member(), 0);
        await call('XACK', STREAM, 'risk', '2-0');
        await server.settle(giveBack(member(), { stream: STREAM, ids: ['1-0', '2-0'], minIdleMs: 60_000 }));
        const rows = await server.settle(pendingRows(member(), { stream: STREAM, from: '-', count: 9 }));
        expect(rows.map(({ id, deliveries, idleMs }) => [id, deliveries, idleMs > 60_000])).toEqual([
          ['1-0', 0, true],
          ['3-0', 2, false],
        ]);
        const { entries } = await claim(member('b'), 60_000);
        expect(entries.map(({ id, deliveries }) => [id, deliveries])).toEqual([['1-0', 1]]);
      });

      it('report nothing of what was trimmed before it is given back', async () => {
        await join();
        for (let index = 1; index <= 250; index += 1) await add(`${index}-0`);
        await read(member(), 3);
        await call('XTRIM', STREAM, 'MINID', '~', '200-0');
        await server.settle(giveBack(member(), { stream: STREAM, ids: ['1-0'], minIdleMs: 0 }));
        expect(await claim(member('b'), 0)).toMatchObject({ entries: [], lost: 2 });
      });

      it('list what is pending, from an ID on or after it, with who has it and for how long', async () => {
        await join();
        await addAll('1-0', '2-0', '3-0');
        await read(member('a'), 2);
        await server.pass(60);
        await claim(member('b'), 50, 1, '2-0');
        await read(member('b'));
        const list = async (from: string, count = 10) =>
          await server.settle(pendingRows(member(), { stream: STREAM, from, count }));
        const rows = await list('-');
        expect(rows.map(({ id, consumer, deliveries }) => [id, consumer, deliveries])).toEqual([
          ['1-0', 'a', 1],
          ['2-0', 'b', 2],
          ['3-0', 'b', 1],
        ]);
        expect(rows.map(({ idleMs }) => idleMs >= 50)).toEqual([true, false, false]);
        const ids = async (from: string, count?: number) => (await list(from, count)).map(({ id }) => id);
        expect([await ids('2-0'), await ids('(2-0'), await ids('-', 2)]).toEqual([
          ['2-0', '3-0'],
          ['3-0'],
          ['1-0', '2-0'],
        ]);
      });

      it('report what was trimmed while it was pending, once', async () => {
        await join();
        for (let index = 1; index <= 250; index += 1) await add(`${index}-0`);
        await read(member(), 3);
        await call('XTRIM', STREAM, 'MINID', '~', '200-0');
        expect(await claim(member('b'), 0)).toMatchObject({ entries: [], lost: 3 });
        expect(await claim(member('b'), 0)).toMatchObject({ entries: [], lost: 0 });
      });

      it('report how far they are', async () => {
        await join();
        await addAll('1-0', '2-0', '3-0');
        const state = async () => await server.settle(readGroupState(member(), STREAM));
        expect(await state()).toEqual({ pending: 0, lag: 3, oldestId: '1-0' });
        await read(member(), 2);
        expect(await state()).toEqual({ pending: 2, lag: 1, oldestId: '1-0' });
        await call('XACK', STREAM, 'risk', '1-0', '2-0');
        expect(await state()).toEqual({ pending: 0, lag: 1, oldestId: '3-0' });
      });

      it('know their consumers, and remove one', async () => {
        await join();
        await addAll('1-0');
        await read(member('a'));
        await read(member('nothing read'));
        await addAll('2-0');
        await read(member('b'));
        await server.settle(removeAbandonedConsumers(member('b'), STREAM));
        const names = async () =>
          ((await call('XINFO', 'CONSUMERS', STREAM, 'risk')) as string[][]).map((row) => row[1]);
        expect(await names()).toEqual(['a', 'b']);
        expect(await call('XGROUP', 'DELCONSUMER', STREAM, 'risk', 'a')).toBe(1);
        expect(await names()).toEqual(['b']);
      });

      it('let the stream be trimmed below the slowest of them', async () => {
        await join();
        for (let index = 1; index <= 250; index += 1) await add(`${index}-0`);
        await read(member(), 220);
        const trim = async () => await server.settle(trimBelowSlowestGroup(server.commands, STREAM, ['risk']));
        expect(await trim()).toBe(0);
        const first = Array.from({ length: 219 }, (_, index) => `${index + 1}-0`);
        await call('XACK', STREAM, 'risk', ...first);
        expect(await trim()).toBe(200);
        expect(idsOf(await call('XRANGE', STREAM, '-', '+', 'COUNT', 1))).toEqual(['201-0']);
      });
    });

    describe('keys', () => {
      it('hold hashes', async () => {
        expect(await call('HSET', 'h', 'a', '1', 'b', '2')).toBe(2);
        expect(await call('HSET', 'h', 'a', '3')).toBe(0);
        expect(await server.settle(server.commands.hgetall('h'))).toEqual({ a: '3', b: '2' });
        expect(await server.settle(server.commands.hgetall('missing'))).toEqual({});
        expect(await codeOf(call('XADD', 'h', '*', 'data', '1'))).toBe('WRONGTYPE');
      });

      it('expire, and are then as if they had never been', async () => {
        await addAll('5-0');
        expect(await call('EXPIRE', STREAM, 1)).toBe(1);
        expect(await call('EXPIRE', 'missing', 1)).toBe(0);
        await server.pass(1_100);
        expect(await call('XRANGE', STREAM, '-', '+')).toEqual([]);
        expect(await add('1-0')).toBe('1-0');
      });
    });
  });
}
