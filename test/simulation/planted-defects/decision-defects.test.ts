import { describe, expect, it } from 'vitest';
import { PAUSE_DEFECTS } from './pause-defects.ts';
import { RISK_DEFECTS } from './risk-defects.ts';
import { orderPath } from './planted-defect.ts';
import { undetected } from './undetected.ts';

/** All seeds on a busy machine: a defect that none of them shows must fail with its message. */
const PATIENCE_MS = 1_800_000;

// The simulation is only useful if it detects the defects it exists for.
describe('the simulation with a planted defect of the pauses of the venue or of risk', () => {
  it.each([...PAUSE_DEFECTS, ...RISK_DEFECTS])(
    'detects $name',
    async ({ overrides, breaks, run = orderPath() }) => {
      expect(await undetected(async (seed) => await run(seed, overrides()), breaks)).toEqual([]);
    },
    PATIENCE_MS,
  );
});
