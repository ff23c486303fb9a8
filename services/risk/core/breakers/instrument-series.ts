import { midPrice, type TopOfBook } from '../../../shared/domain/market-snapshot.ts';
import { subtract, type Decimal } from '../../../shared/domain/decimal.ts';
import { CONFIRMING, middleOf } from './confirmed.ts';

/** A mid price that three books confirm. */
export interface ConfirmedMid {
  /** UTC milliseconds, of the newest of the three books. */
  readonly atMs: number;
  readonly mid: Decimal;
}

/** What a process has seen of the books of one instrument. Starts empty after a restart. */
export interface InstrumentSeries {
  /** The newest books with both sides, the newest last. */
  readonly books: readonly { readonly mid: Decimal; readonly spread: Decimal; readonly atMs: number }[];
  /** Confirmed mid prices within the window, the newest last. */
  readonly mids: readonly ConfirmedMid[];
  /** When each gap in the feed ended, UTC milliseconds. */
  readonly gaps: readonly number[];
  /** When the newest book was received; undefined before the first. */
  readonly receivedAtMs: number | undefined;
}

export const EMPTY_SERIES: InstrumentSeries = { books: [], mids: [], gaps: [], receivedAtMs: undefined };

/** At most this many gaps are remembered. */
const GAPS_MAX = 1_000;

/**
 * Returns the series after a book was received: a longer pause than `maxFeedAgeMs` since the one before was a gap. Gaps
 * before `sinceMs` are forgotten.
 */
export function receiveBook(
  series: InstrumentSeries,
  receivedAtMs: number,
  { maxFeedAgeMs, sinceMs }: { readonly maxFeedAgeMs: number; readonly sinceMs: number },
): InstrumentSeries {
  const before = series.receivedAtMs;
  const isGap = before !== undefined && receivedAtMs - before > maxFeedAgeMs;
  const gaps = [...series.gaps, ...(isGap ? [receivedAtMs] : [])].filter((atMs) => atMs > sinceMs).slice(-GAPS_MAX);
  return { ...series, gaps, receivedAtMs: Math.max(before ?? receivedAtMs, receivedAtMs) };
}

/**
 * Returns the series with a look at the book, made once a second. The same book counts once. Mid prices before
 * `sinceMs` are forgotten.
 */
export function lookAtBook(
  series: InstrumentSeries,
  { bid, ask, receivedAt }: TopOfBook,
  sinceMs: number,
): InstrumentSeries {
  const mid = midPrice(bid, ask);
  if (mid === undefined || bid === undefined || ask === undefined) return series;
  if (series.books.at(-1)?.atMs === receivedAt) return series;
  const books = [...series.books, { mid, spread: subtract(ask, bid), atMs: receivedAt }].slice(-CONFIRMING);
  const confirmed = middleOf(books.map((book) => book.mid));
  const mids = series.mids.filter(({ atMs }) => atMs >= sinceMs);
  return { ...series, books, mids: confirmed === undefined ? mids : [...mids, { atMs: receivedAt, mid: confirmed }] };
}
