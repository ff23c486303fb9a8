import type { BookMessage } from '../shared/contracts/messages/book.ts';
import { DecimalError, type Decimal } from '../shared/domain/decimal.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { keyOf } from './core/holdings.ts';
import type { RiskState } from './core/risk-state.ts';
import { confirmedBids, observeBid, type ConfirmedBids, type ObservedBid } from './core/stops/observed-bid.ts';
import { planStops, type UnjudgedStop } from './core/stops/stop-plan.ts';
import type { StopRecord, TriggeredStop } from './core/stops/stop-record.ts';
import { raisedHigh, reachedStop, type WatchedPosition } from './core/stops/stop-trigger.ts';
import type { RiskStore } from './ports.ts';
import type { StateOptions } from './state-of.ts';

interface StopWatchOptions extends Pick<StateOptions, 'settings' | 'market'> {
  readonly store: Pick<RiskStore, 'beginStop' | 'raiseStop' | 'triggerStop' | 'endStop'>;
  /** Called when a pass should follow at once. */
  readonly onDue: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface StopWatch {
  /** Judges the stops of the symbol. Never throws. */
  readonly onBook: (book: BookMessage) => void;
  /**
   * Brings the record in line with the account, and stores what has triggered since the last call. Returns the account
   * with it. Rejects when Postgres is unavailable: what has triggered is stored by a later call.
   */
  readonly pass: (state: Omit<RiskState, 'market'>) => Promise<StopPass>;
}

export interface StopPass {
  readonly stops: readonly StopRecord[];
  readonly unjudged: readonly UnjudgedStop[];
}

interface Reached {
  readonly position: WatchedPosition;
  readonly triggered: TriggeredStop;
}

/** The highest price of a position is stored at most this often; so much of it is lost when the process dies. */
const RAISE_EVERY_MS = 5_000;

/**
 * Creates the part that watches the stops. The positions are those of the last pass; between two passes each change of
 * a book judges them at once, and what is reached then counts, even if the price has recovered before the next pass.
 */
export function createStopWatch({ settings, market, store, onDue, clock, log }: StopWatchOptions): StopWatch {
  const { maxFeedAgeMs } = settings.limits;
  const bids = new Map<string, ObservedBid>();
  let watched = new Map<string, WatchedPosition>();
  const reached = new Map<string, Reached>();
  let raisedMs = Number.NEGATIVE_INFINITY;

  const bidsOf = (symbol: string): ConfirmedBids | undefined =>
    confirmedBids(bids.get(symbol), clock.nowMs(), maxFeedAgeMs);

  const judge = (position: WatchedPosition): WatchedPosition => {
    const confirmed = bidsOf(position.symbol);
    const raised = { ...position, highPrice: raisedHigh(position.highPrice, confirmed) };
    const key = keyOf(position);
    if (reached.get(key)?.position.openedAtMs === position.openedAtMs) return raised;
    const triggered = triggerOf(raised, confirmed, clock.nowMs());
    if (triggered !== undefined) reached.set(key, { position: raised, triggered });
    return raised;
  };

  const storeReached = async (stops: readonly StopRecord[]): Promise<readonly StopRecord[]> => {
    let records = stops;
    for (const [key, { position, triggered }] of reached) {
      const { strategy, symbol, openedAtMs, highPrice } = position;
      const isFirst = await store.triggerStop({ strategy, symbol, openedAtMs, highPrice, triggered });
      reached.delete(key);
      if (!isFirst) continue;
      log.warn({ strategy, symbol, stop: triggered.kind }, 'stop triggered');
      records = records.map((one) => (keyOf(one) === key ? { ...one, highPrice, triggered } : one));
    }
    return records;
  };

  const storeHighs = async (stops: readonly StopRecord[]): Promise<void> => {
    if (clock.monotonicMs() - raisedMs < RAISE_EVERY_MS) return;
    for (const { highPrice, ...record } of stops) {
      const now = watched.get(keyOf(record));
      if (now?.highPrice === undefined || now.rules.trailingStopPercent === undefined) continue;
      if (highPrice === undefined || now.highPrice > highPrice) await store.raiseStop(record, now.highPrice);
    }
    raisedMs = clock.monotonicMs();
  };

  return {
    onBook: ({ symbol, version, bids: [best], receivedAt }) => {
      const next = observeBid(bids.get(symbol), { version, bid: best?.[0], receivedAt }, maxFeedAgeMs);
      if (next === undefined) bids.delete(symbol);
      else bids.set(symbol, next);
      const before = reached.size;
      for (const [key, position] of watched) if (position.symbol === symbol) watched.set(key, judge(position));
      if (reached.size > before) onDue();
    },
    pass: async (state) => {
      const highOf = (record: StopRecord): Decimal | undefined => {
        const known = watched.get(keyOf(record));
        return known?.openedAtMs === record.openedAtMs ? known.highPrice : undefined;
      };
      const plan = planStops(state, (symbol) => market.snapshot(symbol), highOf);
      watched = new Map(plan.watched.map((position) => [keyOf(position), judge(position)]));
      for (const pair of plan.begun) await store.beginStop({ ...pair, openedAtMs: state.nowMs });
      for (const record of plan.ended) await store.endStop(record);
      const stops = await storeReached(state.stops);
      await storeHighs(state.stops);
      if (plan.begun.length > 0) onDue();
      return { stops, unjudged: plan.unjudged };
    },
  };
}

/** A level that does not fit a decimal is never reached. */
function triggerOf(
  position: WatchedPosition,
  confirmed: ConfirmedBids | undefined,
  nowMs: number,
): TriggeredStop | undefined {
  try {
    return reachedStop(position, confirmed, nowMs);
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    return reachedStop({ ...position, entryPrice: undefined, highPrice: undefined }, confirmed, nowMs);
  }
}
