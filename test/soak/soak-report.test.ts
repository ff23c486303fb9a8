import { expect, test } from 'vitest';
import { progressLine, summaryLines, violationLines } from './soak-report.ts';

test('names the seed in front of each violation', () => {
  expect(violationLines({ seed: 7, violations: ['I1: twice', 'I5: absent'] })).toEqual([
    'seed 7: I1: twice',
    'seed 7: I5: absent',
  ]);
  expect(violationLines({ seed: 7, violations: [] })).toEqual([]);
});

test('shows ten violations of a seed and counts the others', () => {
  const of = (count: number) => Array.from({ length: count }, (_, index) => `I5: ${index}`);
  expect(violationLines({ seed: 7, violations: of(10) })).toHaveLength(10);
  expect(violationLines({ seed: 7, violations: of(13) }).slice(-2)).toEqual(['seed 7: I5: 9', 'seed 7: and 3 more']);
});

test('shows how far it is', () => {
  expect(progressLine(120, 300, 1, 31.4)).toBe('120 of 300 seeds, 1 failing, 31 s');
});

test('ends with the gaps, the failing seeds in order, and the count of seeds and violations', () => {
  const outcomes = [
    { seed: 9, violations: ['I1', 'I2'] },
    { seed: 8, violations: [] },
    { seed: 7, violations: ['I5'] },
  ];
  expect(summaryLines(outcomes, ['no seed shows: state Unknown'])).toEqual([
    'no seed shows: state Unknown',
    'failing seeds: 7 9',
    '3 seeds, 3 violations',
  ]);
  expect(summaryLines([{ seed: 8, violations: [] }], [])).toEqual(['1 seeds, 0 violations']);
});
