import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { StopKey } from '../../ports.ts';

/** Another process may have been first: its row stays. $1 stack, $2 strategy, $3 symbol, $4 opened at. */
const INSERT_STOP = `
INSERT INTO risk.stops (stack, strategy, symbol, opened_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (stack, strategy, symbol) DO NOTHING
`;

export async function insertStop(on: Queryable, stack: string, key: StopKey): Promise<void> {
  await on.query(INSERT_STOP, [stack, key.strategy, key.symbol, new Date(key.openedAtMs)]);
}
