import { z } from 'zod';
import { decimal } from '../../shared/contracts/field.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/** One statement, so one moment. $1 stack. */
const READ_LEDGER = `
SELECT (SELECT count(*)::int FROM trading.trades WHERE stack = $1) AS fills,
  (SELECT coalesce(json_agg(b), '[]') FROM (SELECT asset, ledger::text FROM trading.balances WHERE stack = $1) b) AS balances`;

const ledgerRow = z.object({ fills: z.int(), balances: z.array(z.object({ asset: z.string(), ledger: decimal })) });

/** What the ledger says the venue holds, and how many fills it has seen. */
export async function readLedger(
  on: Queryable,
  stack: string,
): Promise<{ readonly ledger: ReadonlyMap<string, Decimal>; readonly fills: number }> {
  const { rows } = await on.query(READ_LEDGER, [stack]);
  const { fills, balances } = ledgerRow.parse(rows[0]);
  return { fills, ledger: new Map(balances.map(({ asset, ledger }) => [asset, ledger])) };
}
