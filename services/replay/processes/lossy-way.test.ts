import { expect, it } from 'vitest';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { QUIET_NETWORK } from '../core/network.ts';
import { createScheduler } from '../core/scheduler.ts';
import { SOUND_STORE, type StoreFaults } from '../core/store-faults.ts';
import { crashable } from './crashable.ts';
import { lossyWay } from './lossy-way.ts';

/** A store of one counter, and what its statements return or reject with, and when. */
function store(faults: Partial<StoreFaults>) {
  const scheduler = createScheduler(0);
  const way = lossyWay({ scheduler, network: QUIET_NETWORK, storeFaults: { ...SOUND_STORE, ...faults } });
  const state = { commits: 0 };
  const target = {
    commitIntent: async () => await Promise.resolve((state.commits += 1)),
    readFence: async () => await Promise.resolve('fence'),
  };
  const statements = crashable(target, { dead: false }, way);
  const outcome = async (statement: () => Promise<unknown>) => {
    const seen: { value?: unknown; error?: unknown; atMs?: number } = {};
    void statement().then(
      (value) => Object.assign(seen, { value, atMs: scheduler.nowMs() }),
      (error: unknown) => Object.assign(seen, { error, atMs: scheduler.nowMs() }),
    );
    await scheduler.run(scheduler.nowMs() + 40_000);
    return seen;
  };
  return { statements, outcome, state };
}

it('a slow statement takes its time on both ways', async () => {
  const { statements, outcome } = store({ slowMs: () => 700 });
  expect(await outcome(statements.commitIntent)).toEqual({ value: 1, atMs: 1_402 });
});

it('a lost answer to a COMMIT leaves the outcome unknown, after the commit', async () => {
  const { statements, outcome, state } = store({ losesCommit: () => true });
  const { error } = await outcome(statements.commitIntent);
  expect(error).toMatchObject({ code: 'CommitUnknown' });
  expect(isPostgresUnavailable(error)).toBe(true);
  expect(state.commits).toBe(1);
  expect(await outcome(statements.readFence)).toMatchObject({ value: 'fence' });
});

it('a lock holds a statement back until it times out, and nothing else', async () => {
  const { statements, outcome, state } = store({ lockedForMs: (afterMs) => Math.max(0, 30_000 - afterMs) });
  const { error, atMs } = await outcome(statements.commitIntent);
  expect([isPostgresUnavailable(error), atMs, state.commits]).toEqual([true, 2_000, 0]);
  const free = store({ lockedForMs: () => 30_000 });
  expect(await free.outcome(free.statements.readFence)).toEqual({ value: 'fence', atMs: 2 });
});

it('a statement waits for a lock that ends in time', async () => {
  const { statements, outcome } = store({ lockedForMs: () => 1_500 });
  expect(await outcome(statements.commitIntent)).toEqual({ value: 1, atMs: 1_502 });
});
