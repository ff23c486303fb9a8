import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { StopKey } from '../../ports.ts';

/** $1 stack, $2 strategy, $3 symbol, $4 opened at. One that has triggered stays until the next stance. */
const DELETE_CLOSED = `
DELETE FROM risk.stops WHERE stack = $1 AND strategy = $2 AND symbol = $3 AND date_trunc('milliseconds', opened_at) = $4 AND kind IS NULL
`;

/** Forgets a position that closed without a trigger. */
export async function deleteClosedStop(on: Queryable, stack: string, key: StopKey): Promise<void> {
  await on.query(DELETE_CLOSED, [stack, key.strategy, key.symbol, new Date(key.openedAtMs)]);
}
