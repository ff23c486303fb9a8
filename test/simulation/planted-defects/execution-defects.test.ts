import { describe, expect, it } from 'vitest';
import { CLIENT_DEFECTS } from './client-defects.ts';
import { CUT_OFF, oldPrimary, STORE_DEFECTS } from './store-defects.ts';
import { FILL_DEFECTS } from './fill-defects.ts';
import { orderPath } from './planted-defect.ts';
import { undetected } from './undetected.ts';

/** All seeds on a busy machine: a defect that none of them shows must fail with its message. */
const PATIENCE_MS = 1_800_000;

// The simulation is only useful if it detects the defects it exists for.
describe('the simulation of execution with a planted defect', () => {
  it(
    'reports no problem without a defect',
    async () => {
      const run = orderPath();
      for (const seed of [0, 1, 2, 3, 4, 5]) expect(await run(seed, {})).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each([...CLIENT_DEFECTS, ...FILL_DEFECTS, ...STORE_DEFECTS])(
    'detects $name',
    async ({ overrides, breaks, run = orderPath() }) => {
      expect(await undetected(async (seed) => await run(seed, overrides()), breaks)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'reports no order of a sender on an old primary while Redis has the epoch of its successor',
    async () => {
      for (const seed of [0, 1, 2, 3, 4, 5]) {
        const problems = await CUT_OFF(seed, oldPrimary());
        expect(problems.filter((problem) => problem.startsWith('I3'))).toEqual([]);
      }
    },
    PATIENCE_MS,
  );
});
