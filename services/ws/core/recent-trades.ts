/** The part of a trade that this file needs: the venue's time, UTC milliseconds. */
interface Timed {
  readonly time: number;
}

/** The venue's newest trades of a symbol, as a list has them. */
export interface TradeList<T extends Timed> {
  /** Oldest first. */
  readonly trades: readonly T[];
  /** Whether the list has as many trades as the venue returns at most, so that older ones exist. */
  readonly isFull: boolean;
}

/** What the list adds to what was published. */
export interface ListedSince<T extends Timed> {
  /** Trades of the list from the known time on, oldest first. Those of exactly that time may be known. */
  readonly since: readonly T[];
  /** Whether the list reaches back to what is known. If not, trades between the two may be missing. */
  readonly reaches: boolean;
}

/**
 * Selects from a list what may be missing. `newest` is the time of the newest published trade; undefined before the
 * first, and then `started` is when the subscription began. A list that has no trade as old as `newest` does not reach
 * back to it, however short it is: the venue has forgotten a trade that we know.
 */
export function listedSince<T extends Timed>(
  { trades, isFull }: TradeList<T>,
  { newest, started }: { readonly newest: number | undefined; readonly started: number },
): ListedSince<T> {
  const from = newest ?? started;
  const reachesFrom = trades.some(({ time }) => time <= from);
  return {
    since: trades.filter(({ time }) => time >= from),
    reaches: reachesFrom || (newest === undefined && !isFull),
  };
}
