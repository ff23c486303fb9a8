import type { Queryable } from '../../shared/postgres/pool.ts';

/** Rows that one statement deletes at most: it holds nobody up. */
const BATCH = 1_000;

export type MarketTable = 'trades' | 'books';

/** Deletes up to a batch of the oldest rows received before a time, UTC milliseconds, of whichever stack: one that is gone cannot. True when more may be left. */
export async function deleteOld(on: Queryable, table: MarketTable, beforeMs: number): Promise<boolean> {
  const { rowCount } = await on.query(
    `DELETE FROM market_data.${table} WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM market_data.${table} WHERE received_at < $1 ORDER BY received_at LIMIT ${BATCH}))`,
    [new Date(beforeMs)],
  );
  return rowCount === BATCH;
}
