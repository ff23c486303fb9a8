import { notReady, ready, type ReadinessResult } from './readiness-result.ts';

/** The venue's listing of a pair, as far as the check needs it. */
export interface ListedPair {
  readonly tradable: boolean;
  /** Why it is not tradable; empty when it is. */
  readonly reason: string;
}

export interface InstrumentView {
  readonly symbols: readonly string[];
  /** The venue's pairs by symbol; undefined before the first list is read. */
  readonly listed: ReadonlyMap<string, ListedPair> | undefined;
  /** Since the list was last read, in milliseconds. */
  readonly ageMs: number;
  /** Why the last attempt to read the list failed; empty when it succeeded. */
  readonly problem: string;
}

/** An older list does not describe the current state. */
const MAX_AGE_MS = 30 * 60_000;

/**
 * Checks that the venue lists every configured symbol as tradable. Each message names the field of the resource and the
 * remedy.
 */
export function checkInstruments({ symbols, listed, ageMs, problem }: InstrumentView): ReadinessResult {
  if (listed === undefined) {
    return notReady(
      'InstrumentsUnknown',
      `the venue's list of pairs has not been read yet: ${problem || 'in progress'}`,
    );
  }
  const unknown = symbols.filter((symbol) => !listed.has(symbol));
  if (unknown.length > 0) {
    const message = `spec.instruments: the venue does not list ${unknown.join(', ')}; correct the symbol or remove it`;
    return notReady('SymbolUnknown', message);
  }
  const closed = symbols.flatMap((symbol) => {
    const pair = listed.get(symbol);
    return pair === undefined || pair.tradable ? [] : [`${symbol} (${pair.reason})`];
  });
  if (closed.length > 0) {
    const remedy = 'remove it, or wait until the venue opens it';
    return notReady(
      'SymbolNotTradable',
      `spec.instruments: not tradable at the venue: ${closed.join(', ')}; ${remedy}`,
    );
  }
  if (ageMs > MAX_AGE_MS) {
    return notReady('InstrumentsStale', `the venue's list of pairs is ${Math.round(ageMs / 1_000)} s old: ${problem}`);
  }
  return ready('');
}
