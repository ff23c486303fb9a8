import { expect, it } from 'vitest';
import { calmedStore, faultyStore, SOUND_STORE, type StoreFaults } from './store-faults.ts';

const PLAY_MS = 90_000;
const draws = ({ slowMs, losesCommit }: StoreFaults) =>
  Array.from({ length: 2_000 }, () => [slowMs(), losesCommit()] as const);
/** Seconds of the run in which the orders are locked. */
const lockedSeconds = ({ lockedForMs }: StoreFaults) =>
  Array.from({ length: PLAY_MS / 1_000 }, (_, second) => second).filter((second) => lockedForMs(second * 1_000) > 0);

it('draws the same for the same seed: slow statements that no timeout ends, and lost commits', () => {
  const drawn = draws(faultyStore(3, PLAY_MS));
  expect(draws(faultyStore(3, PLAY_MS))).toEqual(drawn);
  const slow = drawn.map(([ms]) => ms).filter((ms) => ms > 0);
  expect(slow.length).toBeGreaterThan(0);
  expect(Math.max(...slow)).toBeLessThan(2_500);
  expect(drawn.some(([, lost]) => lost)).toBe(true);
});

it('locks the orders once for 30 s in about half of the seeds, and the lock ends within the run', () => {
  const stores = Array.from({ length: 100 }, (_, seed) => faultyStore(seed, PLAY_MS));
  const locks = stores.map(lockedSeconds);
  expect(stores.map(({ lockMs }) => lockMs / 1_000)).toEqual(locks.map((seconds) => seconds.length));
  const locked = locks.filter((seconds) => seconds.length > 0);
  expect(locked.length).toBeGreaterThan(25);
  expect(locked.length).toBeLessThan(75);
  for (const seconds of locked) {
    expect(seconds).toHaveLength(30);
    expect(seconds.at(-1)).toBe((seconds[0] ?? 0) + seconds.length - 1);
    expect(seconds[0]).toBeGreaterThanOrEqual(10);
  }
});

it('has no fault once it is calm', () => {
  const calm = calmedStore({ slowMs: () => 5, losesCommit: () => true, lockedForMs: () => 7, lockMs: 7 }, () => true);
  expect([calm.slowMs(), calm.losesCommit(), calm.lockedForMs(20_000)]).toEqual([0, false, 0]);
  expect([SOUND_STORE.slowMs(), SOUND_STORE.losesCommit(), SOUND_STORE.lockedForMs(0)]).toEqual([0, false, 0]);
});
