import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { FillTimesQuery } from '../../ports.ts';

/**
 * Fills in the order of their insertion, with the indexes that the table in Postgres has: what a query costs does not
 * grow with the fills of other trades.
 */
export class FillTable {
  readonly #all: Fill[] = [];
  readonly #byTrade = new Map<string, readonly Fill[]>();
  /** By symbol. UTC milliseconds. */
  readonly #newestMs = new Map<string, number>();

  get all(): readonly Fill[] {
    return this.#all;
  }

  add(fill: Fill): void {
    const { symbol, venueTradeId, time } = fill;
    this.#all.push(fill);
    this.#byTrade.set(keyOf(symbol, venueTradeId), [...this.ofTrade(symbol, venueTradeId), fill]);
    this.#newestMs.set(symbol, Math.max(time, this.#newestMs.get(symbol) ?? time));
  }

  /** Returns our orders' fills under one trade ID: two when both sides of the trade are ours. */
  ofTrade(symbol: string, venueTradeId: string): readonly Fill[] {
    return this.#byTrade.get(keyOf(symbol, venueTradeId)) ?? [];
  }

  /** Time of the newest fill of a symbol, in UTC milliseconds. Undefined without one. */
  newestMs(symbol: string): number | undefined {
    return this.#newestMs.get(symbol);
  }

  times(symbol: string, { fromMs, every, count }: FillTimesQuery): readonly number[] {
    const counted = this.#all.flatMap((fill) => (fill.symbol === symbol && fill.time >= fromMs ? [fill.time] : []));
    const sorted = counted.toSorted((a, b) => a - b);
    return sorted.filter((_, index) => (index + 1) % every === 0).slice(0, count);
  }

  clear(): void {
    this.#all.length = 0;
    this.#byTrade.clear();
    this.#newestMs.clear();
  }
}

function keyOf(symbol: string, venueTradeId: string): string {
  return `${symbol} ${venueTradeId}`;
}
