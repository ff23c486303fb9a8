import { posix } from 'node:path';
import type { Violation } from './violation.ts';

/**
 * Limits in lines: of every file (hard), and of the median and 90th percentile of all files. `siblings`: files of code
 * in one folder.
 */
export const SIZE_LIMITS = { hard: 400, median: 60, ninetieth: 170, siblings: 16 } as const;

export interface Sizes {
  readonly files: number;
  readonly median: number;
  readonly ninetieth: number;
  readonly longest: { readonly path: string; readonly lines: number };
}

interface Counted {
  readonly path: string;
  readonly lines: number;
}

/** Returns the median, the 90th percentile (nearest rank) and the longest of the files, at least one. */
export function sizesOf(files: readonly Counted[]): Sizes {
  const sorted = [...files].sort((a, b) => a.lines - b.lines);
  const at = (part: number) => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? { path: '', lines: 0 };
  const { path, lines } = at(1);
  return { files: sorted.length, median: at(0.5).lines, ninetieth: at(0.9).lines, longest: { path, lines } };
}

/** Folders with more files of code than a reader can survey; tests are not counted. */
export function siblingViolations(paths: readonly string[]): readonly Violation[] {
  const counts = new Map<string, number>();
  for (const path of paths.filter((one) => one.endsWith('.ts') && !one.endsWith('.test.ts'))) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > SIZE_LIMITS.siblings)
    .map(([path, count]) => ({
      path,
      rule: 'siblings',
      message: `${count} files in one folder, at most ${SIZE_LIMITS.siblings}`,
    }));
}

/** Returns files over the hard limit, and a median or 90th percentile that is too high. */
export function sizeViolations(files: readonly Counted[]): readonly Violation[] {
  const { median, ninetieth } = sizesOf(files);
  const whole = (name: string, lines: number, limit: number): readonly Violation[] =>
    lines <= limit
      ? []
      : [{ path: '.', rule: 'size', message: `${name} of the files is ${lines} lines, at most ${limit}` }];
  return [
    ...files
      .filter(({ lines }) => lines > SIZE_LIMITS.hard)
      .map(({ path, lines }) => ({
        path,
        rule: 'size',
        message: `${lines} lines; at most ${SIZE_LIMITS.hard} are allowed`,
      })),
    ...whole('the median', median, SIZE_LIMITS.median),
    ...whole('the 90th percentile', ninetieth, SIZE_LIMITS.ninetieth),
  ];
}
