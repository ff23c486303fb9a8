import { describe, expect, it } from 'vitest';
import { createConsumerWorld, IDLE_MS, type Handler } from '../../../../test/harness/stores/consumer-world.ts';
import { ACK } from './settle-batch.ts';

const DEADLY = 13;

describe('an entry that ends each process that handles it', () => {
  it.each([
    ['of one name', () => 'risk-1'],
    ['of different names', (count: number) => `risk-${count}`],
  ])(
    'takes no other entry with it, and lets the later processes, %s, live for the idle time',
    async (_what, nameOf) => {
      const { pass, add, start, letters, pending, nowMs } = await createConsumerWorld(DEADLY);
      const done: number[] = [];
      const handle: Handler = async (entries) => {
        done.push(...entries.map((entry) => entry.payload.n));
        return await Promise.resolve(entries.map(() => ACK));
      };
      await add(1, DEADLY, 2, 3);
      const lives: number[] = [];
      for (let count = 1; count <= 8; count += 1) {
        const { life } = start(handle, nameOf(count));
        await add(100 + count);
        while (life.endMs === undefined && nowMs() - life.startMs < 4 * IDLE_MS) await pass(1_000);
        // The others do not wait until the entry is buried.
        if (count === 4) expect(done.toSorted((a, b) => a - b).slice(0, 3)).toEqual([1, 2, 3]);
        lives.push((life.endMs ?? Number.POSITIVE_INFINITY) - life.startMs);
        if (life.endMs === undefined) break;
        // As the kubelet backs off.
        await pass(10_000 * count);
      }
      expect(await letters()).toMatchObject([
        { payload: `{"n":${DEADLY}}`, deliveries: 6, reason: 'delivered 6 times without being acknowledged' },
      ]);
      expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 101, 102, 103, 104, 105, 106]);
      expect(await pending()).toEqual([]);
      expect(lives).toHaveLength(6);
      expect(lives.slice(2).filter((ms) => ms < IDLE_MS)).toEqual([]);
    },
  );

  it('counts as unread, and nothing else does, while the process waits before it', async () => {
    const { pass, add, start } = await createConsumerWorld(DEADLY);
    const handle: Handler = async (entries) => await Promise.resolve(entries.map(() => ACK));
    await add(DEADLY);
    for (let count = 0; count < 2; count += 1) {
      start(handle);
      await pass(5_000);
    }
    const { unread, life } = start(handle);
    await pass(5_000);
    expect(unread()).toEqual(new Set([`pair ${DEADLY}`]));
    await pass(20_000);
    expect(unread()).toEqual(new Set([`pair ${DEADLY}`]));
    expect(life.endMs).toBeUndefined();
  });
});

describe('an entry that was delivered twice', () => {
  it('is handed over after what is newer, and not together with it', async () => {
    const { pass, add, start, call } = await createConsumerWorld(DEADLY);
    await add(1);
    await call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'COUNT', 1, 'BLOCK', 1, 'STREAMS', 'signals', '>');
    await call('XAUTOCLAIM', 'signals', 'risk', 'risk-0', 0, '0-0', 'COUNT', 1);
    await pass(2 * IDLE_MS);
    await add(2);
    const batches: (readonly number[])[] = [];
    const { unread } = start(async (entries) => {
      batches.push(entries.map((entry) => entry.payload.n));
      return await Promise.resolve(entries.map(() => ACK));
    });
    await pass(IDLE_MS - 1_000);
    expect([batches, unread()]).toEqual([[[2]], new Set(['pair 1'])]);
    await pass(IDLE_MS);
    expect([batches, unread()]).toEqual([[[2], [1]], new Set()]);
  });

  it('is not unread any more once this process has judged it', async () => {
    const { pass, add, start } = await createConsumerWorld(DEADLY);
    await add(1);
    const { unread } = start(
      async (entries) => await Promise.resolve(entries.map(() => ({ kind: 'retry', reason: 'cannot divide' }))),
    );
    await pass(3 * IDLE_MS);
    expect(unread()).toEqual(new Set());
  });
});

describe('entries that an earlier process of the name had read', () => {
  const NUMBERS = [1, 2, 3, 4, 5];
  const left = async () => {
    const world = await createConsumerWorld(DEADLY);
    await world.add(...NUMBERS);
    await world.call('XREADGROUP', 'GROUP', 'risk', 'risk-1', 'COUNT', 9, 'BLOCK', 1, 'STREAMS', 'signals', '>');
    return world;
  };

  it('are handled at once, though nothing newer arrives', async () => {
    const { pass, start, pending } = await left();
    start(async (entries) => await Promise.resolve(entries.map(() => ACK)));
    await pass(100);
    expect(await pending()).toEqual([]);
  });

  it('count as unread until the last batch of them is handled', async () => {
    const { pass, start } = await left();
    const seen: number[] = [];
    const handle: Handler = async (entries) => {
      seen.push(...entries.map((entry) => entry.payload.n));
      return await Promise.resolve(entries.map(() => ACK));
    };
    const { unread } = start(handle, 'risk-1', { batchSize: 2 });
    let early = 0;
    for (let ms = 0; ms < 500 && seen.length < NUMBERS.length; ms += 1) {
      if (unread() !== 'All') early += 1;
      await pass(1);
    }
    expect([seen, early]).toEqual([NUMBERS, 0]);
    await pass(2_000);
    expect(unread()).toEqual(new Set());
  });
});

