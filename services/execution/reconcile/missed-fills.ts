import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { QUIET_MS } from '../core/reconcile/other-stack.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { ExecutionStore } from '../ports.ts';
import type { Findings } from './findings.ts';
import type { OtherStacks } from './other-stacks.ts';
import { requireValue } from './venue-silent-error.ts';

export interface MissedFillsOptions {
  readonly store: Pick<ExecutionStore, 'fillWatermark' | 'recordedTrades'>;
  readonly venue: Pick<TradingVenue, 'fills'>;
  readonly orders: Pick<LiveOrders, 'onFill'>;
  readonly findings: Pick<Findings, 'adoptByFill'>;
  readonly otherStacks: Pick<OtherStacks, 'onFill'>;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly metrics: Pick<ExecutionMetrics, 'findings'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How far the fills of one instrument have been read. */
interface Progress {
  /** Time of the newest foreign fill, UTC milliseconds. */
  readonly foreignMs: number;
  /** Foreign fills of the last run, by their trade keys. */
  readonly foreign: ReadonlySet<string>;
}

/** Fills are queried from this long before the newest recorded one: they become visible late and out of order. */
const OVERLAP_MS = 60_000;
/** Orders that one run adopts of an instrument. Each costs a query; the next run continues. */
const ADOPTED_MAX = 20;

/**
 * Records the fills that the private stream missed. A fill with our tag and without an order adopts its order, because
 * an order that never rests is in no list of open orders. Every other fill without an order of this stack is foreign:
 * it is counted once, and enters neither ledger nor positions.
 */
export class MissedFills {
  readonly #options: MissedFillsOptions;
  readonly #progress = new Map<string, Progress>();
  /** Fills with our tag whose orders have no row yet, by instrument. */
  readonly #lost = new Map<string, readonly Fill[]>();

  constructor(options: MissedFillsOptions) {
    this.#options = options;
  }

  /** Fills of our orders that are not booked, because the rows of the orders were lost. */
  get lost(): readonly Fill[] {
    return [...this.#lost.values()].flat();
  }

  /** Rejects when the venue or the record does not answer, or while one of our orders has no row. */
  async record(symbol: string): Promise<void> {
    const { store, venue } = this.#options;
    const before = this.#progress.get(symbol);
    const fills = requireValue(await venue.fills(symbol, await this.#sinceMs(symbol, before)));
    const ids = fills.map(({ venueTradeId }) => venueTradeId);
    const recorded = ids.length === 0 ? new Set<string>() : await store.recordedTrades(symbol, ids);
    const { foreign, lost, apart } = await this.#sort(fills.filter((fill) => !recorded.has(tradeKeyOf(fill))));
    this.#onForeign(foreign, before);
    await this.#adopt(symbol, lost);
    const newestMs = Math.max(0, ...foreign.map(({ time }) => time));
    // A fill that is set apart is read again with each run.
    const foreignMs = apart ? (before?.foreignMs ?? 0) : Math.max(newestMs, before?.foreignMs ?? 0);
    this.#progress.set(symbol, { foreignMs, foreign: new Set(foreign.map(tradeKeyOf)) });
  }

  /**
   * The first run of a process also reads the time in which another stack may have traded. Foreign fills move the start
   * of later runs: otherwise somebody who trades more than we do makes each query longer than the last.
   */
  async #sinceMs(symbol: string, before: Progress | undefined): Promise<number> {
    const { store, clock } = this.#options;
    const newestMs = (await store.fillWatermark(symbol)) ?? clock.nowMs();
    if (before === undefined) return Math.min(newestMs - OVERLAP_MS, clock.nowMs() - QUIET_MS);
    return Math.max(newestMs, before.foreignMs) - OVERLAP_MS;
  }

  async #sort(fills: readonly Fill[]) {
    const { orders, tag } = this.#options;
    const foreign: Fill[] = [];
    const lost: Fill[] = [];
    let apart = false;
    for (const fill of fills) {
      const recorded = await orders.onFill(fill);
      apart ||= recorded === 'SetApart';
      if (recorded === 'Foreign') (fill.clientOrderId.startsWith(tag) ? lost : foreign).push(fill);
    }
    return { foreign, lost, apart };
  }

  #onForeign(fills: readonly Fill[], before: Progress | undefined): void {
    const { otherStacks, metrics, log } = this.#options;
    for (const fill of fills) {
      otherStacks.onFill(fill);
      if (before?.foreign.has(tradeKeyOf(fill)) === true) continue;
      metrics.findings.inc({ kind: 'ForeignFill' });
      const order = fill.clientOrderId === '' ? fill.venueOrderId : fill.clientOrderId;
      log.warn({ trade: fill.venueTradeId, order, symbol: fill.symbol }, 'fill belongs to no order of this stack');
    }
  }

  async #adopt(symbol: string, fills: readonly Fill[]): Promise<void> {
    const byOrder = Map.groupBy(fills, ({ clientOrderId }) => clientOrderId);
    const waiting = new Map(byOrder);
    const note = (): void => void this.#lost.set(symbol, [...waiting.values()].flat());
    note();
    for (const [clientOrderId, ofOrder] of [...byOrder].slice(0, ADOPTED_MAX)) {
      await this.#options.findings.adoptByFill(ofOrder);
      waiting.delete(clientOrderId);
      note();
    }
    if (waiting.size > 0) throw new Error(`${waiting.size} more of our orders have no row`);
  }
}
