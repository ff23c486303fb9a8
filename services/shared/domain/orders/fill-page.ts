import type { Fill } from './fill.ts';
import type { UnreadFill } from './unread-row.ts';

/** A range of times of fills, both inclusive, by the venue's clock. UTC milliseconds. */
export interface FillRange {
  readonly fromMs: number;
  /** Undefined: up to the newest fill, whatever the venue's time is. */
  readonly toMs?: number | undefined;
}

/** What a venue lists of the fills in a range, at once. */
export interface FillPage {
  /** Oldest first, each once, all of them in the range. */
  readonly fills: readonly Fill[];
  /** Those in the range, or of a time that cannot be read, that cannot be read otherwise. */
  readonly unread: readonly UnreadFill[];
  /** Whether these are all fills of the range. If not, nothing is promised about which of them are missing. */
  readonly complete: boolean;
}

/** Returns the page of a venue that lists the newest fills of a range, at most `limit`. `fills`: oldest first. */
export function newestFills(fills: readonly Fill[], { fromMs, toMs = Infinity }: FillRange, limit: number): FillPage {
  const inRange = fills.filter(({ time }) => time >= fromMs && time <= toMs);
  return { fills: inRange.slice(-limit), unread: [], complete: inRange.length < limit };
}
