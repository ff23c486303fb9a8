import type { Pool } from 'pg';
import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Posting } from '../../../shared/domain/ledger.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { Transfer } from '../../ports.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';
import { insertPostings } from './insert-postings.ts';

/** $1 stack. */
const UNBOOKED = `
SELECT id::text, asset, amount::text, author, reason FROM trading.transfers WHERE stack = $1 AND booked_at IS NULL
ORDER BY id LIMIT 100 FOR UPDATE`;

/** $1 IDs. */
const MARK_BOOKED = `UPDATE trading.transfers SET booked_at = clock_timestamp() WHERE id = ANY($1::bigint[])`;

const transferRow = z.object({
  id: z.string(),
  asset: z.string(),
  amount: decimal,
  author: z.string(),
  reason: z.string(),
});

/** Posts the oldest transfers that are not booked, at most 100, each as the event `transfer:<id>`. Returns them. */
export async function bookTransfers(
  pool: Pool,
  stack: string,
  transferOf: (asset: string, amount: Decimal) => readonly Posting[],
): Promise<readonly Transfer[]> {
  return await transaction(pool, async (client) => {
    await lockOutbox(client, stack);
    const { rows } = await client.query(UNBOOKED, [stack]);
    const transfers = z.array(transferRow).parse(rows);
    for (const { id, asset, amount } of transfers)
      await insertPostings(client, stack, `transfer:${id}`, transferOf(asset, amount));
    if (transfers.length > 0) await client.query(MARK_BOOKED, [transfers.map(({ id }) => id)]);
    return transfers;
  });
}
