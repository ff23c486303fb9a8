import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';
import type { SeenEvent } from '../simulation/seen-events.ts';

/** Seeds below which the shares say nothing: one seed would be more than the least share. */
export const SEEDS_FOR_COVERAGE = 100;
const LEAST_SHARE = 0.01;
const FEW_ORDERS: SeenEvent = 'run FewOrders';
const FEW_ORDERS_SHARE = 0.01;

/**
 * Returns, as text, each expected event that occurs in less than 1 % of the seeds, and that more than 1 % have few
 * orders: they exercise too little for the absence of violations to prove much. Empty for fewer than 100 seeds.
 */
export function coverageGaps(
  outcomes: readonly Pick<SeedOutcome, 'seen'>[],
  expected: readonly SeenEvent[],
): readonly string[] {
  const seeds = outcomes.length;
  if (seeds < SEEDS_FOR_COVERAGE) return [];
  const counts = new Map<string, number>();
  for (const event of outcomes.flatMap(({ seen }) => seen)) counts.set(event, (counts.get(event) ?? 0) + 1);
  const few = counts.get(FEW_ORDERS) ?? 0;
  const missing = expected
    .map((event) => ({ event, count: counts.get(event) ?? 0 }))
    .filter(({ count }) => count < seeds * LEAST_SHARE)
    .map(({ event, count }) =>
      count === 0 ? `no seed shows: ${event}` : `only ${count} of ${seeds} seeds show: ${event}`,
    );
  return few > seeds * FEW_ORDERS_SHARE ? [...missing, `${few} of ${seeds} seeds show: ${FEW_ORDERS}`] : missing;
}
