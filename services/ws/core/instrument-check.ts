import type { Verdict } from './feed-check.ts';

/** What the venue says of a pair, as far as the check needs it. */
export interface ListedPair {
  readonly tradable: boolean;
  /** Why not. */
  readonly reason: string;
}

export interface InstrumentView {
  readonly symbols: readonly string[];
  /** The venue's pairs by symbol; undefined before the first list came. */
  readonly listed: ReadonlyMap<string, ListedPair> | undefined;
  /** Since the list last came, in milliseconds. */
  readonly ageMs: number;
  /** Why the last attempt to read the list failed; empty when it did not. */
  readonly problem: string;
}

/** A list older than this says nothing about now. */
const MAX_AGE_MS = 30 * 60_000;

/** Whether the venue lists every configured symbol and lets it be traded. Each message names the field of the resource and the remedy. */
export function checkInstruments({ symbols, listed, ageMs, problem }: InstrumentView): Verdict {
  if (listed === undefined) {
    return failing('InstrumentsUnknown', `the venue's list of pairs has not come yet: ${problem || 'being read'}`);
  }
  const unknown = symbols.filter((symbol) => !listed.has(symbol));
  if (unknown.length > 0) {
    const message = `spec.instruments: the venue does not list ${unknown.join(', ')}; correct the symbol or take it out`;
    return failing('SymbolUnknown', message);
  }
  const closed = symbols.flatMap((symbol) => {
    const pair = listed.get(symbol);
    return pair === undefined || pair.tradable ? [] : [`${symbol} (${pair.reason})`];
  });
  if (closed.length > 0) {
    const remedy = 'take it out, or wait until the venue opens it';
    return failing('SymbolNotTradable', `spec.instruments: not tradable at the venue: ${closed.join(', ')}; ${remedy}`);
  }
  if (ageMs > MAX_AGE_MS) {
    return failing('InstrumentsStale', `the venue's list of pairs is ${Math.round(ageMs / 1_000)} s old: ${problem}`);
  }
  return { ok: true, reason: 'Ok', message: '' };
}

function failing(reason: string, message: string): Verdict {
  return { ok: false, reason, message };
}
