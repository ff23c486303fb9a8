import { Counter, Gauge, type Registry } from 'prom-client';
import { boundedLabel } from '../shared/runtime/metrics.ts';

/** Metrics of signal. Strategies and symbols come from the settings: at most 20 and 15. */
export interface SignalMetrics {
  trade(symbol: string): void;
  tradesMissing(stream: string, count: number): void;
  published(strategy: string): void;
  notPublished(reason: 'Superseded' | 'OutcomeUnknown'): void;
  stance(strategy: string, symbol: string, long: boolean): void;
  series(figures: { symbol: string; barSeconds: number; bars: number; dropped: number }): void;
}

export function createSignalMetrics(registry: Registry): SignalMetrics {
  const registers = [registry];
  const symbolOf = boundedLabel(300);
  const trades = new Counter({
    name: 'tradingstack_signal_trades_total',
    help: 'Trades read from Redis.',
    labelNames: ['symbol'],
    registers,
  });
  const missing = new Counter({
    name: 'tradingstack_signal_trades_missing_total',
    help: 'Trades missing from the sequence numbered by ws.',
    labelNames: ['stream'],
    registers,
  });
  const published = new Counter({
    name: 'tradingstack_signal_signals_published_total',
    help: 'Signals written to Redis.',
    labelNames: ['strategy'],
    registers,
  });
  const notPublished = new Counter({
    name: 'tradingstack_signal_signals_not_published_total',
    help: 'Signals superseded by a newer one, or with unknown write outcome.',
    labelNames: ['reason'],
    registers,
  });
  const stance = new Gauge({
    name: 'tradingstack_signal_stance',
    help: 'Stance of a strategy: 1 for Long, 0 for Flat.',
    labelNames: ['strategy', 'symbol'],
    registers,
  });
  const bars = new Gauge({
    name: 'tradingstack_signal_bars',
    help: 'Closed bars held.',
    labelNames: ['symbol', 'bar_seconds'],
    registers,
  });
  const dropped = new Gauge({
    name: 'tradingstack_signal_trades_left_out',
    help: 'Trades dropped because they came too late for their bar or were stamped in the future.',
    labelNames: ['symbol', 'bar_seconds'],
    registers,
  });
  return {
    trade: (symbol) => trades.inc({ symbol: symbolOf(symbol) }),
    tradesMissing: (stream, count) => missing.inc({ stream: symbolOf(stream) }, count),
    published: (strategy) => published.inc({ strategy }),
    notPublished: (reason) => notPublished.inc({ reason }),
    stance: (strategy, symbol, long) => stance.set({ strategy, symbol: symbolOf(symbol) }, long ? 1 : 0),
    series: (view) => {
      const labels = { symbol: symbolOf(view.symbol), bar_seconds: String(view.barSeconds) };
      bars.set(labels, view.bars);
      dropped.set(labels, view.dropped);
    },
  };
}
