import type { Pool } from 'pg';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Posting } from '../../shared/domain/ledger.ts';
import { transaction } from '../../shared/postgres/transaction.ts';
import { insertPostings } from './insert-postings.ts';
import { lockOutbox } from './lock-outbox.ts';

/** $1 stack. */
const IS_OPEN = `SELECT EXISTS (SELECT FROM trading.ledger_postings WHERE stack = $1) AS open`;

/**
 * Posts what the venue holds as deposits, when the stack has no posting yet; true when it did. The opening is an event `opening:<asset>` per asset, so
 * a second one is refused whoever tries.
 */
export async function openLedger(
  pool: Pool,
  stack: string,
  balances: ReadonlyMap<string, Decimal>,
  transferOf: (asset: string, amount: Decimal) => readonly Posting[],
): Promise<boolean> {
  return await transaction(pool, async (client) => {
    await lockOutbox(client, stack);
    const { rows } = await client.query<{ readonly open: boolean }>(IS_OPEN, [stack]);
    if (rows[0]?.open !== false) return false;
    for (const [asset, amount] of balances)
      await insertPostings(client, stack, `opening:${asset}`, transferOf(asset, amount));
    return balances.size > 0;
  });
}
