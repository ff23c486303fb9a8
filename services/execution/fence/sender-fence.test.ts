import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { Fence } from '../core/role.ts';
import { TradingStates } from '../../shared/trading-state/trading-states.ts';
import { SenderFence } from './sender-fence.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let store: MemoryExecutionStore;
let states: TradingStates;
let unavailable: boolean;
let readStates: MemoryExecutionStore['readTradingStates'];
let raising: Promise<void>;
/** How long a read of the fence takes on its way back. */
let readMs: number;

function fenceOf(incarnation: string): SenderFence {
  const reading = {
    recordIdentity: store.recordIdentity,
    raiseFence: async (desired: Fence) => {
      const raised = await store.raiseFence(desired);
      await raising;
      return raised;
    },
    releaseFence: async (...terms: Parameters<typeof store.releaseFence>) => {
      if (unavailable) throw new Error('Postgres is unavailable');
      return await store.releaseFence(...terms);
    },
    readFence: async () => {
      if (unavailable) throw new Error('Postgres is unavailable');
      const fence = await store.readFence();
      if (readMs > 0) await clock.sleep(readMs);
      return fence;
    },
  };
  states = new TradingStates({
    store: { setTradingState: store.setTradingState, readTradingStates: async () => await readStates() },
    clock,
    log,
  });
  return new SenderFence({ store: reading, states, incarnation, permitMs: 2_000, clock, log });
}

async function activeFence(incarnation: string, epoch: number): Promise<SenderFence> {
  const fence = fenceOf(incarnation);
  await fence.read();
  await fence.activate(epoch);
  fence.reconciled();
  await fence.read();
  return fence;
}

/** Runs the fence until `ms` have passed; returns the error that ended it. */
async function runFor(fence: SenderFence, ms: number): Promise<unknown> {
  const ending = new AbortController();
  const running = fence.run(ending.signal).catch((error: unknown) => error);
  await clock.advance(ms);
  ending.abort(new Error('stop'));
  return await running;
}

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  readStates = store.readTradingStates;
  unavailable = false;
  raising = Promise.resolve();
  readMs = 0;
});

describe('the permit', () => {
  it('is as old as the last read of the fence', async () => {
    const fence = await activeFence('me', 1);
    expect(fence.permitAgeMs).toBe(0);
    await clock.advance(1_999);
    expect(fence.permitAgeMs).toBe(1_999);
    await fence.read();
    expect(fence.permitAgeMs).toBe(0);
  });

  it('is dated when the read was issued, not when it returned', async () => {
    const fence = await activeFence('me', 1);
    readMs = 1_500;
    const reading = fence.read();
    await clock.advance(1_500);
    await reading;
    expect(fence.permitAgeMs).toBe(1_500);
    expect(fence.readMs).toBe(1_500);
  });

  it('of a grant is dated when it was requested, not when it returned', async () => {
    const fence = fenceOf('me');
    await fence.read();
    raising = clock.sleep(1_500);
    const activating = fence.activate(1);
    await clock.advance(1_500);
    expect(await activating).toMatchObject({ accepted: true });
    expect(fence.permitAgeMs).toBe(1_500);
  });

  it('ignores a jump of the wall clock', async () => {
    const fence = await activeFence('me', 1);
    await clock.advance(2_000);
    clock.setNow(0);
    expect(fence.permitAgeMs).toBe(2_000);
  });

  it('ages while Postgres is unavailable, and is renewed when Postgres answers again', async () => {
    const fence = await activeFence('me', 1);
    unavailable = true;
    await runFor(fence, 3_000);
    expect(fence.permitAgeMs).toBe(3_000);
    unavailable = false;
    await runFor(fence, 900);
    expect(fence.permitAgeMs).toBeLessThan(500);
  });

  it('ends with a read that does not show this process as the holder', async () => {
    const fence = await activeFence('me', 1);
    store.fence = { epoch: 0, holder: '' };
    await fence.read();
    expect(fence.permitAgeMs).toBeUndefined();
  });

  it('reports how long a read has been taking', async () => {
    const fence = await activeFence('me', 1);
    readMs = 10_000;
    void fence.read();
    await clock.advance(3_000);
    expect(fence.readMs).toBe(3_000);
  });

  it('does not depend on the trading state, which is read with the fence', async () => {
    const fence = await activeFence('me', 1);
    store.restrict('console', 'Halted');
    await fence.read();
    expect(fence.permitAgeMs).toBe(0);
    expect(states.state).toBe('Halted');
  });

  it('is not armed before the trading state is known', async () => {
    const fence = fenceOf('me');
    readStates = async () => await Promise.reject(new Error('Postgres is unavailable'));
    await expect(fence.read()).rejects.toThrow('Postgres is unavailable');
    expect(fence.sender.role).toBe('warming');
    readStates = store.readTradingStates;
    await fence.read();
    expect(fence.sender.role).toBe('armed');
  });
});

