import { describe, expect, it } from 'vitest';
import { failedTests, reportedTests, slowestTests } from './reported-tests.ts';

const text = JSON.stringify({
  testResults: [
    { assertionResults: [{ fullName: ' a b', duration: 1_500, status: 'passed' }, { fullName: 'c' }] },
    {
      assertionResults: [
        {
          fullName: 'd',
          duration: 20_000,
          status: 'failed',
          failureMessages: ['\u001B[31mgave up\u001B[39m\n  at e.ts:1'],
        },
      ],
    },
    { name: 'f.test.ts', message: 'Cannot find module', assertionResults: [] },
  ],
});

describe('slowest tests', () => {
  it('lists tests by duration, slowest first', () => {
    expect(slowestTests(reportedTests(text), 2)).toEqual(['  20.0 s  d', '   1.5 s  a b']);
  });

  it('cuts a long name to the width of a terminal', () => {
    const [line = ''] = slowestTests([{ name: 'x'.repeat(200), seconds: 1, failure: undefined }], 1);
    expect(line).toHaveLength(119);
    expect(line.endsWith('…')).toBe(true);
  });

  it.each([undefined, '{}'])('has no tests for the report %s', (report) => {
    expect(reportedTests(report)).toEqual([]);
  });
});

describe('failed tests', () => {
  it('names each with its failure, and a file that could not run', () => {
    expect(failedTests(reportedTests(text))).toEqual([
      '  d',
      '    gave up',
      '      at e.ts:1',
      '  f.test.ts',
      '    Cannot find module',
    ]);
  });

  it('shows the beginning of a long failure', () => {
    const failure = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
    const lines = failedTests([{ name: 'a', seconds: 1, failure }]);
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('    line 11');
  });
});
