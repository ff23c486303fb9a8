import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { SharedEpoch } from '../ports.ts';
import { MemoryEpoch } from '../store/memory/memory-epoch.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { createEpochWatch } from './epoch-watch.ts';
import { SenderFence } from './sender-fence.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const states = { load: async () => await Promise.resolve() };
const NOTHING = { instruments: {}, balances: null };
let clock: VirtualClock;
let ending: AbortController;
let shared: MemoryEpoch;
let redisIsUnavailable: boolean;
let redis: SharedEpoch;

beforeEach(() => {
  clock = virtualClock();
  ending = new AbortController();
  shared = new MemoryEpoch();
  redisIsUnavailable = false;
  const reached = async (): Promise<void> => {
    if (redisIsUnavailable) await Promise.reject(new Error('closed'));
  };
  redis = {
    read: async () => await reached().then(shared.read),
    write: async (epoch) => await reached().then(async () => await shared.write(epoch)),
  };
});

afterEach(() => ending.abort());

/** A process on a database: its fence, and its watch once it is granted an epoch. */
async function processOn(store: MemoryExecutionStore, incarnation: string) {
  let readFence = store.readFence;
  const { raiseFence, releaseFence, recordIdentity } = store;
  const calls = { readFence: async () => await readFence(), raiseFence, releaseFence, recordIdentity };
  const fence = new SenderFence({ store: calls, states, incarnation, permitMs: 2_000, clock, log });
  await fence.read();
  const sharedEpoch: SharedEpoch = {
    read: async () => await redis.read(),
    write: async (epoch) => await redis.write(epoch),
  };
  const watch = createEpochWatch({ sharedEpoch, fence, permitMs: 2_000, clock, log });
  let end: unknown;
  void watch.run(ending.signal);
  void fence.run(ending.signal).catch((error: unknown) => {
    end = error;
  });
  await clock.advance(1);
  return {
    fence,
    ended: () => end,
    readsBy: (read: MemoryExecutionStore['readFence']) => {
      readFence = read;
    },
    grant: async (epoch: number) => {
      await fence.activate(epoch);
      watch.wake();
      await clock.advance(1);
      fence.reconciled();
    },
  };
}

/** The database that was promoted in the place of another: it has the same fence. */
function promoted(old: MemoryExecutionStore): MemoryExecutionStore {
  const store = new MemoryExecutionStore();
  store.fence = old.fence;
  return store;
}

describe('a sender on an old primary that still answers', () => {
  it('stops within half a second of the grant of its successor, and names the database', async () => {
    const old = new MemoryExecutionStore();
    const first = await processOn(old, 'first');
    await first.grant(4);
    await clock.advance(1_234);
    expect(first.fence.permitAgeMs).toBeDefined();
    const second = await processOn(promoted(old), 'second');
    await second.grant(5);
    await clock.advance(500);
    expect(first.fence.permitAgeMs).toBeUndefined();
    expect(first.fence.sender).toEqual({ role: 'fenced', epoch: 4, fenceEpoch: 4 });
    const message = expect.stringContaining('epoch 5 was granted, and the database shows epoch 4');
    expect(first.fence.check()).toEqual({ ok: false, reason: 'RecordStale', message });
    expect(second.fence.sender.role).toBe('active');
    await clock.advance(6_000);
    expect(first.ended()).toMatchObject({ exitCode: 1, reason: 'RecordStale' });
    expect(second.fence.sender.role).toBe('active');
  });

  it('stops also while that does not answer any more', async () => {
    const old = new MemoryExecutionStore();
    const first = await processOn(old, 'first');
    await first.grant(4);
    first.readsBy(async () => await Promise.reject(new Error('Postgres is unavailable')));
    await (await processOn(promoted(old), 'second')).grant(5);
    await clock.advance(500);
    const message = 'epoch 4 has lost the fence, which is now at epoch 5';
    expect(first.fence.check()).toEqual({ ok: false, reason: 'Fenced', message });
  });

  it('goes on without Redis, where the database alone decides, and learns of its successor when Redis is back', async () => {
    const old = new MemoryExecutionStore();
    const first = await processOn(old, 'first');
    await first.grant(4);
    redisIsUnavailable = true;
    const second = await processOn(promoted(old), 'second');
    await second.grant(5);
    await clock.advance(3_000);
    expect([first, second].map(({ fence }) => fence.sender.role)).toEqual(['active', 'active']);
    redisIsUnavailable = false;
    await clock.advance(1_000);
    expect([first, second].map(({ fence }) => fence.sender.role)).toEqual(['fenced', 'active']);
  });
});

