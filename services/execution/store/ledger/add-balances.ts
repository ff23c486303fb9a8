import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Posting } from '../../../shared/domain/ledger.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** Postings to the account `venue` change the balances at the venue. $1 stack, $2 assets, $3 amounts. */
const ADD_BALANCES = `
INSERT INTO trading.balances (stack, asset, ledger)
SELECT $1, p.asset, sum(p.amount) FROM unnest($2::text[], $3::numeric[]) AS p (asset, amount) GROUP BY p.asset ORDER BY p.asset
ON CONFLICT (stack, asset) DO UPDATE SET ledger = trading.balances.ledger + excluded.ledger`;

export async function addBalances(on: Queryable, stack: string, postings: readonly Posting[]): Promise<void> {
  const assets = postings.map(({ asset }) => asset);
  const amounts = postings.map(({ amount }) => formatDecimal(amount));
  await on.query(ADD_BALANCES, [stack, assets, amounts]);
}
