import type { BookMessage } from '../../shared/contracts/messages/book.ts';
import { formatDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/**
 * Best bid and ask of each book, in the order of the key, so that two replicas that insert the same ones do not
 * deadlock. $1 stack; one array per column, null where a side is empty.
 */
const INSERT_BOOKS = `
INSERT INTO market_data.books (stack, symbol, producer, seq, version, bid_price, bid_quantity, ask_price, ask_quantity, booked_at, received_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[],
  $10::timestamptz[], $11::timestamptz[])
ORDER BY 2, 3, 4
ON CONFLICT DO NOTHING
`;

/** Inserts the books and returns how many were new. */
export async function insertBooks(on: Queryable, stack: string, books: readonly BookMessage[]): Promise<number> {
  if (books.length === 0) return 0;
  const { rowCount } = await on.query(INSERT_BOOKS, [
    stack,
    books.map(({ symbol }) => symbol),
    books.map(({ producer }) => producer),
    books.map(({ seq }) => seq),
    books.map(({ version }) => version),
    books.map(({ bids }) => text(bids[0]?.[0])),
    books.map(({ bids }) => text(bids[0]?.[1])),
    books.map(({ asks }) => text(asks[0]?.[0])),
    books.map(({ asks }) => text(asks[0]?.[1])),
    books.map(({ time }) => new Date(time)),
    books.map(({ receivedAt }) => new Date(receivedAt)),
  ]);
  return rowCount ?? 0;
}

function text(value: Decimal | undefined): string | null {
  return value === undefined ? null : formatDecimal(value);
}
