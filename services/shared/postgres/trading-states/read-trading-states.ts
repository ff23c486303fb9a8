import { sourceState } from '../../contracts/control.ts';
import type { SourceState } from '../../domain/trading-state.ts';
import type { Queryable } from '../pool.ts';

/** $1 stack. */
const READ_TRADING_STATES = `
SELECT source, state, author, reason, revision::float8, floor(extract(epoch FROM since) * 1000)::float8 AS "sinceMs"
FROM trading.trading_states WHERE stack = $1 ORDER BY source`;

/** Returns the newest trading state of each source of a stack, by source. */
export async function readTradingStates(on: Queryable, stack: string): Promise<readonly SourceState[]> {
  const { rows } = await on.query(READ_TRADING_STATES, [stack]);
  return rows.map((row) => sourceState.parse(row));
}
