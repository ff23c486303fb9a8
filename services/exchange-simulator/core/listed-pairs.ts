/**
 * The pairs that the venue lists at present: canonical symbols by the venue's own spelling. Only this file changes
 * which are listed. A pair that is not listed keeps its book and the orders of its past in the engine; the protocols
 * answer as if it had never existed.
 */
export class ListedPairs {
  readonly #known: ReadonlyMap<string, string>;
  readonly #delisted = new Set<string>();

  /** `known`: every pair of the venue, all listed. */
  constructor(known: ReadonlyMap<string, string>) {
    this.#known = known;
  }

  /** Lists a pair, or takes it off the list, by its canonical symbol. Returns false if the venue never had it. */
  set(symbol: string, listed: boolean): boolean {
    if (![...this.#known.values()].includes(symbol)) return false;
    if (listed) this.#delisted.delete(symbol);
    else this.#delisted.add(symbol);
    return true;
  }

  /** Canonical symbol of a listed pair. */
  get(venueSymbol: string): string | undefined {
    const symbol = this.#known.get(venueSymbol);
    return symbol === undefined || this.#delisted.has(symbol) ? undefined : symbol;
  }

  has(venueSymbol: string): boolean {
    return this.get(venueSymbol) !== undefined;
  }

  /** The venue's spelling of every listed pair. */
  keys(): readonly string[] {
    return [...this.#known.keys()].filter((venueSymbol) => this.has(venueSymbol));
  }

  /** Canonical symbol of every listed pair. */
  values(): readonly string[] {
    return [...this.#known.values()].filter((symbol) => !this.#delisted.has(symbol));
  }
}
