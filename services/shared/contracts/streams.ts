/** Names of every stream and key in Redis. `.` parts are fixed; symbols are written with `-`, `XRP-ETH`. */
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

function symbolPart(symbol: string): string {
  return symbol.replace('/', '-');
}
