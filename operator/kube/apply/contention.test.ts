import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createContention } from './contention.ts';

const drift = { path: ['spec', 'replicas'], managers: ['autoscaler'] };
const KEY = 'ns/stack';
const OBJECT = { kind: 'Deployment', name: 'a' };

function setup() {
  const clock = virtualClock();
  const contention = createContention({ clock });
  /** Repairs as often as it may for some time, as against a writer that answers at once. */
  const fight = async (forMs: number): Promise<readonly number[]> => {
    const repairs: number[] = [];
    for (const endMs = clock.monotonicMs() + forMs; clock.monotonicMs() < endMs; await clock.advance(100)) {
      if (contention.waitMs(KEY, OBJECT) > 0) continue;
      repairs.push(clock.monotonicMs());
      contention.repaired(KEY, OBJECT, drift);
    }
    return repairs;
  };
  return { clock, contention, fight };
}

it('repairs at once three times in a minute, then after waits that double up to a minute', async () => {
  const { fight, contention } = setup();
  const repairs = await fight(240_000);
  expect(repairs.slice(0, 3)).toEqual([0, 100, 200]);
  const waits = repairs.slice(3).map((atMs, index) => atMs - (repairs[index + 2] ?? 0));
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  expect(contention.contested(KEY)).toEqual([{ ...OBJECT, ...drift }]);
});

it('says once that an object is contested from now on', async () => {
  const { clock, contention } = setup();
  const first = [1, 2, 3, 4].map(() => contention.repaired(KEY, OBJECT, drift));
  expect(first).toEqual([false, false, true, false]);
  await clock.advance(10_000);
  expect(contention.repaired(KEY, OBJECT, drift)).toBe(false);
});

it('takes repairs that are minutes apart, or of other objects and keys, for changes by hand', async () => {
  const { clock, contention } = setup();
  for (let repair = 0; repair < 10; repair += 1) {
    expect(contention.waitMs(KEY, OBJECT)).toBe(0);
    expect(contention.repaired(KEY, OBJECT, drift)).toBe(false);
    contention.repaired(KEY, { ...OBJECT, name: `${repair}` }, drift);
    contention.repaired(`ns/${repair}`, OBJECT, drift);
    await clock.advance(31_000);
  }
  expect(contention.contested(KEY)).toEqual([]);
});

it('ends when an object has been as desired for a minute after its last wait, and starts over then', async () => {
  const { clock, contention, fight } = setup();
  await fight(1_000);
  await clock.advance(63_000);
  expect(contention.contested(KEY)).toHaveLength(1);
  await clock.advance(2_000);
  expect([contention.contested(KEY), contention.waitMs(KEY, OBJECT)]).toEqual([[], 0]);
  expect(contention.repaired(KEY, OBJECT, drift)).toBe(false);
});
