import { EXPECTED_EVENTS, EXPECTED_OF_STACK, EXPECTED_OF_SWAPS, type SeenEvent } from '../seen-events.ts';
import { runLostReplies } from './lost-replies.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import type { ModelName } from './model-names.ts';
import { runSwaps } from './swaps.ts';
import { runWholeStack } from './whole-stack.ts';

/** A simulation that draws everything from its seed. */
export interface Model {
  readonly run: (seed: number) => Promise<SeedOutcome>;
  /** Events that its seeds must exercise. */
  readonly expected: readonly SeenEvent[];
}

export const MODELS: Readonly<Record<ModelName, Model>> = {
  'lost-replies': { run: async (seed) => await runLostReplies(seed), expected: EXPECTED_EVENTS },
  'whole-stack': { run: async (seed) => await runWholeStack(seed), expected: EXPECTED_OF_STACK },
  swap: { run: async (seed) => await runSwaps(seed), expected: EXPECTED_OF_SWAPS },
};
