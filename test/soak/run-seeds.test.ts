import { expect, test } from 'vitest';
import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';
import { runSeeds } from './run-seeds.ts';

/** A thread that answers at once, ends with seed 3, throws with seed 5 and never answers seed 6. */
const file = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (seed) => {
      if (seed === 3) process.exit(4);
      if (seed === 5) throw new Error('broken');
      if (seed !== 6) parentPort.postMessage({ seed, violations: [], seen: [], digest: String(seed) });
    });
  `)}`,
);

interface Run {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly timeoutMs: number;
}

async function outcomesOf({ timeoutMs, ...run }: Run): Promise<readonly SeedOutcome[]> {
  const outcomes: SeedOutcome[] = [];
  const onOutcome = (outcome: SeedOutcome) => void outcomes.push(outcome);
  await runSeeds({ ...run, model: 'lost-replies', onOutcome, thread: { file, timeoutMs } });
  return outcomes.toSorted((a, b) => a.seed - b.seed);
}

test.each([1, 2, 50])('runs every seed once with %d jobs', async (jobs) => {
  const outcomes = await outcomesOf({ seeds: 20, from: 100, jobs, timeoutMs: 30_000 });
  expect(outcomes.map(({ seed, digest }) => [seed, digest])).toEqual(
    Array.from({ length: 20 }, (_, index) => [100 + index, String(100 + index)]),
  );
});

test('a seed that ends its thread or never ends has a violation, and the seeds after it run', async () => {
  const outcomes = await outcomesOf({ seeds: 7, from: 2, jobs: 1, timeoutMs: 4_000 });
  expect(outcomes.map(({ seed, violations }) => [seed, ...violations])).toEqual([
    [2],
    [3, 'the run ended its thread with code 4'],
    [4],
    [5, 'the run ended its thread: Error: broken'],
    [6, 'the run did not end within 4000 ms'],
    [7],
    [8],
  ]);
});

test('a thread runs a bounded number of seeds, because what one leaves in memory stays', async () => {
  const counting = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      let count = 0;
      parentPort.on('message', (seed) => {
        count += 1;
        parentPort.postMessage({ seed, violations: [], seen: [], digest: String(count) });
      });
    `)}`,
  );
  const counts: string[] = [];
  const onOutcome = ({ digest }: SeedOutcome) => void counts.push(digest);
  const thread = { file: counting, timeoutMs: 30_000, seedsPerThread: 3 };
  await runSeeds({ seeds: 7, from: 1, jobs: 1, model: 'lost-replies', onOutcome, thread });
  expect(counts).toEqual(['1', '2', '3', '1', '2', '3', '1']);
});