describe('a record that went back', () => {
  it('ends the holder when two reads in a row show a lower epoch', async () => {
    const fence = await activeFence('me', 3);
    store.fence = { epoch: 2, holder: 'older' };
    await fence.read();
    expect(fence.sender.role).toBe('active');
    await fence.read();
    expect(fence.sender).toEqual({ role: 'fenced', epoch: 3, fenceEpoch: 2 });
    expect(fence.check()).toMatchObject({ ok: false, reason: 'FenceWentBack' });
    expect(await runFor(fence, 5_000)).toMatchObject({ exitCode: 1, reason: 'FenceWentBack' });
  });

  it('does not end a process whose one read was issued before its grant', async () => {
    const fence = fenceOf('me');
    await fence.read();
    readMs = 300;
    const late = fence.read();
    await clock.advance(1);
    await fence.activate(1);
    await clock.advance(300);
    await late;
    readMs = 0;
    expect(await runFor(fence, 10_000)).toBeUndefined();
    expect(fence.sender.role).toBe('activating');
  });

  it.each([
    ['is another cluster', { systemId: 'restored' }],
    ['was promoted', { timeline: 2 }],
    ['lost commits', { commits: 4 }],
  ])('stops the holder at once when the database %s', async (_title, change) => {
    store.identity = { ...store.identity, commits: 5 };
    const fence = await activeFence('me', 1);
    store.identity = { ...store.identity, ...change };
    await fence.read();
    expect(fence.sender.role).toBe('fenced');
    expect(fence.permitAgeMs).toBeUndefined();
    expect(fence.check()).toMatchObject({ ok: false, reason: 'RecordWentBack' });
    expect(await runFor(fence, 5_000)).toMatchObject({ exitCode: 1, reason: 'RecordWentBack' });
  });

  it('does not end a process that holds no fence', async () => {
    const fence = fenceOf('me');
    await fence.read();
    store.identity = { ...store.identity, timeline: 2 };
    expect(await runFor(fence, 10_000)).toBeUndefined();
    expect(fence.sender.role).toBe('armed');
  });

  it('is noticed by the next activation, which trusts no drained holder then', async () => {
    await activeFence('first', 1);
    store.fence = { epoch: 1, holder: '' };
    store.identity = { ...store.identity, timeline: 2 };
    const second = await activeFence('second', 2);
    expect(second.grant).toMatchObject({ recordWentBack: true, drained: false });
    const third = await activeFence('third', 3);
    expect(third.grant).toMatchObject({ recordWentBack: false });
  });
});

