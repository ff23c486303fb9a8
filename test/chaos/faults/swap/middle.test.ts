import { expect, it } from 'vitest';
import type { ColourStatus, ExecutionStatus } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { coloursOf, hasReached, momentOf, MOMENTS } from './middle.ts';

const colour = (change: Partial<ColourStatus>): ColourStatus => {
  const armed = { release: 'r1', service: 's1', state: 'armed', ready: 1, desired: 1 } as const;
  return { ...armed, ...change };
};
const before: ExecutionStatus = {
  active: 'blue',
  epoch: 4,
  blue: colour({ state: 'active' }),
  green: colour({ service: 's0', state: 'standby' }),
  transition: { from: 'green', to: 'blue', epoch: 4, startedAt: '2026-01-01T00:00:00Z' },
};
const armed = { ...before, green: colour({ service: 's2' }) };
const recorded = { ...armed, transition: { from: 'blue', to: 'green', epoch: 5, startedAt: '' } } as const;
const taken: ExecutionStatus = { ...recorded, active: 'green', epoch: 5, green: colour({ state: 'active' }) };

it('reaches one moment after the other', () => {
  const reached = [before, armed, recorded, taken].map((now) => MOMENTS.map((one) => hasReached(one, before, now)));
  expect(reached).toEqual([
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});

it.each<[string, Partial<ColourStatus>]>([
  ['stands by in its old release', { service: 's0', state: 'standby' }],
  ['is armed in its old release', { service: 's0' }],
  ['starts', { service: 's2', state: 'warming' }],
  ['is not ready', { service: 's2', ready: 0 }],
])('does not take a next sender for armed that %s', (_what, change) => {
  expect(hasReached('Armed', before, { ...before, green: colour(change) })).toBe(false);
});

it('draws every moment from the earliest on', () => {
  const drawn = Array.from({ length: 13 }, (_, index) => momentOf(3 + index, 'Patched'));
  expect(new Set(drawn)).toEqual(new Set(MOMENTS));
  expect(new Set(Array.from({ length: 13 }, (_, index) => momentOf(3 + index, 'Recorded')))).toEqual(
    new Set(['Recorded', 'Taken']),
  );
});

it('swaps from the colour that sends, or that was chosen last', () => {
  expect(coloursOf(before)).toEqual({ from: 'blue', to: 'green' });
  expect(coloursOf({ ...taken, active: 'none' })).toEqual({ from: 'green', to: 'blue' });
});
