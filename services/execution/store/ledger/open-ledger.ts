import type { Pool } from 'pg';
import { subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Posting } from '../../../shared/domain/ledger.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import { insertPostings } from './insert-postings.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';
import { readLedger } from './read-ledger.ts';

/** Fills of adopted orders may have been posted before the opening. $1 stack. */
const IS_OPEN = `
SELECT EXISTS (
  SELECT FROM trading.balances b JOIN trading.ledger_postings p ON p.stack = b.stack AND p.event_id = 'opening:' || b.asset WHERE b.stack = $1
) AS open`;

/**
 * Posts the venue's balances minus what is already posted, as deposits, when the stack has no opening yet. Returns
 * whether it did. The opening is one event `opening:<asset>` per asset, so the primary key rejects a second one.
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
    const ledger = await readLedger(client, stack);
    const assets = new Set([...balances.keys(), ...ledger.keys()]);
    for (const asset of assets) {
      const missing = subtract(balances.get(asset) ?? ZERO, ledger.get(asset) ?? ZERO);
      await insertPostings(client, stack, `opening:${asset}`, transferOf(asset, missing));
    }
    return assets.size > 0;
  });
}
