import { tradeKeyOf } from '../../../shared/domain/orders/fill.ts';
import type { UnreadFill, UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import { deadLetter, type DeadLetter } from '../dead-letter.ts';

/**
 * Returns the letter of a fill in the list of `symbol` that cannot be read. Its ID is the same at each reading. With
 * both IDs of the venue, it is the one that the fill has when it can be read or the private stream reports it: what
 * can be read of its amounts counts as not booked until then. Without them, whether it is booked cannot be known, and
 * it counts for nothing. `atMs`: the fill is no older, UTC milliseconds.
 */
export function unreadFillLetter(
  symbol: string,
  { known, row, problem, digest }: UnreadFill,
  atMs: number,
): DeadLetter {
  const { venueTradeId, venueOrderId } = known;
  const error = `a row of the venue's fills cannot be read: ${problem}`;
  if (venueTradeId === undefined || venueOrderId === undefined)
    return deadLetter(
      { kind: 'Fill', id: `${symbol} row ${digest}` },
      { symbol, payload: { row, known, atMs }, error },
    );
  const key = { kind: 'Fill', id: `${symbol} ${tradeKeyOf({ venueTradeId, venueOrderId })}` } as const;
  return deadLetter(key, { symbol, payload: { observation: { kind: 'FillSeen', fill: known }, row }, error });
}

/** Whether a letter is about a fill in the list of `symbol` of which the venue's IDs cannot be read. */
export function isRowLetter({ kind, id }: Pick<DeadLetter, 'kind' | 'id'>, symbol: string): boolean {
  return kind === 'Fill' && id.startsWith(`${symbol} row `);
}

/** Returns the time than which the fill of such a letter is no older, UTC milliseconds; -Infinity: not known. */
export function rowSinceMs({ payload }: DeadLetter): number {
  const { atMs } = JSON.parse(payload) as { readonly atMs?: number };
  return atMs ?? -Infinity;
}

/** Returns the letter of `count` fills in the list of `symbol` that have no letters of their own. */
export function moreRowsLetter(symbol: string, count: number): DeadLetter {
  const error = `${count} more rows of the venue's fills can be read neither themselves nor by an ID`;
  return deadLetter({ kind: 'Fill', id: `${symbol} rows` }, { symbol, payload: { count }, error });
}

const LISTED = 'listed:';

/** Returns the letter of an open order in the list of `symbol` that cannot be read. Its ID stays the same. */
export function unreadOrderLetter(symbol: string, { known, row, problem, digest }: UnreadOrder): DeadLetter {
  const id = `${LISTED}${symbol} ${known.venueOrderId ?? `row ${digest}`}`;
  const error = `a row of the venue's open orders cannot be read: ${problem}`;
  return deadLetter({ kind: 'Order', id }, { symbol, payload: { row, known }, error });
}

/** Whether a letter is about an open order in the list of `symbol`. */
export function isUnreadOrderLetter({ kind, id }: Pick<DeadLetter, 'kind' | 'id'>, symbol: string): boolean {
  return kind === 'Order' && id.startsWith(`${LISTED}${symbol} `);
}
