import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { Fence } from '../core/role.ts';
import { SenderFence } from './sender-fence.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let store: MemoryExecutionStore;
let unavailable: boolean;
let raising: Promise<void>;

function fenceOf(incarnation: string, halt = false): SenderFence {
  const reading = {
    readHalts: store.readHalts,
    raiseFence: async (desired: Fence) => {
      const raised = await store.raiseFence(desired);
      await raising;
      return raised;
    },
    releaseFence: store.releaseFence,
    readFence: async () => {
      if (unavailable) throw new Error('Postgres is unavailable');
      return await store.readFence();
    },
  };
  return new SenderFence({ store: reading, incarnation, permitMs: 2_000, halt, clock, log });
}

async function activeFence(incarnation: string, epoch: number): Promise<SenderFence> {
  const fence = fenceOf(incarnation);
  await fence.read();
  await fence.activate(epoch);
  fence.reconciled();
  await fence.read();
  return fence;
}

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  unavailable = false;
  raising = Promise.resolve();
});

describe('the permit', () => {
  it('starts with a read of the fence and lasts permitMs', async () => {
    const fence = await activeFence('me', 1);
    expect(fence.refusal(1)).toBeUndefined();
    await clock.advance(1_999);
    expect(fence.refusal(1)).toBeUndefined();
    await clock.advance(1);
    expect(fence.refusal(1)).toBe('PermitExpired');
    await fence.read();
    expect(fence.refusal(1)).toBeUndefined();
  });

  it('ignores a jump of the wall clock', async () => {
    const fence = await activeFence('me', 1);
    await clock.advance(2_000);
    clock.setNow(0);
    expect(fence.refusal(1)).toBe('PermitExpired');
  });

  it('expires while Postgres is unavailable, and is renewed when Postgres answers again', async () => {
    const fence = await activeFence('me', 1);
    const ending = new AbortController();
    const running = fence.run(ending.signal);
    unavailable = true;
    await clock.advance(3_000);
    expect(fence.refusal(1)).toBe('PermitExpired');
    unavailable = false;
    await clock.advance(1_000);
    expect(fence.refusal(1)).toBeUndefined();
    ending.abort(new Error('stop'));
    await running;
  });

  it('allows only its own epoch', async () => {
    const fence = await activeFence('me', 1);
    expect(fence.refusal(2)).toBe('PermitExpired');
  });

  it('allows nothing while a halt is active', async () => {
    const fence = await activeFence('me', 1);
    store.halts = ['console'];
    await fence.read();
    expect(fence.refusal(1)).toBe('Halted');
    expect(fence.haltedBy).toEqual(['console']);
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