describe('a sender on a sound database is only fenced', () => {
  /** The answer to the first read is slow; what it shows is as old as the read. */
  async function slowRead(next: 'answers' | 'fails') {
    const store = new MemoryExecutionStore();
    const [first, second] = [await processOn(store, 'first'), await processOn(store, 'second')];
    await first.grant(4);
    let reads = 0;
    first.readsBy(async () => {
      reads += 1;
      const read = reads;
      const seen = await store.readFence();
      if (read === 1) await clock.sleep(900);
      if (read > 1 && next === 'fails') throw new Error('connection lost');
      return seen;
    });
    await clock.advance(500);
    expect(reads).toBe(1);
    await second.grant(5);
    return first;
  }

  it.each(['answers', 'fails'] as const)('where an older read ends last, and the next one %s', async (next) => {
    const first = await slowRead(next);
    await clock.advance(600);
    expect(first.fence.check()).toMatchObject({ reason: 'Fenced', message: expect.stringContaining('now at epoch 5') });
    await clock.advance(6_000);
    expect(first.ended()).toMatchObject({ exitCode: 1, reason: 'Fenced' });
  });
});

describe('a fence that was restored', () => {
  it('sends below an older epoch in Redis', async () => {
    await shared.write(12);
    const first = await processOn(new MemoryExecutionStore(), 'first');
    await first.grant(9);
    await clock.advance(5_000);
    expect([first.fence.sender.role, await shared.read()]).toEqual(['active', 9]);
  });

  it('is not ended by the sender of before, which has not learnt of it yet', async () => {
    const store = new MemoryExecutionStore();
    const before = await processOn(store, 'before');
    await before.grant(12);
    await clock.advance(1_000);
    store.fence = { epoch: 8, holder: 'x' };
    const next = await processOn(store, 'next');
    await next.grant(9);
    await clock.advance(3_000);
    expect([before.fence.sender.role, next.fence.sender.role]).toEqual(['fenced', 'active']);
  });

  it('is not ended by one that cannot reach the database, and so has no permit', async () => {
    const cut = await processOn(new MemoryExecutionStore(), 'cut');
    await cut.grant(12);
    cut.readsBy(async () => await Promise.reject(new Error('no route to host')));
    await clock.advance(10_000);
    const restored = new MemoryExecutionStore();
    restored.fence = { epoch: 8, holder: 'before' };
    const next = await processOn(restored, 'next');
    await next.grant(9);
    await clock.advance(5_000);
    expect(next.fence.sender.role).toBe('active');
  });
});

it('a Redis that does not answer holds up neither the watch nor its end', async () => {
  const store = new MemoryExecutionStore();
  const first = await processOn(store, 'first');
  await first.grant(1);
  let asked = 0;
  redis = {
    read: async () => {
      asked += 1;
      return await new Promise(() => {});
    },
    write: async () => await new Promise(() => {}),
  };
  await clock.advance(5_000);
  expect([asked, first.fence.sender.role]).toEqual([5, 'active']);
});

it.each([
  ['again where Redis lost it', undefined, [4]],
  ['again where Redis has an older one', 3, [4]],
  ['once where Redis has it', 4, []],
])('announces its epoch %s', async (_what, epoch, expected) => {
  const first = await processOn(new MemoryExecutionStore(), 'first');
  await first.grant(4);
  const written: number[] = [];
  redis = {
    read: async () => await Promise.resolve(epoch),
    write: async (one) => await Promise.resolve(void written.push(one)),
  };
  await clock.advance(500);
  expect(written).toEqual(expected);
});

it('announces nothing without the fence, and every epoch that it is granted', async () => {
  const store = new MemoryExecutionStore();
  const first = await processOn(store, 'first');
  await clock.advance(2_000);
  expect(await shared.read()).toBeUndefined();
  await first.grant(1);
  expect(await shared.read()).toBe(1);
  first.fence.beginDrain();
  await first.fence.release(NOTHING);
  const second = await processOn(store, 'second');
  await second.grant(2);
  await clock.advance(2_000);
  expect([first.fence.sender.role, await shared.read()]).toEqual(['standby', 2]);
  second.fence.beginDrain();
  await second.fence.release(NOTHING);
  await first.grant(3);
  await clock.advance(2_000);
  expect([first.fence.sender.role, await shared.read()]).toEqual(['active', 3]);
});
