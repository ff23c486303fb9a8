import { describe, expect, it } from 'vitest';
import { slowestTests, timedTests } from './slowest-tests.ts';

const text = JSON.stringify({
  testResults: [
    { assertionResults: [{ fullName: ' a b', duration: 1_500 }, { fullName: 'c' }] },
    { assertionResults: [{ fullName: 'd', duration: 20_000 }] },
  ],
});

describe('slowest tests', () => {
  it('lists tests by duration, slowest first', () => {
    expect(slowestTests(timedTests(text), 2)).toEqual(['  20.0 s  d', '   1.5 s  a b']);
  });

  it('cuts a long name to the width of a terminal', () => {
    const [line = ''] = slowestTests([{ name: 'x'.repeat(200), seconds: 1 }], 1);
    expect(line).toHaveLength(119);
    expect(line.endsWith('…')).toBe(true);
  });

  it.each([undefined, '{}'])('has no tests for the report %s', (report) => {
    expect(timedTests(report)).toEqual([]);
  });
});
