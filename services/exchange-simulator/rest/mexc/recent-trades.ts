import type { ExchangeEvent, Traded } from '../../core/events.ts';

/** Public prints kept per pair: the maximum that GET /api/v3/trades returns. */
const KEEP = 1_000;

export class RecentTrades {
  readonly #bySymbol = new Map<string, Traded[]>();

  collect(events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (event.kind !== 'trade') continue;
      const trades = this.#bySymbol.get(event.symbol) ?? [];
      this.#bySymbol.set(event.symbol, trades);
      trades.push(event);
      if (trades.length > KEEP * 2) trades.splice(0, trades.length - KEEP);
    }
  }

  /** Newest first. */
  newest(symbol: string, limit: number): readonly Traded[] {
    return (this.#bySymbol.get(symbol) ?? []).slice(-Math.max(1, Math.min(limit, KEEP))).reverse();
  }
}
