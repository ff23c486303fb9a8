import type { BenchResult } from './bench.ts';

/** The figures of one bench as they are; of several, each part has theirs by the name of the bench. */
export function jsonOf(results: readonly (readonly [name: string, BenchResult])[]): BenchResult {
  const [first] = results;
  if (results.length === 1 && first !== undefined) return first[1];
  const parts = new Set(results.flatMap(([, result]) => Object.keys(result)));
  return Object.fromEntries(
    [...parts].map((part) => [
      part,
      Object.fromEntries(results.flatMap(([name, result]) => (part in result ? [[name, result[part]]] : []))),
    ]),
  );
}
