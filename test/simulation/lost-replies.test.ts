import { availableParallelism } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { coverageGaps } from '../soak/coverage.ts';
import { runSeeds } from '../soak/run-seeds.ts';
import { runLostReplies, type SeedOutcome } from './lost-replies.ts';

const FIRST = 24;
const SEEDS = 300;
/** A minute on two idle cores; a busy machine may take many times as long. */
const PATIENCE_MS = 1_800_000;

describe('order path with lost replies and changes of the sender', () => {
  const outcomes = new Map<number, SeedOutcome>();
  beforeAll(async () => {
    const onOutcome = (outcome: SeedOutcome) => void outcomes.set(outcome.seed, outcome);
    await runSeeds({ seeds: SEEDS, from: FIRST, jobs: availableParallelism(), onOutcome });
  }, PATIENCE_MS);

  it(`keeps the invariants with seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
    expect([...outcomes.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: SEEDS }, (_, i) => FIRST + i));
    expect([...outcomes.values()].filter(({ violations }) => violations.length > 0)).toEqual([]);
  });

  it('gives the same run for the same seed, also in another thread', async () => {
    const [third, fourth] = [outcomes.get(FIRST + 3), outcomes.get(FIRST + 4)];
    expect(await runLostReplies(FIRST + 3)).toEqual(third);
    expect(fourth?.digest).not.toBe(third?.digest);
  });

  it('exercises every fault, change of the sender and order state', () => {
    expect(coverageGaps([...outcomes.values()])).toEqual([]);
  });
});
