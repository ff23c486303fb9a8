import { posix } from 'node:path';
import type { SourceFile } from './source-file.ts';
import type { Violation } from './violation.ts';

/**
 * Files that import one another in a circle, type imports included. Each circle is reported once, at its first file.
 */
export function cycleViolations(files: readonly SourceFile[]): readonly Violation[] {
  const targets = new Map(files.map((file) => [file.path, targetsOf(file)]));
  const reported = new Set<string>();
  return files.flatMap(({ path }) => {
    if (reported.has(path)) return [];
    const circle = circleFrom(path, targets);
    if (circle === undefined) return [];
    for (const member of circle) reported.add(member);
    return [{ path, rule: 'cycle', message: `imports itself: ${[...circle, path].join(' -> ')}` }];
  });
}

function targetsOf({ path, imports }: SourceFile): readonly string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
}

/** The shortest way from a file back to itself, without its end; undefined where there is none. */
function circleFrom(start: string, targets: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const target of targets.get(path) ?? []) {
      if (target === start) return wayBack(path, cameFrom);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return undefined;
}

function wayBack(end: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [end];
  for (let path = cameFrom.get(end); path !== undefined; path = cameFrom.get(path)) way.unshift(path);
  return way;
}
