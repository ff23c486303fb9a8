import { expect, it } from 'vitest';
import { readSwitches } from './switches.ts';

it.each<[string, unknown, ReturnType<typeof readSwitches>]>([
  ['nothing', {}, { halt: 'Active', flatten: 'Active', tradingState: 'Active', suspend: false }],
  ['no spec at all', undefined, { halt: 'Active', flatten: 'Active', tradingState: 'Active', suspend: false }],
  ['a halt', { halt: true }, { halt: 'Halted', flatten: 'Active', tradingState: 'Active', suspend: false }],
  [
    'no halt',
    { halt: false, suspend: false },
    { halt: 'Active', flatten: 'Active', tradingState: 'Active', suspend: false },
  ],
  [
    'Reducing',
    { tradingState: 'Reducing' },
    { halt: 'Active', flatten: 'Active', tradingState: 'Reducing', suspend: false },
  ],
  [
    'a halt of the wrong type',
    { halt: 'true' },
    { halt: 'Halted', flatten: 'Active', tradingState: 'Active', suspend: false },
  ],
  [
    'a state in lower case',
    { tradingState: 'active' },
    { halt: 'Active', flatten: 'Active', tradingState: 'Halted', suspend: false },
  ],
  [
    'a state that is a number',
    { tradingState: 0 },
    { halt: 'Active', flatten: 'Active', tradingState: 'Halted', suspend: false },
  ],
  [
    'Flattening, which has a field of its own',
    { tradingState: 'Flattening' },
    { halt: 'Active', flatten: 'Active', tradingState: 'Halted', suspend: false },
  ],
  [
    'a flattening',
    { flatten: true },
    { halt: 'Active', flatten: 'Flattening', tradingState: 'Active', suspend: false },
  ],
  ['no flattening', { flatten: false }, { halt: 'Active', flatten: 'Active', tradingState: 'Active', suspend: false }],
  [
    'a flattening of the wrong type, which sells nothing',
    { flatten: 'false' },
    { halt: 'Active', flatten: 'Halted', tradingState: 'Active', suspend: false },
  ],
  ['a suspension', { suspend: true }, { halt: 'Active', flatten: 'Active', tradingState: 'Active', suspend: true }],
  [
    'a suspension of the wrong type',
    { suspend: 'no' },
    { halt: 'Active', flatten: 'Active', tradingState: 'Active', suspend: true },
  ],
])('reads %s, whatever else the spec holds', (_what, spec, expected) => {
  expect(readSwitches(spec)).toEqual(expected);
  if (spec !== undefined) expect(readSwitches({ ...(spec as object), instruments: 'x', redis: 1 })).toEqual(expected);
});
