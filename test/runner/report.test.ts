import { describe, expect, it } from 'vitest';
import { failureOutput, lastLine, progressLine, startLine, summaryTable } from './report.ts';

const lint = { name: 'lint', ok: false, seconds: 3.21, passed: undefined, failed: 1, output: 'a.ts: no\n' };
const unit = { name: 'unit', ok: true, seconds: 12.04, passed: 345, failed: 0, output: 'fine' };

describe('report', () => {
  it('counts tests, and a failed step as one failure', () => {
    expect(lastLine([lint, unit])).toBe('345 passed, 1 failed');
    expect(lastLine([unit])).toBe('345 passed, 0 failed');
  });

  it('has a row for each stage', () => {
    expect(summaryTable([lint, unit]).split('\n')).toEqual([
      'step  result  passed  failed    time',
      'lint  FAILED       -       -   3.2 s',
      'unit  ok         345       0  12.0 s',
    ]);
    expect(progressLine(unit)).toBe('  ok     12.0 s unit (345 passed, 0 failed)');
    expect(startLine('unit')).toBe('  ...           unit');
  });

  it('shows what the failed ones wrote, and only that', () => {
    expect(failureOutput([lint, unit])).toBe('\n--- lint ---\na.ts: no\n');
  });
});
