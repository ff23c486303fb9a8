/**
 * Names of all streams and keys in Redis. Parts separated by `.` are fixed; symbols are written with `-`, as in
 * `XRP-ETH`. In Redis, each name has the prefix of its stack, which the clients add.
 */
export const SIGNALS = 'signals';
export const ORDERS_APPROVED = 'orders.approved';
export const ORDERS_EVENTS = 'orders.events';
export const FILLS = 'fills';
/** Hash: canonical symbol -> JSON of an instrument. ws writes it from the metadata of the venue. */
export const INSTRUMENTS = 'md.instruments';
/** Hash: `<strategy>:<symbol>` -> JSON of the last stance. Only signal writes and reads it. */
export const SIGNAL_STANCES = 'signals.stances';
/** JSON of the request budget of the venue account. Only a script of execution reads and writes it. */
export const VENUE_BUDGET = 'venue.budget';
/** Epoch of the fence that was granted last. Only execution reads and writes it, by its right to `venue.` keys. */
export const VENUE_SENDER_EPOCH = 'venue.sender-epoch';
/** Stream of venue frames that ws could not parse. */
export const VENUE_DEAD_LETTERS = 'dead.venue';

export function tradesStream(symbol: string): string {
  return `md.trades.${symbolPart(symbol)}`;
}

export function bookStream(symbol: string): string {
  return `md.book.${symbolPart(symbol)}`;
}

/**
 * Returns the dead letter stream of `stream`: entries that could not be handled, with payload, reason and number of
 * deliveries.
 */
export function deadLetterStream(stream: string): string {
  return `dead.${stream}`;
}

/** The only field of every entry: the payload as JSON. */
export const PAYLOAD_FIELD = 'data';

/**
 * Approximate maximum length of fan-out streams. Readers that fall behind see a gap in the sequence of the producer.
 */
export const FAN_OUT_LENGTH = { trades: 20_000, book: 1_000, dead: 10_000 } as const;

/**
 * Returns the prefix of every key of a stack. The ID of a stack consists of name and UID, so neither another stack on
 * the same Redis nor one recreated under the same name reads or writes a key of this one.
 */
export function keyPrefixOf(stackId: string): string {
  return `${stackId}:`;
}

/**
 * Returns the seconds for which a key is kept after its last write: keys of a deleted stack expire. Market data takes
 * most of the memory; other keys must outlive the longest bar, which is one day.
 */
export function keptSecondsOf(key: string): number {
  return key.startsWith('md.') ? DAY : 7 * DAY;
}

const DAY = 86_400;

function symbolPart(symbol: string): string {
  return symbol.replace('/', '-');
}
