import { venueSymbolOf } from '../../../shared/venue/mexc/channels.ts';

/** Returns the canonical symbols by the name that the venue gives them: `XRPETH`, `XRP/ETH`. */
export function symbolsByVenueName(symbols: readonly string[]): ReadonlyMap<string, string> {
  return new Map(symbols.map((symbol) => [venueSymbolOf(symbol), symbol]));
}
