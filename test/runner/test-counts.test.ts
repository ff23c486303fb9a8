import { describe, expect, it } from 'vitest';
import { testCounts } from './test-counts.ts';

const report = (changes: object = {}): string =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ status: 'passed', assertionResults: [{}, {}, {}] }],
    ...changes,
  });

describe('counts of a level', () => {
  it.each([
    ['passed', report(), 0, { passed: 3, failed: 0 }],
    ['with a failed test', report({ numFailedTests: 2 }), 1, { passed: 3, failed: 2 }],
    ['with a skipped test', report({ numPendingTests: 1 }), 0, { passed: 3, failed: 1 }],
    ['with a planned test', report({ numTodoTests: 1 }), 0, { passed: 3, failed: 1 }],
    [
      'with a file that does not load',
      report({ testResults: [{ status: 'failed', assertionResults: [] }] }),
      1,
      { passed: 3, failed: 1 },
    ],
    ['with an error outside of the tests', report(), 1, { passed: 3, failed: 1 }],
    ['without a test', report({ numPassedTests: 0, testResults: [] }), 0, { passed: 0, failed: 1 }],
    ['without a report', undefined, 0, { passed: 0, failed: 1 }],
    ['with a report of another shape', '{}', 0, { passed: 0, failed: 1 }],
  ])('%s', (_, text, exitCode, counts) => expect(testCounts(text, exitCode)).toEqual(counts));
});
