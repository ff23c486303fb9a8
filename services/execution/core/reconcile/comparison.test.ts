import { expect, it } from 'vitest';
import { afterRun, NOT_COMPARED, ordersTaken, type Comparison, type ComparisonResult } from './comparison.ts';

const failure = { step: 'fills', problem: 'unknown: timeout' } as const;
const complete: ComparisonResult = { answered: true, failure: undefined };

function after(...results: readonly ComparisonResult[]): Comparison {
  return results.reduce<Comparison>(
    (before, result, index) => afterRun(before, result, 100 * (index + 1)),
    NOT_COMPARED,
  );
}

it.each<[string, readonly ComparisonResult[], string]>([
  ['no run', [], 'None'],
  ['an order without an answer', [{ answered: false, failure }], 'None'],
  ['fills without an answer', [{ answered: true, failure }], 'Exits'],
  ['a complete run', [complete], 'All'],
  ['answers in one run that were missing in an earlier one', [{ answered: false, failure }, complete], 'All'],
  ['a complete run, then none', [complete, { answered: false, failure }], 'All'],
])('after %s, takes the orders that are safe', (_title, results, taken) => {
  expect(ordersTaken(after(...results), { nowMs: 300, staleMs: 1_000 })).toBe(taken);
});

it('takes only exits when the last complete comparison is too old', () => {
  const comparison = after(complete, { answered: false, failure });
  expect(ordersTaken(comparison, { nowMs: 1_100, staleMs: 1_000 })).toBe('All');
  expect(ordersTaken(comparison, { nowMs: 1_101, staleMs: 1_000 })).toBe('Exits');
});

it('keeps since when no comparison is complete, until one is', () => {
  const failing = { answered: false, failure };
  expect(after(failing, failing, { ...failing, failure: { ...failure, problem: 'other' } }).failure).toEqual({
    ...failure,
    problem: 'other',
    sinceMs: 100,
  });
  expect(after(failing, complete)).toMatchObject({ failure: undefined, comparedMs: 200 });
  expect(after(failing, complete, failing).failure?.sinceMs).toBe(300);
});
