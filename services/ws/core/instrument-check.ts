import type { CHECK_REASONS } from '../../shared/contracts/reasons/checks.ts';
import { pairProblemsText, type PairProblem } from '../../shared/domain/pair-problems.ts';
import { degraded, notReady, ready, type ReadinessResult } from './readiness-result.ts';

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
 * Checks that the venue lists every configured symbol as tradable. It fails when the list is unknown or names none of
 * them. A pair that left the list, or may not be traded at present, only degrades it: the book of the pair goes on, so
 * that what is held can be sold, and the other pairs are served. Each message names the field of the resource and the
 * remedy.
 */
export function checkInstruments({ symbols, listed, ageMs, problem }: InstrumentView): ReadinessResult {
  if (listed === undefined) {
    return notReady(
      'InstrumentsUnknown',
      `the venue's list of pairs has not been read yet: ${problem || 'in progress'}`,
    );
  }
  const problems = listingProblems(symbols, listed);
  const [first] = problems;
  if (first !== undefined) {
    const message = `spec.instruments: ${pairProblemsText(problems)}`;
    if (!symbols.some((symbol) => listed.has(symbol))) return notReady('SymbolUnknown', message);
    return { ok: true, reason: first.reason, message };
  }
  if (ageMs > MAX_AGE_MS) {
    return degraded('InstrumentsStale', `the venue's list of pairs is ${Math.round(ageMs / 1_000)} s old: ${problem}`);
  }
  return ready('');
}

/** Returns the problem of every symbol that is not listed as tradable. */
export function listingProblems(
  symbols: readonly string[],
  listed: ReadonlyMap<string, ListedPair>,
): readonly PairProblem[] {
  return symbols.flatMap((symbol) => listingProblem(symbol, listed.get(symbol)) ?? []);
}

type ListingReason = keyof typeof CHECK_REASONS & ('SymbolUnknown' | 'SymbolNotTradable');

function listingProblem(
  symbol: string,
  pair: ListedPair | undefined,
): (PairProblem & { readonly reason: ListingReason }) | undefined {
  if (pair === undefined) {
    return { symbol, reason: 'SymbolUnknown', message: 'the venue does not list it; correct the symbol or remove it' };
  }
  if (pair.tradable) return undefined;
  const message = `not tradable at the venue (${pair.reason}); remove it, or wait until the venue opens it`;
  return { symbol, reason: 'SymbolNotTradable', message };
}
