import { expect, it } from 'vitest';
import { CLIENT_DEFECTS } from './client-defects.ts';
import { FILL_DEFECTS } from './fill-defects.ts';
import { PAUSE_DEFECTS } from './pause-defects.ts';
import { RISK_DEFECTS } from './risk-defects.ts';
import { STORE_DEFECTS } from './store-defects.ts';

const DEFECTS = [...CLIENT_DEFECTS, ...FILL_DEFECTS, ...PAUSE_DEFECTS, ...RISK_DEFECTS, ...STORE_DEFECTS];
/** Each of them once, by the first defect that has it. */
const RUNS = new Map(
  DEFECTS.toReversed().flatMap(({ name, run }) => (run === undefined ? [] : [[run, name] as const])),
);
const CONDITIONS = [...RUNS].map(([run, name]) => ({ run, name })).toReversed();
/** One seed on a busy machine. */
const PATIENCE_MS = 600_000;

// Otherwise the conditions might break what the defect is said to break.
it.each(CONDITIONS)(
  'the conditions of a planted defect break nothing without it: $name',
  async ({ run }) => {
    expect(await run(0, {})).toEqual([]);
  },
  PATIENCE_MS,
);
