import { maximum, minimum, type Decimal } from '../../shared/domain/decimal.ts';

/** Input of a bar: price in the quote asset, the venue's time, and our time at receipt, both UTC milliseconds. */
export interface BarTrade {
  readonly price: Decimal;
  readonly time: number;
  readonly receivedAt: number;
}

/** Closed bar of the period [closeTime - barMs, closeTime) in venue time, with at least one trade. */
export interface Bar {
  readonly closeTime: number;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly trades: number;
  /** The venue's time of the trade that made the close. */
  readonly lastTradeAt: number;
  /** Whether trades of the period are known to be missing, so that the prices may be wrong. */
  readonly incomplete: boolean;
}

/** End of a period: `bar` with the bar that closed, or `quiet`, without trades, at the last known close. */
export type PeriodEnd =
  | { readonly kind: 'bar'; readonly bar: Bar }
  | { readonly kind: 'quiet'; readonly closeTime: number; readonly close: Decimal };

export interface BarBuilderOptions {
  readonly barMs: number;
  /** How long a period waits after its end for trades still in transit. */
  readonly graceMs: number;
}

/**
 * Groups trades into bars of venue time. Periods begin at multiples of `barMs` since the epoch. A period closes at the
 * first of:
 * - a trade of a later period;
 * - a trade received `graceMs` or more after the period's end, whatever its own time;
 * - `onClock` with a time 2 x `graceMs` or more after the end. This is later than the previous rule, so a bar closed by
 *   a trade is the same when the trades are replayed without a clock.
 *
 * The prices of a closed bar never change: later trades are counted and dropped. Periods without trades make no bar. Of
 * several in a row only the last is reported, as a `quiet` end, so a long silence costs nothing. The period of the very
 * first trade makes no bar.
 */
export interface BarBuilder {
  onTrade(trade: BarTrade): readonly PeriodEnd[];
  onClock(nowMs: number): readonly PeriodEnd[];
  /** Marks the open bar, if there is one: trades of its period are missing. */
  markOpen(): void;
  /** End of the open bar; undefined while none is open. */
  readonly openUntil: number | undefined;
  /** Number of trades dropped: of a period already closed, or stamped more than FUTURE_MS after their receipt. */
  readonly dropped: number;
}

/**
 * A trade stamped further ahead of its receipt comes from a broken clock. Accepting it would close every period until
 * its time.
 */
export const FUTURE_MS = 60_000;

export function createBarBuilder({ barMs, graceMs }: BarBuilderOptions): BarBuilder {
  let open: Bar | undefined;
  let lastClose: Decimal | undefined;
  /** End of the newest closed period. Trades before it are dropped. */
  let closedUntil = Number.NEGATIVE_INFINITY;
  let firstEnd = Number.NEGATIVE_INFINITY;
  let dropped = 0;

  const closeUntil = (timeMs: number): readonly PeriodEnd[] => {
    const end = startOf(timeMs, barMs);
    if (lastClose === undefined || end <= closedUntil) return [];
    const ends: PeriodEnd[] = [];
    if (open !== undefined && open.closeTime <= end) {
      ends.push({ kind: 'bar', bar: open });
      closedUntil = open.closeTime;
      open = undefined;
    }
    if (open === undefined && end > closedUntil) {
      ends.push({ kind: 'quiet', closeTime: end, close: lastClose });
      closedUntil = end;
    }
    return ends;
  };

  /**
   * The start of the first period was not observed, so it makes no bar: a restart within it would make a different one.
   */
  const begin = (trade: BarTrade): void => {
    closedUntil = startOf(trade.time, barMs) + barMs;
    firstEnd = closedUntil;
    lastClose = trade.price;
  };

  /** Whether the trade is of the first period, and no period closed since. */
  const isOfFirst = ({ time }: BarTrade): boolean => closedUntil === firstEnd && time >= firstEnd - barMs;

  const take = (trade: BarTrade): void => {
    if (trade.time >= closedUntil) {
      open = open === undefined ? barOf(trade, barMs) : extended(open, trade);
      lastClose = open.close;
    } else if (open === undefined && isOfFirst(trade)) lastClose = trade.price;
    else dropped += 1;
  };

  return {
    onTrade: (trade) => {
      if (trade.time > trade.receivedAt + FUTURE_MS) {
        dropped += 1;
        return [];
      }
      if (lastClose === undefined) begin(trade);
      const ends = closeUntil(Math.max(trade.time, trade.receivedAt - graceMs));
      take(trade);
      return ends;
    },
    onClock: (nowMs) => closeUntil(nowMs - 2 * graceMs),
    markOpen: () => {
      if (open !== undefined) open = { ...open, incomplete: true };
    },
    get openUntil() {
      return open?.closeTime;
    },
    get dropped() {
      return dropped;
    },
  };
}

function startOf(timeMs: number, barMs: number): number {
  return Math.floor(timeMs / barMs) * barMs;
}

function barOf({ price, time }: BarTrade, barMs: number): Bar {
  const closeTime = startOf(time, barMs) + barMs;
  return {
    closeTime,
    open: price,
    high: price,
    low: price,
    close: price,
    trades: 1,
    lastTradeAt: time,
    incomplete: false,
  };
}

function extended(bar: Bar, { price, time }: BarTrade): Bar {
  return {
    ...bar,
    high: maximum(bar.high, price),
    low: minimum(bar.low, price),
    // During a rolling update two runs of ws publish the same trades, one later than the other.
    ...(time >= bar.lastTradeAt ? { close: price, lastTradeAt: time } : {}),
    trades: bar.trades + 1,
  };
}
