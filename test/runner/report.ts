import type { Sizes } from '../architecture/sizes.ts';
import type { StageResult } from './run-stage.ts';

type Outcome = Omit<StageResult, 'output' | 'tests'>;

/** One line of progress: `ok    12.3 s unit (345 tests)`. */
export function progressLine({ name, ok, seconds, passed, failed }: Outcome): string {
  const tests = passed === undefined ? '' : ` (${passed} passed, ${failed} failed)`;
  return `  ${ok ? 'ok  ' : 'FAIL'} ${seconds.toFixed(1).padStart(6)} s ${name}${tests}`;
}

/** One line of progress: `...          unit`. */
export function startLine(name: string): string {
  return `  ...           ${name}`;
}

/** A table with a row for each stage; steps that run no tests have none to count. */
export function summaryTable(results: readonly Outcome[]): string {
  const rows = results.map(({ name, ok, passed, failed, seconds }) => [
    name,
    ok ? 'ok' : 'FAILED',
    passed === undefined ? '-' : String(passed),
    passed === undefined ? '-' : String(failed),
    `${seconds.toFixed(1)} s`,
  ]);
  const table = [['step', 'result', 'passed', 'failed', 'time'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => pad(cell, { width: widths[column] ?? 0, left: column < 2 })).join('  '))
    .join('\n');
}

/** The last line: tests over all stages; a failed step without tests counts as one failure. */
export function lastLine(results: readonly Outcome[]): string {
  const passed = results.reduce((sum, result) => sum + (result.passed ?? 0), 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  return `${passed} passed, ${failed} failed`;
}

/** How long the files of code are. */
export function sizesLine({ files, median, ninetieth, longest }: Sizes): string {
  return `${files} files: median ${median} lines, 90th percentile ${ninetieth}, longest ${longest.lines} (${longest.path})`;
}

/** What failed wrote, each under its name. */
export function failureOutput(results: readonly Omit<StageResult, 'tests'>[]): string {
  return results
    .filter(({ ok }) => !ok)
    .map(({ name, output }) => `\n--- ${name} ---\n${output.trimEnd()}\n`)
    .join('');
}

function pad(cell: string, { width, left }: { readonly width: number; readonly left: boolean }): string {
  return left ? cell.padEnd(width) : cell.padStart(width);
}
