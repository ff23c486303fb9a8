import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';

/** Violations printed of one seed. One defect can break hundreds of orders. */
const SHOWN = 10;

/** Returns one line for each violation of a seed, and one that counts those left out. */
export function violationLines({ seed, violations }: Pick<SeedOutcome, 'seed' | 'violations'>): readonly string[] {
  const left = violations.length - SHOWN;
  return [...violations.slice(0, SHOWN), ...(left > 0 ? [`and ${left} more`] : [])].map(
    (violation) => `seed ${seed}: ${violation}`,
  );
}

/** Returns the line that shows how far a soak is. */
export function progressLine(done: number, seeds: number, failing: number, seconds: number): string {
  return `${done} of ${seeds} seeds, ${failing} failing, ${seconds.toFixed(0)} s`;
}

/** Returns the last lines: what the seeds did not exercise, the failing seeds, and the count. */
export function summaryLines(
  outcomes: readonly Pick<SeedOutcome, 'seed' | 'violations'>[],
  gaps: readonly string[],
): readonly string[] {
  const failing = outcomes.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed);
  const named = failing.length === 0 ? [] : [`failing seeds: ${failing.toSorted((a, b) => a - b).join(' ')}`];
  return [...gaps, ...named, countLine(outcomes)];
}

/** Returns the line that ends a soak. */
export function countLine(outcomes: readonly Pick<SeedOutcome, 'violations'>[]): string {
  const violations = outcomes.reduce((sum, outcome) => sum + outcome.violations.length, 0);
  return `${outcomes.length} seeds, ${violations} violations`;
}
