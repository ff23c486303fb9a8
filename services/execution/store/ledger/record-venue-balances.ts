import type { Pool } from 'pg';
import { formatDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { VenueAmounts } from '../../ports.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';

export interface VenueReading {
  /** Undefined: reported, and not readable. */
  readonly balances: ReadonlyMap<string, VenueAmounts | undefined>;
  readonly atMs: number;
  /** Assets that drift. */
  readonly drifting: readonly string[];
}

/**
 * Assets that the venue no longer returns are set to zero. Those without an amount stay as they are. $1 stack, $2
 * assets, $3 amounts, $4 at, $5 assets that drift, $6 free amounts.
 */
const RECORD_VENUE_BALANCES = `
WITH reported AS (SELECT * FROM unnest($2::text[], $3::numeric[], $6::numeric[]) AS s (asset, amount, free)),
absent AS (
  UPDATE trading.balances b SET venue = 0, reconciled_at = $4, venue_free = 0, venue_free_at = $4, drifting = false
  WHERE b.stack = $1 AND NOT EXISTS (SELECT FROM reported WHERE reported.asset = b.asset)
)
INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at, drifting, venue_free, venue_free_at)
SELECT $1, asset, 0, amount, $4, asset = ANY($5::text[]), free, $4 FROM reported WHERE amount IS NOT NULL
ORDER BY asset
ON CONFLICT (stack, asset) DO UPDATE
SET venue = excluded.venue, reconciled_at = excluded.reconciled_at, drifting = excluded.drifting,
  venue_free = excluded.venue_free, venue_free_at = excluded.venue_free_at`;

/**
 * Records the balances that the venue reports, when, and which of them drift. Under the lock of the notes: one with
 * several fills changes balances in their order, and this statement those of the assets that are absent last.
 */
export async function recordVenueBalances(
  pool: Pool,
  stack: string,
  { balances, atMs, drifting }: VenueReading,
): Promise<void> {
  const none = { total: ZERO, free: ZERO };
  const reported = new Map<string, VenueAmounts | undefined>([
    ...drifting.map((asset) => [asset, none] as const),
    ...balances,
  ]);
  const totals = [...reported.values()].map((one) => (one === undefined ? null : formatDecimal(one.total)));
  const frees = [...reported.values()].map((one) => (one === undefined ? null : formatDecimal(one.free)));
  const values = [stack, [...reported.keys()], totals, new Date(atMs), drifting, frees];
  await transaction(pool, async (client) => {
    await lockOutbox(client, stack);
    await client.query(RECORD_VENUE_BALANCES, values);
  });
}
