/**
 * Names of every stream and key in Redis. `.` parts are fixed; symbols are written with `-`, `XRP-ETH`. In Redis each has its stack's prefix in
 * front, which the clients put there.
 */
export const SIGNALS = 'signals';
export const ORDERS_APPROVED = 'orders.approved';
export const ORDERS_EVENTS = 'orders.events';
export const FILLS = 'fills';
/** Hash: canonical symbol -> JSON of an instrument; written by ws from the venue's own metadata. */
export const INSTRUMENTS = 'md.instruments';
/** Hash: `<strategy>:<symbol>` -> JSON of the last stance; written and read by signal alone. */
export const SIGNAL_STANCES = 'signals.stances';
/** Where ws puts frames of the venue that it cannot read. */
export const VENUE_DEAD_LETTERS = 'dead.venue';

export function tradesStream(symbol: string): string {
  return `md.trades.${symbolPart(symbol)}`;
}

export function bookStream(symbol: string): string {
  return `md.book.${symbolPart(symbol)}`;
}

/** Where the entries of `stream` go that could not be handled, with their payload, the reason and the number of tries. */
export function deadLetterStream(stream: string): string {
  return `dead.${stream}`;
}

/** The one field of every entry: the payload as JSON. */
export const PAYLOAD_FIELD = 'data';

/** Fan-out streams keep about this many entries; readers that fall behind see a gap in the producer's sequence. */
export const FAN_OUT_LENGTH = { trades: 20_000, book: 1_000, dead: 10_000 } as const;

/**
 * In front of every key of a stack. Its id is made of name and uid, so that neither another stack on the same Redis nor one made again under the
 * same name ever reads or writes a key of this one.
 */
export function keyPrefixOf(stackId: string): string {
  return `${stackId}:`;
}

/**
 * Seconds that a key is kept after the last write to it: what a deleted stack leaves goes by itself. Market data takes most of the memory; the
 * rest has to outlive the longest bar, of a day.
 */
export function keptSecondsOf(key: string): number {
  return key.startsWith('md.') ? DAY : 7 * DAY;
}

const DAY = 86_400;

function symbolPart(symbol: string): string {
  return symbol.replace('/', '-');
}
