import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  isMoreRestrictive,
  isNewer,
  mostRestrictive,
  succeed,
  succeedAsCopy,
  TRADING_STATES,
  type SourceState,
} from './trading-state.ts';

const anyState = fc.constantFrom(...TRADING_STATES);
const asked = (state: SourceState['state'], revision: number) => ({ state, revision });

test('the most restrictive state wins, in any order', () => {
  expect(mostRestrictive([])).toBe('Active');
  expect(mostRestrictive(['Active', 'Halted', 'Reducing'])).toBe('Halted');
  expect(mostRestrictive(['Reducing', 'Active'])).toBe('Reducing');
  expect(mostRestrictive(['Reducing', 'Flattening', 'Active'])).toBe('Flattening');
  expect(mostRestrictive(['Halted', 'Flattening'])).toBe('Halted');
  fc.assert(
    fc.property(fc.array(anyState), (states) => {
      const worst = mostRestrictive(states);
      expect(mostRestrictive(states.toReversed())).toBe(worst);
      expect(states.some((state) => isMoreRestrictive(state, worst))).toBe(false);
    }),
  );
});

describe('succeed', () => {
  it.each([
    ['a first statement', asked('Active', 0), undefined, asked('Active', 0)],
    ['a halt with an older revision', asked('Halted', 1), asked('Active', 5), asked('Halted', 5)],
    ['a lift with a newer revision', asked('Active', 6), asked('Halted', 5), asked('Active', 6)],
    ['a lift with the same revision', asked('Active', 5), asked('Halted', 5), undefined],
    ['a late lift', asked('Active', 4), asked('Halted', 5), undefined],
    ['a late reduction after a halt', asked('Reducing', 4), asked('Halted', 5), undefined],
    ['a repeated halt', asked('Halted', 5), asked('Halted', 5), undefined],
    ['the same halt with a newer revision', asked('Halted', 6), asked('Halted', 5), asked('Halted', 6)],
  ])('%s', (_name, next, known, expected) => {
    expect(succeed(next, known)).toEqual(expected);
  });

  it('gives the same state in whatever order commands arrive, unless an older one is more restrictive', () => {
    const command = fc.record({ state: anyState, revision: fc.nat(8) });
    fc.assert(
      fc.property(fc.array(command, { minLength: 1 }), (commands) => {
        const last = commands.reduce<(typeof commands)[number] | undefined>(
          (known, next) => succeed(next, known) ?? known,
          undefined,
        );
        const newest = Math.max(...commands.map(({ revision }) => revision));
        expect(last?.revision).toBe(newest);
        const asOfNewest = commands.filter(({ revision }) => revision === newest).map(({ state }) => state);
        expect(asOfNewest.some((state) => isMoreRestrictive(state, last?.state ?? 'Active'))).toBe(false);
      }),
    );
  });
});

it.each([
  [asked('Halted', 5), asked('Active', 4), true],
  [asked('Halted', 5), asked('Active', 5), true],
  [asked('Halted', 5), asked('Active', 6), false],
  [asked('Active', 5), asked('Halted', 4), true],
  [asked('Active', 5), asked('Halted', 5), false],
  [asked('Halted', 5), asked('Halted', 5), false],
  [asked('Halted', 6), asked('Halted', 5), true],
])('%j is newer than %j: %s', (request, than, newer) => {
  expect(isNewer(request, than)).toBe(newer);
});

it.each([
  ['a first copy', undefined, true],
  ['a copy after an older lift', asked('Active', 4), true],
  ['a copy after its lift with the same revision', asked('Active', 5), false],
  ['a copy after a newer lift', asked('Active', 6), false],
])('%s, after %j, follows: %s', (_title, known, follows) => {
  const copy = asked('Halted', 5);
  expect(succeedAsCopy(copy, known)).toBe(follows ? copy : undefined);
});
