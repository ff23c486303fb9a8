import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { TrippedBreaker } from '../../core/breakers/breaker.ts';

/**
 * One that has tripped already stays as it is. $1 stack, $2 breaker, $3 symbol, $4 tripped at, $5 threshold, $6 detail,
 * $7 inputs.
 */
const TRIP_BREAKER = `
INSERT INTO risk.breakers AS b (stack, breaker, symbol, tripped_at, threshold, detail, inputs) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (stack, breaker, symbol) DO UPDATE SET tripped_at = excluded.tripped_at, threshold = excluded.threshold,
  detail = excluded.detail, inputs = excluded.inputs, left_at = NULL, left_cause = NULL
WHERE b.left_at IS NOT NULL
`;

/** Returns whether this call tripped the breaker. */
export async function tripBreaker(on: Queryable, stack: string, trip: TrippedBreaker): Promise<boolean> {
  const { breaker, symbol, trippedAtMs, threshold, detail, inputs } = trip;
  const values = [breaker, symbol, new Date(trippedAtMs), threshold, detail, JSON.stringify(inputs)];
  const { rowCount } = await on.query(TRIP_BREAKER, [stack, ...values]);
  return rowCount === 1;
}
