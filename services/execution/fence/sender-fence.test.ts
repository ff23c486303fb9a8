import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { Fence } from '../core/role.ts';
import { SenderFence } from './sender-fence.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let store: MemoryExecutionStore;
let away: boolean;
let raising: Promise<void>;

function fenceOf(incarnation: string, halt = false): SenderFence {
  const reading = {
    readHalts: store.readHalts,
    raiseFence: async (wanted: Fence) => {
      const raised = await store.raiseFence(wanted);
      await raising;
      return raised;
    },
    releaseFence: store.releaseFence,
    readFence: async () => {
      if (away) throw new Error('Postgres is away');
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
  away = false;
  raising = Promise.resolve();
});

describe('the permit', () => {
  it('is given by a read of the fence, and lasts its time', async () => {
    const fence = await activeFence('me', 1);
    expect(fence.refusal(1)).toBeUndefined();
    await clock.advance(1_999);
    expect(fence.refusal(1)).toBeUndefined();
    await clock.advance(1);
    expect(fence.refusal(1)).toBe('PermitExpired');
    await fence.read();
    expect(fence.refusal(1)).toBeUndefined();
  });

  it('is not moved by a jump of the wall clock', async () => {
    const fence = await activeFence('me', 1);
    await clock.advance(2_000);
    clock.setNow(0);
    expect(fence.refusal(1)).toBe('PermitExpired');
  });

  it('runs out while Postgres is away, and comes back with it', async () => {
    const fence = await activeFence('me', 1);
    const ending = new AbortController();
    const running = fence.run(ending.signal);
    away = true;
    await clock.advance(3_000);
    expect(fence.refusal(1)).toBe('PermitExpired');
    away = false;
    await clock.advance(1_000);
    expect(fence.refusal(1)).toBeUndefined();
    ending.abort(new Error('stop'));
    await running;
  });

  it('is for its own epoch', async () => {
    const fence = await activeFence('me', 1);
    expect(fence.refusal(2)).toBe('PermitExpired');
  });

  it('does not help while halted', async () => {
    const fence = await activeFence('me', 1);
    store.halts = ['console'];
    await fence.read();
    expect(fence.refusal(1)).toBe('Halted');
    expect(fence.haltedBy).toEqual(['console']);
  });
});

describe('activation', () => {
  it('is refused before the fence has been read', async () => {
    expect(await fenceOf('me').activate(1)).toMatchObject({ accepted: false });
  });

  it('is granted once for an epoch, and repeated harmlessly', async () => {
    const fence = await activeFence('me', 1);
    expect(await fence.activate(1)).toEqual({ accepted: true, epoch: 1, reason: 'Held' });
    expect(await fence.activate(2)).toMatchObject({ accepted: false });
  });

  it('of an epoch that somebody holds is refused, and the fence is told', async () => {
    await activeFence('first', 4);
    const second = fenceOf('second');
    await second.read();
    expect(await second.activate(4)).toEqual({ accepted: false, epoch: 4, reason: 'the fence stands at 4' });
    expect(second.sender).toEqual({ role: 'armed', epoch: 0, fenceEpoch: 4 });
  });

  it('of another process fences this one, which ends a little later', async () => {
    const old = await activeFence('old', 1);
    await activeFence('new', 2);
    const running = old.run(new AbortController().signal);
    const ended = running.catch((error: unknown) => error);
    await clock.advance(100);
    expect(old.sender).toEqual({ role: 'fenced', epoch: 1, fenceEpoch: 2 });
    expect(old.check()).toMatchObject({ ok: false, reason: 'Fenced' });
    await clock.advance(5_000);
    expect(await ended).toMatchObject({ exitCode: 1, reason: 'Fenced' });
  });

  it.each([
    ['an earlier sender that drained: the next one need not wait', '', ''],
    ['an earlier sender that was killed: the next one waits', 'killed', 'me'],
  ])('that is granted when the process is about to end is none, after %s', async (_whom, before, after) => {
    store.fence = { epoch: 1, holder: before };
    const fence = fenceOf('me');
    await fence.read();
    const { promise, resolve } = Promise.withResolvers<void>();
    raising = promise;
    const answer = fence.activate(2);
    await clock.advance(1);
    fence.retire();
    resolve();
    expect(await answer).toMatchObject({ accepted: false, epoch: 2 });
    expect(store.fence).toEqual({ epoch: 2, holder: after });
    expect(fence.recording).toBe(false);
    expect(await fence.activate(3)).toMatchObject({ accepted: false });
    expect(store.fence.epoch).toBe(2);
  });

  it('of two epochs at once takes one', async () => {
    const fence = fenceOf('me');
    await fence.read();
    const answers = await Promise.all([fence.activate(1), fence.activate(2)]);
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, false]);
    expect(store.fence).toEqual({ epoch: 1, holder: 'me' });
  });
});
