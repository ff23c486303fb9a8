import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { PositionKey } from './lock-position.ts';

/** A fill says more than an earlier refusal of an exit. */
const UPSERT_POSITION = `
INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (stack, strategy, symbol) DO UPDATE
SET quantity = excluded.quantity, cost = excluded.cost, realised = excluded.realised,
  exit_refused_at = NULL, updated_at = clock_timestamp()`;

export async function upsertPosition(
  on: Queryable,
  stack: string,
  key: PositionKey,
  position: Position,
): Promise<void> {
  const amounts = [position.quantity, position.cost, position.realised].map(formatDecimal);
  await on.query(UPSERT_POSITION, [stack, key.strategy, key.symbol, ...amounts]);
}
