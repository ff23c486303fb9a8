import { availableParallelism } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { coverageGaps } from '../soak/coverage.ts';
import { runSeeds } from '../soak/run-seeds.ts';
import { MODELS } from './models/models.ts';
import type { SeedOutcome } from './models/seed-outcome.ts';

/** A minute on two idle cores; a busy machine may take many times as long. */
const PATIENCE_MS = 1_800_000;

describe.each([
  ['order path with lost replies and changes of the sender', 'lost-replies', 24, 300],
  ['whole stack with faults of every part', 'whole-stack', 1_000, 100],
  ['swaps of the sender', 'swap', 2_000, 500],
] as const)('%s', (_name, model, first, seeds) => {
  const outcomes = new Map<number, SeedOutcome>();
  beforeAll(async () => {
    const onOutcome = (outcome: SeedOutcome) => void outcomes.set(outcome.seed, outcome);
    await runSeeds({ model, seeds, from: first, jobs: availableParallelism(), onOutcome });
  }, PATIENCE_MS);

  it(`keeps the invariants with seeds ${first} to ${first + seeds - 1}`, () => {
    expect([...outcomes.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: seeds }, (_, i) => first + i));
    expect([...outcomes.values()].filter(({ violations }) => violations.length > 0)).toEqual([]);
  });

  it('gives the same run for the same seed, also in another thread', async () => {
    const [third, fourth] = [outcomes.get(first + 3), outcomes.get(first + 4)];
    expect(await MODELS[model].run(first + 3)).toEqual(third);
    expect(fourth?.digest).not.toBe(third?.digest);
  });

  it('exercises every fault, change of the sender and order state', () => {
    expect(coverageGaps([...outcomes.values()], MODELS[model].expected)).toEqual([]);
  });
});
