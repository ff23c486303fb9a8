import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** Assets that the venue no longer returns are set to zero. $1 stack, $2 assets, $3 amounts, $4 at. */
const RECORD_VENUE_BALANCES = `
WITH reported AS (SELECT * FROM unnest($2::text[], $3::numeric[]) AS s (asset, amount)),
absent AS (
  UPDATE trading.balances b SET venue = 0, reconciled_at = $4 WHERE b.stack = $1 AND NOT EXISTS (SELECT FROM reported WHERE reported.asset = b.asset)
)
INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at) SELECT $1, asset, 0, amount, $4 FROM reported ORDER BY asset
ON CONFLICT (stack, asset) DO UPDATE SET venue = excluded.venue, reconciled_at = excluded.reconciled_at`;

/** Records the balances that the venue reports, and when. */
export async function recordVenueBalances(
  on: Queryable,
  stack: string,
  balances: ReadonlyMap<string, Decimal>,
  atMs: number,
): Promise<void> {
  const amounts = [...balances.values()].map(formatDecimal);
  await on.query(RECORD_VENUE_BALANCES, [stack, [...balances.keys()], amounts, new Date(atMs)]);
}
