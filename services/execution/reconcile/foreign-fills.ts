import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { OtherStacks } from './other-stacks.ts';

export interface ForeignFillsOptions {
  readonly otherStacks: Pick<OtherStacks, 'onFill'>;
  readonly metrics: Pick<ExecutionMetrics, 'findings'>;
  readonly log: Logger;
}

/** What is read of a fill of somebody else. */
type ForeignFill = Pick<Fill, 'venueTradeId' | 'venueOrderId' | 'clientOrderId' | 'symbol' | 'time'>;

/** So many fills of an instrument are remembered. Only a fill that is set apart keeps the older ones from going. */
const REMEMBERED_MAX = 50_000;

/** Counts the fills of somebody else, each once however often it is read. */
export class ForeignFills {
  readonly #options: ForeignFillsOptions;
  /** Times of those that may be read again, by instrument and trade key. UTC milliseconds. */
  readonly #counted = new Map<string, Map<string, number>>();

  constructor(options: ForeignFillsOptions) {
    this.#options = options;
  }

  onFills(symbol: string, fills: readonly ForeignFill[]): void {
    const { otherStacks, metrics, log } = this.#options;
    const counted = this.#counted.get(symbol) ?? new Map<string, number>();
    this.#counted.set(symbol, counted);
    for (const fill of fills) {
      otherStacks.onFill(fill);
      if (counted.has(tradeKeyOf(fill))) continue;
      counted.set(tradeKeyOf(fill), fill.time);
      metrics.findings.inc({ kind: 'ForeignFill' });
      const order = fill.clientOrderId === '' ? fill.venueOrderId : fill.clientOrderId;
      log.warn({ trade: fill.venueTradeId, order, symbol: fill.symbol }, 'fill belongs to no order of this stack');
    }
    for (const [oldest] of counted) {
      if (counted.size <= REMEMBERED_MAX) break;
      counted.delete(oldest);
    }
  }

  /** Forgets those before a time, which are not read again. */
  forget(symbol: string, beforeMs: number): void {
    const counted = this.#counted.get(symbol);
    for (const [key, time] of counted ?? []) if (time < beforeMs) counted?.delete(key);
  }
}
