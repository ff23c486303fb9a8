import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 strategy, $3 symbol. */
const LOCK_POSITION = `
SELECT quantity, cost, realised FROM trading.positions WHERE stack = $1 AND strategy = $2 AND symbol = $3 FOR UPDATE`;

const positionRow = z.object({ quantity: decimal, cost: decimal, realised: decimal });

export interface PositionKey {
  readonly strategy: string;
  readonly symbol: string;
}

/** Returns the locked position; undefined when no row exists yet. */
export async function lockPosition(on: Queryable, stack: string, key: PositionKey): Promise<Position | undefined> {
  const { rows } = await on.query(LOCK_POSITION, [stack, key.strategy, key.symbol]);
  return rows.length === 0 ? undefined : positionRow.parse(rows[0]);
}