describe('a member that succeeds another one', () => {
  const RETRY = { kind: 'retry', reason: 'not active' } as const;

  it('takes over at once what the other has not acknowledged, and what it is given for a moment after that', async () => {
    const { pass, add, start, pending } = await createConsumerWorld();
    let active = 'old';
    const kept: number[] = [];
    const done: number[] = [];
    const blockMs = 250;
    start(
      async (entries) => {
        kept.push(...entries.map((entry) => entry.payload.n));
        return await Promise.resolve(entries.map(() => RETRY));
      },
      'risk-old',
      { blockMs },
    );
    const { unread } = start(
      async (entries) => {
        done.push(...entries.map((entry) => entry.payload.n));
        return await Promise.resolve(entries.map(() => ACK));
      },
      'risk-new',
      { blockMs, enabled: () => active === 'new', succeedsAfterMs: 1_000 },
    );
    await add(1, 2);
    await pass(2_000);
    expect([kept, done, unread()]).toEqual([[1, 2], [], 'All']);
    active = 'new';
    await pass(300);
    expect(done).toEqual([1, 2]);
    for (const n of [3, 4, 5, 6]) await add(n);
    await pass(2_000);
    expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(kept.filter((n) => n > 2)).not.toEqual([]);
    expect(await pending()).toEqual([]);
  });

  it('takes over what it could not handle itself, and what the other has, when it can handle all of it', async () => {
    const { pass, add, start, call, pending } = await createConsumerWorld();
    let handlesAll = false;
    const done: number[] = [];
    const { succeed } = start(
      async (entries) => {
        const outcomes = entries.map(({ payload: { n } }) => (handlesAll || n % 2 === 0 ? ACK : RETRY));
        done.push(...entries.flatMap(({ payload: { n } }, index) => (outcomes[index] === ACK ? [n] : [])));
        return await Promise.resolve(outcomes);
      },
      'risk-new',
      { succeedsAfterMs: 1_000 },
    );
    await add(1, 2);
    await pass(2_000);
    expect(done).toEqual([2]);
    await add(3);
    await call('XREADGROUP', 'GROUP', 'risk', 'risk-old', 'COUNT', 1, 'BLOCK', 1, 'STREAMS', 'signals', '>');
    await pass(2_000);
    expect([done, (await pending()).length]).toEqual([[2], 2]);
    handlesAll = true;
    succeed();
    await pass(1_100);
    expect([done.toSorted((a, b) => a - b), await pending()]).toEqual([[1, 2, 3], []]);
  });

  it('does not repeat at the second time what it is to try again itself', async () => {
    const { pass, add, start } = await createConsumerWorld();
    const tried: number[] = [];
    let isEnabled = false;
    await add(1);
    start(
      async (entries) => {
        tried.push(...entries.map((entry) => entry.payload.n));
        return await Promise.resolve(entries.map(() => RETRY));
      },
      'risk-new',
      { enabled: () => isEnabled, succeedsAfterMs: 1_000 },
    );
    await pass(500);
    isEnabled = true;
    await pass(5_000);
    expect(tried).toEqual([1]);
  });

  it('leaves to others what they are given after that moment', async () => {
    const { pass, add, start } = await createConsumerWorld();
    const taken: number[] = [];
    const kept: number[] = [];
    const noting =
      (numbers: number[], outcome: typeof ACK | typeof RETRY): Handler =>
      async (entries) => {
        numbers.push(...entries.map((entry) => entry.payload.n));
        return await Promise.resolve(entries.map(() => outcome));
      };
    start(noting(kept, RETRY), 'risk-other', { blockMs: 250 });
    const { succeed } = start(noting(taken, ACK), 'risk-new', { blockMs: 250, succeedsAfterMs: 1_000 });
    await pass(500);
    succeed();
    await pass(3_000);
    for (const n of [1, 2, 3, 4]) await add(n);
    await pass(IDLE_MS - 5_000);
    expect([kept.length > 0, [...taken, ...kept].toSorted((a, b) => a - b)]).toEqual([true, [1, 2, 3, 4]]);
  });

  it('leaves to others what they have, without such a time', async () => {
    const { pass, add, start, call } = await createConsumerWorld();
    await add(1);
    await call('XREADGROUP', 'GROUP', 'risk', 'risk-0', 'COUNT', 1, 'BLOCK', 1, 'STREAMS', 'signals', '>');
    const done: number[] = [];
    start(async (entries) => {
      done.push(...entries.map((entry) => entry.payload.n));
      return await Promise.resolve(entries.map(() => ACK));
    });
    await pass(5_000);
    expect(done).toEqual([]);
  });
});
