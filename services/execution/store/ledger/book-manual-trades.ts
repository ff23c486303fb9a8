import type { Pool } from 'pg';
import { z } from 'zod';
import { decimal, side } from '../../../shared/contracts/field.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { isPostgresUnavailable } from '../../../shared/postgres/errors.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { ManualEffects, ManualTrade } from '../../core/reconcile/manual-trade.ts';
import type { BookedManualTrades, RefusedManualTrade } from '../../ports.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';
import { lockPosition } from '../portfolio/lock-position.ts';
import { upsertPosition } from '../portfolio/upsert-position.ts';
import { insertPostings } from './insert-postings.ts';

const TRIED_MAX = 1_000;

/**
 * Those after an ID, and then from the start: each gets its turn, however many cannot be booked. The column `id` is the
 * number: as text, row 10 would come before row 2. $1 stack, $2 ID.
 */
const UNBOOKED = `
SELECT id::text FROM trading.manual_trades m WHERE stack = $1 AND booked_at IS NULL
ORDER BY m.id <= $2, m.id LIMIT ${TRIED_MAX}`;

/** $1 stack, $2 IDs. */
const STILL_UNBOOKED = `
SELECT id::text FROM trading.manual_trades m WHERE stack = $1 AND booked_at IS NULL AND m.id = ANY ($2::bigint[])`;

/**
 * The row as it is now. One that somebody is editing is left for the next call: this transaction must not wait for a
 * person. $1 ID.
 */
const LOCK_UNBOOKED = `
SELECT id::text, strategy, symbol, side, quantity::text, price::text, fee::text,
  coalesce(fee_asset, split_part(symbol, '/', 2)) AS "feeAsset", author, reason
FROM trading.manual_trades WHERE id = $1 AND booked_at IS NULL FOR UPDATE SKIP LOCKED`;

/** $1 ID. */
const MARK_BOOKED = `UPDATE trading.manual_trades SET booked_at = clock_timestamp() WHERE id = $1`;

const idRow = z.object({ id: z.string() });
const tradeRow = z.object({
  id: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side,
  quantity: decimal,
  price: decimal,
  fee: decimal,
  feeAsset: z.string(),
  author: z.string(),
  reason: z.string(),
});

interface Booking {
  readonly stack: string;
  readonly effectsOf: (trade: ManualTrade, position: Position | undefined) => ManualEffects;
}

/** `apart`: IDs of those that were refused before. */
type Book = (booking: Booking, apart: ReadonlySet<string>) => Promise<BookedManualTrades>;

/** Creates what books trades by hand that are not booked, each as the event `manual:<id>`. */
export function createManualTradeBooking(pool: Pool): Book {
  let lastTried = '0';
  return async (booking, apart) => {
    const ids = idsOf(await pool.query(UNBOOKED, [booking.stack, lastTried]));
    lastTried = ids.length < TRIED_MAX ? '0' : (ids.at(-1) ?? '0');
    const booked: ManualTrade[] = [];
    const refused: RefusedManualTrade[] = [];
    const waiting: string[] = [];
    // One after the other, in the order of the person: what was bought may be sold by the next row.
    for (const id of ids) {
      const outcome = await bookOne(pool, id, booking);
      if (outcome === undefined) waiting.push(id);
      else if ('problem' in outcome) refused.push(outcome);
      else booked.push(outcome.trade);
    }
    const untried = [...apart].filter((id) => !ids.includes(id));
    if (untried.length > 0) waiting.push(...idsOf(await pool.query(STILL_UNBOOKED, [booking.stack, untried])));
    return { booked, refused, waiting };
  };
}

function idsOf({ rows }: { readonly rows: readonly unknown[] }): readonly string[] {
  return z
    .array(idRow)
    .parse(rows)
    .map(({ id }) => id);
}

type Outcome = { readonly trade: ManualTrade } | RefusedManualTrade;

/** In a transaction of its own: one that cannot be booked holds up no other. Undefined when it is booked, or locked. */
async function bookOne(pool: Pool, id: string, { stack, effectsOf }: Booking): Promise<Outcome | undefined> {
  let trade: ManualTrade | undefined;
  try {
    return await transaction(pool, async (client) => {
      await lockOutbox(client, stack);
      trade = await lockUnbooked(client, id);
      if (trade === undefined) return undefined;
      const effects = effectsOf(trade, await lockPosition(client, stack, trade));
      if ('problem' in effects) return { trade, problem: effects.problem };
      await upsertPosition(client, stack, trade, effects.position);
      await insertPostings(client, stack, `manual:${id}`, effects.postings);
      await client.query(MARK_BOOKED, [id]);
      return { trade };
    });
  } catch (error) {
    if (trade === undefined || isPostgresUnavailable(error)) throw error;
    return { trade, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function lockUnbooked(on: Queryable, id: string): Promise<ManualTrade | undefined> {
  const { rows } = await on.query(LOCK_UNBOOKED, [id]);
  return rows.length === 0 ? undefined : tradeRow.parse(rows[0]);
}
