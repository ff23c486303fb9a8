import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryExecutionStore } from '../../test/support/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { FenceKeeper } from './fence-keeper.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let store: MemoryExecutionStore;
let away: boolean;

function keeperOf(incarnation: string, halt = false): FenceKeeper {
  const reading = {
    readHalts: store.readHalts,
    raiseFence: store.raiseFence,
    releaseFence: store.releaseFence,
    readFence: async () => {
      if (away) throw new Error('Postgres is away');
      return await store.readFence();
    },
  };
  return new FenceKeeper({ store: reading, incarnation, permitMs: 2_000, halt, clock, log });
}

async function activeKeeper(incarnation: string, epoch: number): Promise<FenceKeeper> {
  const keeper = keeperOf(incarnation);
  await keeper.read();
  await keeper.activate(epoch);
  keeper.reconciled();
  await keeper.read();
  return keeper;
}

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  away = false;
});

describe('the permit', () => {
  it('is given by a read of the fence, and lasts its time', async () => {
    const keeper = await activeKeeper('me', 1);
    expect(keeper.refusal(1)).toBeUndefined();
    await clock.advance(1_999);
    expect(keeper.refusal(1)).toBeUndefined();
    await clock.advance(1);
    expect(keeper.refusal(1)).toBe('PermitExpired');
    await keeper.read();
    expect(keeper.refusal(1)).toBeUndefined();
  });

  it('is not moved by a jump of the wall clock', async () => {
    const keeper = await activeKeeper('me', 1);
    await clock.advance(2_000);
    clock.setNow(0);
    expect(keeper.refusal(1)).toBe('PermitExpired');
  });

  it('runs out while Postgres is away, and comes back with it', async () => {
    const keeper = await activeKeeper('me', 1);
    const ending = new AbortController();
    const running = keeper.run(ending.signal);
    away = true;
    await clock.advance(3_000);
    expect(keeper.refusal(1)).toBe('PermitExpired');
    away = false;
    await clock.advance(1_000);
    expect(keeper.refusal(1)).toBeUndefined();
    ending.abort(new Error('stop'));
    await running;
  });

  it('is for its own epoch', async () => {
    const keeper = await activeKeeper('me', 1);
    expect(keeper.refusal(2)).toBe('PermitExpired');
  });

  it('does not help while halted', async () => {
    const keeper = await activeKeeper('me', 1);
    store.halts = ['console'];
    await keeper.read();
    expect(keeper.refusal(1)).toBe('Halted');
    expect(keeper.haltedBy).toEqual(['console']);
  });
});

describe('activation', () => {
  it('is refused before the fence has been read', async () => {
    expect(await keeperOf('me').activate(1)).toMatchObject({ accepted: false });
  });

  it('is granted once for an epoch, and repeated harmlessly', async () => {
    const keeper = await activeKeeper('me', 1);
    expect(await keeper.activate(1)).toEqual({ accepted: true, epoch: 1, reason: 'Held' });
    expect(await keeper.activate(2)).toMatchObject({ accepted: false });
  });

  it('of an epoch that somebody holds is refused, and the fence is told', async () => {
    await activeKeeper('first', 4);
    const second = keeperOf('second');
    await second.read();
    expect(await second.activate(4)).toEqual({ accepted: false, epoch: 4, reason: 'the fence stands at 4' });
    expect(second.sender).toEqual({ role: 'armed', epoch: 0, fenceEpoch: 4 });
  });

  it('of another process fences this one, which ends a little later', async () => {
    const old = await activeKeeper('old', 1);
    await activeKeeper('new', 2);
    const running = old.run(new AbortController().signal);
    const ended = running.catch((error: unknown) => error);
    await clock.advance(100);
    expect(old.sender).toEqual({ role: 'fenced', epoch: 1, fenceEpoch: 2 });
    expect(old.check()).toMatchObject({ ok: false, reason: 'Fenced' });
    await clock.advance(5_000);
    expect(await ended).toMatchObject({ exitCode: 1, reason: 'Fenced' });
  });
});
