import type { BookMessage } from '../../shared/contracts/messages/book.ts';
import type { RiskSettings } from '../../shared/contracts/services/risk.ts';
import { INSTRUMENT_BREAKERS, VENUE_BREAKERS } from '../../shared/domain/breaker.ts';
import { isFresh } from '../../shared/domain/market-snapshot.ts';
import type { ObservedHealth } from '../../shared/domain/venue-health.ts';
import type { MarketView } from '../../shared/market/market-view.ts';
import { createEquityObservation, type EquityObservation } from './equity-observation.ts';
import type { Breach, TrippedBreaker } from '../core/breakers/breaker.ts';
import { GAP_WINDOW_MINUTES, instrumentBreaches, MOVE_WINDOW_SECONDS } from '../core/breakers/instrument-breaches.ts';
import { EMPTY_SERIES, lookAtBook, receiveBook, type InstrumentSeries } from '../core/breakers/instrument-series.ts';
import { keyOf } from '../core/breakers/plan-breakers.ts';
import { isVenueCalm, venueBreaches } from '../core/breakers/venue-breaches.ts';

export interface BreakerObservations extends EquityObservation {
  /** Notes when a book was received. Never throws. */
  readonly onBook: (book: Pick<BookMessage, 'symbol' | 'receivedAt'>) => void;
  /** Looks at the books and the health of the venue once. Returns the limits that they have reached. */
  readonly look: (nowMs: number, venueHealth: ObservedHealth | undefined) => readonly Breach[];
  /** Since when a tripped breaker has not been breached by fresh data; undefined while it is, or may be. */
  readonly calmSinceMs: (breaker: TrippedBreaker) => number | undefined;
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
    ...createEquityObservation(market),
    calmSinceMs: (breaker) => calm.get(keyOf(breaker)),
  };
}
