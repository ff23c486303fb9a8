import type { Pool } from 'pg';
import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Posting } from '../../../shared/domain/ledger.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { BookedTransfers } from '../../ports.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';
import { insertPostings } from './insert-postings.ts';

/**
 * A row that somebody is editing is left for the next call: this transaction must not wait for a person. $1 stack, $2
 * known assets.
 */
const UNBOOKED = `
SELECT id::text, asset, amount::text, author, reason
FROM trading.transfers WHERE stack = $1 AND booked_at IS NULL
ORDER BY asset = ANY($2::text[]) DESC, id LIMIT 100 FOR UPDATE SKIP LOCKED`;

/** $1 IDs. */
const MARK_BOOKED = `UPDATE trading.transfers SET booked_at = clock_timestamp() WHERE id = ANY($1::bigint[])`;

const transferRow = z.object({
  id: z.string(),
  asset: z.string(),
  amount: decimal,
  author: z.string(),
  reason: z.string(),
});

interface Booking {
  readonly stack: string;
  /** Transfers of other assets are not booked. */
  readonly assets: ReadonlySet<string>;
  readonly transferOf: (asset: string, amount: Decimal) => readonly Posting[];
}

/** Posts the oldest transfers that are not booked, at most 100, each as the event `transfer:<id>`. */
export async function bookTransfers(pool: Pool, { stack, assets, transferOf }: Booking): Promise<BookedTransfers> {
  return await transaction(pool, async (client) => {
    await lockOutbox(client, stack);
    const { rows } = await client.query(UNBOOKED, [stack, [...assets]]);
    const transfers = z.array(transferRow).parse(rows);
    const booked = transfers.filter(({ asset }) => assets.has(asset));
    for (const { id, asset, amount } of booked)
      await insertPostings(client, stack, `transfer:${id}`, transferOf(asset, amount));
    if (booked.length > 0) await client.query(MARK_BOOKED, [booked.map(({ id }) => id)]);
    return { booked, waiting: transfers.filter(({ asset }) => !assets.has(asset)) };
  });
}
