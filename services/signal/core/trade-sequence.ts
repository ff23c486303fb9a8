/** The number that ws gave a trade: `seq` increases by one for each trade of a producer and symbol, from 1. */
export interface NumberedTrade {
  readonly symbol: string;
  readonly producer?: string;
  readonly seq?: number;
}

/** Producers remembered for each symbol. During a rolling update two run. */
const PRODUCERS = 8;

/**
 * Returns a predicate: whether trades are missing right before the given one: its number does not follow
 * that of the last trade of the same producer, or a new producer does not begin with 1. Nothing is missing before the
 * first trade of a symbol, and a number seen before is a repetition. Pass trades in the order of their stream.
 */
export function createTradeSequence(): (trade: NumberedTrade) => boolean {
  const bySymbol = new Map<string, Map<string, number>>();
  return ({ symbol, producer, seq }) => {
    if (producer === undefined || seq === undefined) return false;
    const known = bySymbol.get(symbol);
    if (known === undefined) {
      bySymbol.set(symbol, new Map([[producer, seq]]));
      return false;
    }
    const last = known.get(producer) ?? 0;
    if (seq <= last) return false;
    known.set(producer, seq);
    const [oldest] = known.keys();
    if (known.size > PRODUCERS && oldest !== undefined) known.delete(oldest);
    return seq > last + 1;
  };
}
