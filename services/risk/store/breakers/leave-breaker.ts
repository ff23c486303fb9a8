import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { BreakerLeave } from '../../ports.ts';

/** $1 stack, $2 breaker, $3 symbol, $4 tripped at, $5 left at, $6 cause. */
const LEAVE_BREAKER = `
UPDATE risk.breakers SET left_at = $5, left_cause = $6
WHERE stack = $1 AND breaker = $2 AND symbol = $3 AND date_trunc('milliseconds', tripped_at) = $4 AND left_at IS NULL
`;

/** Returns whether this call ended the trip. False when another one did, and when the breaker has tripped again. */
export async function leaveBreaker(
  on: Queryable,
  stack: string,
  { breaker, symbol, trippedAtMs, leftAtMs, cause }: BreakerLeave,
): Promise<boolean> {
  const values = [breaker, symbol, new Date(trippedAtMs), new Date(leftAtMs), cause];
  const { rowCount } = await on.query(LEAVE_BREAKER, [stack, ...values]);
  return rowCount === 1;
}
