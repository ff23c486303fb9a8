import { array, assert, asyncProperty, nat } from 'fast-check';
import { expect, test } from 'vitest';
import { createOrderedDelivery } from './ordered-delivery.ts';
import { createScheduler } from './scheduler.ts';

interface Arrival {
  readonly index: number;
  readonly atMs: number;
}

/** Sends one item every 10 ms and returns the arrivals. */
async function arrivalsWith(delaysMs: readonly number[]): Promise<readonly Arrival[]> {
  const scheduler = createScheduler(0);
  const arrivals: Arrival[] = [];
  const delays = [...delaysMs];
  const deliver = createOrderedDelivery(scheduler, () => delays.shift() ?? 0);
  delaysMs.forEach((_, index) => {
    scheduler.at(10 * index, () => deliver(() => arrivals.push({ index, atMs: scheduler.nowMs() })));
  });
  await scheduler.run(1_000_000);
  return arrivals;
}

test('an item with a shorter delay does not overtake the one before it', async () => {
  expect(await arrivalsWith([50, 0, 5])).toEqual([
    { index: 0, atMs: 50 },
    { index: 1, atMs: 50 },
    { index: 2, atMs: 50 },
  ]);
});

test('every item arrives once, in order, and never before its own delay', async () => {
  const delays = array(nat(200), { maxLength: 30 });
  await assert(
    asyncProperty(delays, async (delaysMs) => {
      const arrivals = await arrivalsWith(delaysMs);
      expect(arrivals.map(({ index }) => index)).toEqual(delaysMs.map((_, index) => index));
      const early = arrivals.filter(({ index, atMs }) => atMs < 10 * index + (delaysMs[index] ?? 0));
      expect(early).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