describe('activation', () => {
  it('is rejected before the fence has been read', async () => {
    expect(await fenceOf('me').activate(1)).toMatchObject({ accepted: false });
  });

  it('is granted once, accepts a repeat for the same epoch, and rejects another epoch', async () => {
    const fence = await activeFence('me', 1);
    expect(await fence.activate(1)).toEqual({ accepted: true, epoch: 1, reason: 'Held' });
    expect(await fence.activate(2)).toMatchObject({ accepted: false });
  });

  it('rejects an epoch that another process holds, and reports the current fence', async () => {
    await activeFence('first', 4);
    const second = fenceOf('second');
    await second.read();
    expect(await second.activate(4)).toEqual({ accepted: false, epoch: 4, reason: 'the fence is at epoch 4' });
    expect(second.sender).toEqual({ role: 'armed', epoch: 0, fenceEpoch: 4 });
  });

  it('of another process fences this one, which exits a few seconds later', async () => {
    const old = await activeFence('old', 1);
    await activeFence('new', 2);
    const running = old.run(new AbortController().signal);
    const failure = running.catch((error: unknown) => error);
    await clock.advance(100);
    expect(old.sender).toEqual({ role: 'fenced', epoch: 1, fenceEpoch: 2 });
    expect(old.check()).toMatchObject({ ok: false, reason: 'Fenced' });
    await clock.advance(5_000);
    expect(await failure).toMatchObject({ exitCode: 1, reason: 'Fenced' });
  });

  it('that has lost commits which this process has seen ends it, although no other process holds the fence', async () => {
    const fence = await activeFence('me', 1);
    const failure = fence.run(new AbortController().signal).catch((error: unknown) => error);
    fence.intentRefused('RecordWentBack');
    expect(fence.check()).toMatchObject({
      reason: 'RecordWentBack',
      message: expect.stringContaining('fewer commits'),
    });
    await clock.advance(6_000);
    expect(await failure).toMatchObject({ exitCode: 1, reason: 'RecordWentBack' });
  });

  it.each([
    ['releases the fence where the previous sender had drained', '', ''],
    ['keeps the fence where the previous sender was killed', 'killed', 'me'],
  ])('granted while the process is stopping is rejected, and %s', async (_title, holderBefore, holderAfter) => {
    store.fence = { epoch: 1, holder: holderBefore };
    const fence = fenceOf('me');
    await fence.read();
    const { promise, resolve } = Promise.withResolvers<void>();
    raising = promise;
    const response = fence.activate(2);
    await clock.advance(1);
    fence.retire();
    resolve();
    expect(await response).toMatchObject({ accepted: false, epoch: 2 });
    expect(store.fence).toEqual({ epoch: 2, holder: holderAfter });
    expect(fence.recording).toBe(false);
    expect(await fence.activate(3)).toMatchObject({ accepted: false });
    expect(store.fence.epoch).toBe(2);
  });

  it('of two epochs at the same time takes one', async () => {
    const fence = fenceOf('me');
    await fence.read();
    const responses = await Promise.all([fence.activate(1), fence.activate(2)]);
    expect(responses.map(({ accepted }) => accepted)).toEqual([true, false]);
    expect(store.fence).toEqual({ epoch: 1, holder: 'me' });
  });
});

it('is held from the grant on, also while the process stops', async () => {
  const fence = fenceOf('me');
  await fence.read();
  expect(fence.held).toBeUndefined();
  await fence.activate(1);
  expect(fence.held).toEqual({ epoch: 1, holder: 'me' });
  fence.retire();
  expect(fence.held).toEqual(await store.readFence());
});

it('lets the process record until it begins to release it, and again if it could not', async () => {
  const fence = await activeFence('me', 1);
  const records = (): readonly boolean[] => [fence.recording, fence.mayRecord];
  fence.beginDrain();
  expect(records()).toEqual([true, true]);
  unavailable = true;
  const failed = fence.release({ instruments: {}, balances: null });
  expect(records()).toEqual([false, false]);
  expect([await failed, ...records()]).toEqual([false, true, true]);
  unavailable = false;
  const released = fence.release({ instruments: {}, balances: null });
  expect(records()).toEqual([false, false]);
  expect([await released, ...records()]).toEqual([true, false, false]);
});
