import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Posting } from '../../../shared/domain/ledger.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { addBalances } from './add-balances.ts';

/** The primary key rejects an event that is posted twice. $1 stack, $2 event, $3 accounts, $4 assets, $5 amounts. */
const INSERT_POSTINGS = `
INSERT INTO trading.ledger_postings (stack, event_id, line, account, asset, amount)
SELECT $1, $2, p.line, p.account, p.asset, p.amount
FROM unnest($3::text[], $4::text[], $5::numeric[]) WITH ORDINALITY AS p (account, asset, amount, line)`;

/** Posts one balanced event and updates the balances. */
export async function insertPostings(
  on: Queryable,
  stack: string,
  eventId: string,
  postings: readonly Posting[],
): Promise<void> {
  const accounts = postings.map(({ account }) => account);
  const assets = postings.map(({ asset }) => asset);
  const amounts = postings.map(({ amount }) => formatDecimal(amount));
  await on.query(INSERT_POSTINGS, [stack, eventId, accounts, assets, amounts]);
  const held = postings.filter(({ account }) => account === 'venue');
  await addBalances(on, stack, held);
}
