import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Valuation } from '../../core/portfolio.ts';

/** $1 stack, $2 at, $3 symbol, $4 quantity, $5 mark, $6 realised, $7 unrealised. */
const INSERT_SNAPSHOT = `
INSERT INTO trading.portfolio_snapshots (stack, at, symbol, quantity, mark, realised, unrealised) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING`;

export async function insertSnapshots(
  on: Queryable,
  stack: string,
  atMs: number,
  valuations: readonly Valuation[],
): Promise<void> {
  for (const { symbol, quantity, mark, realised, unrealised } of valuations) {
    const amounts = [quantity, mark, realised, unrealised].map(formatDecimal);
    await on.query(INSERT_SNAPSHOT, [stack, new Date(atMs), symbol, ...amounts]);
  }
}
