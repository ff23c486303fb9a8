import type { SignalPayload } from '../../shared/contracts/messages/signal.ts';
import type { StanceRecord } from './stance-record.ts';
import type { StrategySettings } from '../../shared/contracts/services/signal.ts';
import type { Stance } from '../../shared/domain/stance.ts';
import { createBarBuilder, type Bar, type BarBuilder, type BarTrade, type PeriodEnd } from './bars.ts';
import { markMissing } from './missing-trades.ts';
import { createStanceTracker, incompleteBars, type StanceTracker } from './stance-tracker.ts';
import { strategyOf, type Strategy } from './strategy.ts';
import type { StrategyView } from './strategy-check.ts';
import { createTradeSequence, type NumberedTrade } from './trade-sequence.ts';

/** A public trade of a symbol, such as `XRP/ETH`. Without a number it follows the trade before it. */
export interface EngineTrade extends BarTrade, NumberedTrade {}

export interface SignalEngineOptions {
  readonly strategies: readonly StrategySettings[];
  /** Release to name in the signals. */
  readonly release: string;
  /** How long a bar waits for trades in transit, in milliseconds. Default: 1000. */
  readonly graceMs?: number;
}

/**
 * Runs all strategies over all their instruments. No IO, no clock, no randomness: the same calls give the same signals,
 * byte for byte, and the signal of a bar depends on no later trade. Replaying past trades leads to the same stances as
 * processing them live.
 */
export interface SignalEngine {
  /** Returns the signals of the periods that this trade closed. Ignores trades of symbols that no strategy uses. */
  onTrade(trade: EngineTrade): readonly SignalPayload[];
  /**
   * Returns the signals of the periods that ended by time alone. `nowMs` is in UTC milliseconds. Call it several times
   * a second.
   */
  onClock(nowMs: number): readonly SignalPayload[];
  /**
   * Restores a stance of the previous run. Call it before the first trade. Ignores unknown strategies and changed
   * rules.
   */
  restore(record: StanceRecord): void;
  /** Returns the stance of every strategy and symbol that has one. */
  records(): readonly StanceRecord[];
  readonly series: readonly SeriesFigures[];
  /** Every strategy on each of its symbols. */
  readonly strategies: readonly StrategyView[];
}

export interface SeriesFigures {
  readonly symbol: string;
  readonly barSeconds: number;
  /** Closed bars held. */
  readonly bars: number;
  /** Closed bars that the most demanding strategy needs before it decides. */
  readonly warmUp: number;
  /** Number of trades dropped because they came too late for their bar or were stamped in the future. */
  readonly dropped: number;
}

/** The bars of one symbol and bar length, shared by the strategies that use them. */
interface Series {
  readonly symbol: string;
  readonly barSeconds: number;
  readonly barMs: number;
  readonly builder: BarBuilder;
  readonly bars: Bar[];
  readonly window: number;
  readonly warmUp: number;
  readonly watchers: readonly { readonly strategy: Strategy; readonly tracker: StanceTracker }[];
}

export function createSignalEngine({ strategies, release, graceMs = 1_000 }: SignalEngineOptions): SignalEngine {
  const series = seriesOf(strategies.map(strategyOf), release, graceMs);
  const bySymbol = Map.groupBy(series, ({ symbol }) => symbol);
  const trackers = series.flatMap(({ watchers }) => watchers.map(({ tracker }) => tracker));
  const isMissingBefore = createTradeSequence();

  return {
    onTrade: (trade) => {
      const isGap = isMissingBefore(trade);
      return (bySymbol.get(trade.symbol) ?? []).flatMap((one) => {
        const before = { openUntil: one.builder.openUntil, dropped: one.builder.dropped };
        const signals = signalsOf(one, one.builder.onTrade(trade));
        markMissing(one, { trade, isGap, before });
        return signals;
      });
    },
    onClock: (nowMs) => series.flatMap((one) => signalsOf(one, one.builder.onClock(nowMs))),
    restore: (record) => {
      const found = series
        .filter(({ symbol }) => symbol === record.symbol)
        .flatMap(({ watchers }) => watchers.filter(({ strategy }) => strategy.name === record.strategy));
      for (const { tracker } of found) tracker.restore(record);
    },
    records: () => trackers.map((tracker) => tracker.record()).filter((record) => record !== undefined),
    get series() {
      return series.map(({ symbol, barSeconds, bars, warmUp, builder }) => ({
        symbol,
        barSeconds,
        bars: bars.length,
        warmUp,
        dropped: builder.dropped,
      }));
    },
    get strategies() {
      return series.flatMap(({ symbol, bars, watchers }) =>
        watchers.map(({ strategy, tracker }) => viewOf(strategy, symbol, bars, tracker.record()?.stance)),
      );
    },
  };
}

function seriesOf(strategies: readonly Strategy[], release: string, graceMs: number): readonly Series[] {
  const wanted = strategies.flatMap((strategy) => strategy.symbols.map((symbol) => ({ strategy, symbol })));
  const groups = Map.groupBy(wanted, ({ strategy, symbol }) => `${symbol} ${strategy.barSeconds}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { symbol, strategy } = first;
    return {
      symbol,
      barSeconds: strategy.barSeconds,
      barMs: strategy.barSeconds * 1_000,
      builder: createBarBuilder({ barMs: strategy.barSeconds * 1_000, graceMs }),
      bars: [],
      window: Math.max(...group.map((member) => member.strategy.window)),
      warmUp: Math.max(...group.map((member) => member.strategy.warmUp)),
      watchers: group.map((member) => ({
        strategy: member.strategy,
        tracker: createStanceTracker(member.strategy, symbol, release),
      })),
    };
  });
}

function signalsOf(series: Series, ends: readonly PeriodEnd[]): readonly SignalPayload[] {
  return ends.flatMap((end) => {
    if (end.kind === 'bar') keep(series, end.bar);
    return series.watchers
      .map(({ strategy, tracker }) => tracker.onPeriodEnd(end, series.bars.slice(-strategy.window)))
      .filter((signal) => signal !== undefined);
  });
}

function keep({ bars, window }: Series, bar: Bar): void {
  bars.push(bar);
  if (bars.length > window) bars.shift();
}

function viewOf(
  { name, barSeconds, warmUp }: Strategy,
  symbol: string,
  bars: readonly Bar[],
  stance: Stance | undefined,
): StrategyView {
  const needed = bars.slice(-warmUp);
  const last = needed.findLastIndex(({ incomplete }) => incomplete);
  return {
    strategy: name,
    symbol,
    barSeconds,
    bars: needed.length,
    warmUp,
    stance,
    incomplete: incompleteBars({ warmUp }, bars),
    completeAfter: last < 0 ? 0 : warmUp - needed.length + last + 1,
  };
}
