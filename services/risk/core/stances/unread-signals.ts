import { keyOf, type Pair } from '../holdings.ts';

/**
 * Pairs, by `keyOf`, of which a signal may lie in Redis undecided, so that the stance in the record may be outdated.
 * `All`: there may be one of any pair.
 */
export type UnreadSignals = 'All' | ReadonlySet<string>;

/** Every signal has been decided. */
export const ALL_READ: UnreadSignals = new Set();

/** Whether a signal that was not decided yet may have changed what the strategy wants of the pair. */
export function mayBeOutdated(unread: UnreadSignals, pair: Pair): boolean {
  return unread === 'All' || unread.has(keyOf(pair));
}
