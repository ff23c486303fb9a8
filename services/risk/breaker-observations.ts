import type { BookMessage } from '../shared/contracts/messages/book.ts';
import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import { INSTRUMENT_BREAKERS, VENUE_BREAKERS } from '../shared/domain/breaker.ts';
import { isFresh } from '../shared/domain/market-snapshot.ts';
import type { ObservedHealth } from '../shared/domain/venue-health.ts';
import type { MarketView } from '../shared/market/market-view.ts';
import type { Breach, EquityRecord, TrippedBreaker } from './core/breakers/breaker.ts';
import { CONFIRMING, middleBy } from './core/breakers/confirmed.ts';
import { equityOf, type Equity, type EquityState } from './core/breakers/equity/equity.ts';
import { GAP_WINDOW_MINUTES, instrumentBreaches, MOVE_WINDOW_SECONDS } from './core/breakers/instrument-breaches.ts';
import { EMPTY_SERIES, lookAtBook, receiveBook, type InstrumentSeries } from './core/breakers/instrument-series.ts';
import { nextEquity } from './core/breakers/equity/next-equity.ts';
import { keyOf } from './core/breakers/plan-breakers.ts';
import { isVenueCalm, venueBreaches } from './core/breakers/venue-breaches.ts';

/** The equity that three looks confirm, and which prices are missing for it, or why there is none. */
export type ObservedEquity =
  | { readonly kind: 'Known'; readonly record: EquityRecord; readonly missing: string }
  | { readonly kind: 'Unknown'; readonly detail: string };

export interface BreakerObservations {
  /** Notes when a book was received. Never throws. */
  readonly onBook: (book: Pick<BookMessage, 'symbol' | 'receivedAt'>) => void;
  /** Looks at the books and the health of the venue once. Returns the limits that they have reached. */
  readonly look: (nowMs: number, venueHealth: ObservedHealth | undefined) => readonly Breach[];
  /** Adds an equity, and returns the next record of the confirmed one. */
  readonly value: (state: EquityState) => ObservedEquity;
  /** Since when a tripped breaker has not been breached by fresh data; undefined while it is, or may be. */
  readonly calmSinceMs: (breaker: TrippedBreaker) => number | undefined;
}

interface Seen {
  /** Equities of different bases do not compare. */
  readonly basis: string;
  readonly values: readonly Equity[];
  readonly booksAt: ReadonlyMap<string, number>;
}

/**
 * Creates the memory of what breakers observe. It starts empty, so that after a restart the equity is unknown for three
 * looks, and a tripped breaker of an instrument or the venue cools down once more.
 */
export function createBreakerObservations(settings: RiskSettings, market: MarketView): BreakerObservations {
  const { symbols, breakers: rules = {}, limits } = settings;
  const { maxFeedAgeMs } = limits;
  const moveWindowMs = (rules.moveWindowSeconds ?? MOVE_WINDOW_SECONDS) * 1_000;
  const gapWindowMs = (rules.feedGapWindowMinutes ?? GAP_WINDOW_MINUTES) * 60_000;
  const series = new Map<string, InstrumentSeries>();
  const calm = new Map<string, number>();
  let seen: Seen | undefined;

  const noteCalm = (key: string, isCalm: boolean, nowMs: number): void => {
    if (!isCalm) calm.delete(key);
    else if (!calm.has(key)) calm.set(key, nowMs);
  };

  const lookAt = (symbol: string, nowMs: number): readonly Breach[] => {
    const { book } = market.snapshot(symbol);
    const fresh = book !== undefined && isFresh(nowMs - book.receivedAt, maxFeedAgeMs) ? book : undefined;
    const before = series.get(symbol) ?? EMPTY_SERIES;
    const now = fresh === undefined ? before : lookAtBook(before, fresh, nowMs - moveWindowMs);
    series.set(symbol, now);
    const breaches = fresh === undefined ? [] : instrumentBreaches(symbol, now, rules);
    for (const breaker of INSTRUMENT_BREAKERS) {
      noteCalm(
        keyOf({ breaker, symbol }),
        fresh !== undefined && breaches.every((one) => one.breaker !== breaker),
        nowMs,
      );
    }
    return breaches;
  };
  const lookAtVenue = (health: ObservedHealth | undefined, nowMs: number): readonly Breach[] => {
    for (const breaker of VENUE_BREAKERS) {
      noteCalm(keyOf({ breaker, symbol: '' }), isVenueCalm(breaker, health, rules), nowMs);
    }
    return venueBreaches(health, rules);
  };

  return {
    onBook: ({ symbol, receivedAt }) => {
      const sinceMs = receivedAt - gapWindowMs;
      series.set(symbol, receiveBook(series.get(symbol) ?? EMPTY_SERIES, receivedAt, { maxFeedAgeMs, sinceMs }));
    },
    look: (nowMs, venueHealth) => [
      ...symbols.flatMap((symbol) => lookAt(symbol, nowMs)),
      ...lookAtVenue(venueHealth, nowMs),
    ],
    value: (state) => {
      const valued = equityOf(state);
      if (valued.kind === 'Unknown') {
        seen = undefined;
        return valued;
      }
      const { bookedTransfers: transfers, feesPaid: fees, nowMs } = state;
      seen = seenNext(seen, {
        basis: JSON.stringify([valued.currency, valued.assets, [...transfers].map(String)]),
        valued,
        booksAt: new Map([...state.freshMarks.keys()].map((one) => [one, market.snapshot(one).book?.receivedAt ?? 0])),
      });
      const confirmed = middleBy(seen.values, ({ equity }) => equity);
      if (confirmed === undefined) return { kind: 'Unknown', detail: 'the equity is not confirmed by three looks yet' };
      const record = nextEquity(state.equityRecord, { valued: confirmed, transfers, fees, nowMs });
      return { kind: 'Known', record, missing: valued.missing };
    },
    calmSinceMs: (breaker) => calm.get(keyOf(breaker)),
  };
}

/** The same books count once, so that one bad book does not confirm itself. */
function seenNext(
  seen: Seen | undefined,
  { basis, valued, booksAt }: Pick<Seen, 'basis' | 'booksAt'> & { readonly valued: Equity },
): Seen {
  if (seen?.basis !== basis) return { basis, values: [valued], booksAt };
  if ([...booksAt].some(([symbol, atMs]) => seen.booksAt.get(symbol) === atMs)) return seen;
  return { basis, values: [...seen.values, valued].slice(-CONFIRMING), booksAt };
}
