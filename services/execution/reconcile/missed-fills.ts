import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { QUIET_MS } from '../core/reconcile/other-stack.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { ExecutionStore, FillsRead } from '../ports.ts';
import { crowdText, FillWalk, type WalkEnd } from '../venue/fill-walk.ts';
import type { Findings } from './findings.ts';
import { ForeignFills, type ForeignFillsOptions } from './foreign-fills.ts';
import { RowLetters } from './unread/row-letters.ts';
import { clearForeignFills, setUnreadFillsApart, type UnreadFillsOptions } from './unread/unread-fills.ts';
import { UnfinishedError } from './unfinished-error.ts';
import { VenueSilentError } from './venue-silent-error.ts';

export interface MissedFillsOptions extends ForeignFillsOptions, UnreadFillsOptions {
  readonly store: Pick<
    ExecutionStore,
    | 'fillWatermark'
    | 'fillTimes'
    | 'recordedTrades'
    | 'recordedOrders'
    | 'fillsRead'
    | 'recordFillsRead'
    | 'clearedDeadLetters'
  >;
  readonly venue: Pick<TradingVenue, 'fills'>;
  readonly orders: Pick<LiveOrders, 'onFill'>;
  readonly findings: Pick<Findings, 'adoptByFill'>;
  readonly fence: Pick<SenderFence, 'held' | 'grant'>;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly metrics: Pick<ExecutionMetrics, 'findings'>;
  /** Whether a run should end early, because the next sender waits for it. */
  readonly isHurried: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A walk through the fills of one instrument, over several runs where there are many. */
interface Reading {
  readonly walk: FillWalk;
  /** When it began, by our clock. UTC milliseconds. */
  readonly beganMs: number;
  /** The database in which its fills are booked. */
  readonly database: string;
  /** Whether one of its fills was set apart. */
  apart: boolean;
  /** Letters of the fills that cannot be read and have no IDs. */
  readonly rows: RowLetters;
  /** Orders that the present run may still adopt. */
  adoptable: number;
}

/** Fills are queried from this long before the time up to which they are read: they become visible late. */
const OVERLAP_MS = 60_000;
/** Recorded fills in a range that is asked for at once. A page holds 100, and a few fills are not recorded. */
const RECORDED_A_PAGE = 80;
/** Pages of recorded fills whose ends are looked up: the walk searches for those after them. */
const PAGES_MAX = 100;
/** Orders that one run adopts of an instrument. Each costs a query; the next run continues. */
const ADOPTED_MAX = 20;

/**
 * Records the fills that the private stream missed, however many they are. The record has up to which time they are
 * read, which moves forward when they are booked: the newest recorded fill may be beyond a hole. A fill with our tag
 * and without an order adopts its order, because an order that never rests is in no list of open orders. Every other
 * fill without an order of this stack is foreign: it is counted once, and enters neither ledger nor positions.
 */
export class MissedFills {
  readonly #options: MissedFillsOptions;
  readonly #foreign: ForeignFills;
  /** Walks that have not come to their end, by instrument. */
  readonly #readings = new Map<string, Reading>();
  /** Up to which time this process knows fills to be read, and in which database they are booked, by instrument. */
  readonly #read = new Map<string, { readonly toMs: number; readonly database: string }>();
  /** Letters of the present or last reading of fills that cannot be read and have no IDs, by instrument. */
  readonly #rows = new Map<string, RowLetters>();
  /** Fills with our tag whose orders have no row yet, by instrument. */
  readonly #lost = new Map<string, readonly Fill[]>();

  constructor(options: MissedFillsOptions) {
    this.#options = options;
    this.#foreign = new ForeignFills(options);
  }

  /** Fills of our orders that are not booked, because the rows of the orders were lost. */
  get lost(): readonly Fill[] {
    return [...this.#lost.values()].flat();
  }

  /**
   * Rejects when the venue or the record does not answer, or while one of our orders has no row. With UnfinishedError
   * when there are more fills than one run reads: the next run continues.
   */
  async record(symbol: string): Promise<void> {
    const { store, venue, isHurried, clock } = this.#options;
    const saved = await store.fillsRead(symbol);
    const reading = this.#continued(symbol, saved) ?? (await this.#begin(symbol, saved));
    reading.adoptable = ADOPTED_MAX;
    this.#readings.set(symbol, reading);
    const end = await reading.walk.run(
      {
        ask: async (range) => await venue.fills(symbol, range),
        onRead: async (fills, unread) => {
          const page = { symbol, unread, fromMs: reading.walk.fromMs, rows: reading.rows };
          const apart = await setUnreadFillsApart(this.#options, this.#foreign, page);
          reading.apart ||= apart;
          await this.#onRead(symbol, reading, fills);
        },
        isHurried,
      },
      clock,
    );
    if (end.kind !== 'Complete') throw incomplete(symbol, end);
    this.#readings.delete(symbol);
    await reading.rows.end(this.#options.deadLetters);
  }

  /** A walk ends early when a person has moved the time beyond it, or when its fills are booked in another database. */
  #continued(symbol: string, { toMs = -Infinity, database }: FillsRead): Reading | undefined {
    const reading = this.#readings.get(symbol);
    if (reading === undefined) return undefined;
    return reading.database === database && toMs - OVERLAP_MS <= reading.walk.fromMs ? reading : undefined;
  }

  /**
   * The first walk of an epoch also reads the time in which another stack may have traded, unless the sender before it
   * had read that and drained. A stack without a row, as before the first release that had one, begins at its newest
   * recorded fill.
   */
  async #begin(symbol: string, { toMs, database }: FillsRead): Promise<Reading> {
    const { store, clock } = this.#options;
    const beganMs = clock.nowMs();
    const known = this.#read.get(symbol);
    const isFirst = known?.database !== database;
    const recordedMs = toMs ?? (isFirst ? await store.fillWatermark(symbol) : undefined);
    const readToMs = recordedMs ?? Math.min(isFirst ? beganMs : known.toMs, beganMs);
    const fromMs = Math.min(readToMs - OVERLAP_MS, beganMs - this.#lookBackMs(symbol, database));
    this.#read.set(symbol, { toMs: readToMs, database });
    // Nearly all fills are recorded: a walk that knows their density asks for no range twice.
    const ends = await store.fillTimes(symbol, { fromMs, every: RECORDED_A_PAGE, count: PAGES_MAX });
    const rows = new RowLetters(symbol, fromMs, this.#rows.get(symbol));
    this.#rows.set(symbol, rows);
    const reading = { walk: new FillWalk(fromMs, ends), beganMs, database, apart: false, rows, adoptable: 0 };
    // At once: the next process may find a newer recorded fill, beyond what this walk has not read.
    if (toMs === undefined && recordedMs !== undefined) await this.#move(symbol, reading, recordedMs);
    return reading;
  }

  /** How long before its beginning a walk reads at least: another stack may have traded there. */
  #lookBackMs(symbol: string, database: string): number {
    const known = this.#read.get(symbol);
    if (known?.database === database) return 0;
    const compared = this.#options.fence.grant?.compared?.instruments[symbol];
    return known === undefined && compared !== undefined ? 0 : QUIET_MS;
  }

  async #onRead(symbol: string, reading: Reading, fills: readonly Fill[]): Promise<void> {
    if (fills.length === 0) return;
    const ids = fills.map(({ venueTradeId }) => venueTradeId);
    const recorded = await this.#options.store.recordedTrades(symbol, ids);
    const known = fills.filter((fill) => recorded.has(tradeKeyOf(fill)));
    const { booked, foreign, lost, apart } = await this.#sort(fills.filter((fill) => !known.includes(fill)));
    reading.apart ||= apart;
    this.#foreign.onFills(symbol, foreign);
    await clearForeignFills(this.#options.deadLetters, symbol, foreign);
    await this.#adopt(symbol, reading, lost);
    // Foreign fills move on too, or somebody who trades more than we do makes each walk longer than the last. But a
    // fill that is set apart is read again with each run, as long as no newer one of this stack is booked.
    const passed = [...known, ...booked, ...(reading.apart ? [] : foreign)];
    if (passed.length > 0) await this.#move(symbol, reading, Math.max(...passed.map(({ time }) => time)));
  }

  /**
   * The time is the one of a fill and not of our clock, which may be wrong. It is no later than the beginning of the
   * walk, so that the next one reads the fills that became visible behind this one.
   */
  async #move(symbol: string, { beganMs, database }: Reading, newestMs: number): Promise<void> {
    const { store, fence } = this.#options;
    const toMs = Math.min(newestMs, beganMs);
    const { held } = fence;
    if (held === undefined || !(await store.recordFillsRead(held, { symbol, toMs, database })))
      throw new Error('how far fills are read is not recorded: this process does not hold the fence of the record');
    const readToMs = Math.max(toMs, this.#read.get(symbol)?.toMs ?? toMs);
    this.#read.set(symbol, { toMs: readToMs, database });
    this.#foreign.forget(symbol, readToMs - OVERLAP_MS);
  }

  async #sort(fills: readonly Fill[]) {
    const { orders, tag } = this.#options;
    const booked: Fill[] = [];
    const foreign: Fill[] = [];
    const lost: Fill[] = [];
    let apart = false;
    for (const fill of fills) {
      const recorded = await orders.onFill(fill);
      apart ||= recorded === 'SetApart';
      if (recorded === 'Recorded') booked.push(fill);
      if (recorded === 'Foreign') (fill.clientOrderId.startsWith(tag) ? lost : foreign).push(fill);
    }
    return { booked, foreign, lost, apart };
  }

  async #adopt(symbol: string, reading: Reading, fills: readonly Fill[]): Promise<void> {
    const byOrder = Map.groupBy(fills, ({ clientOrderId }) => clientOrderId);
    const waiting = new Map(byOrder);
    const note = (): void => void this.#lost.set(symbol, [...waiting.values()].flat());
    note();
    for (const [clientOrderId, ofOrder] of byOrder) {
      if (reading.adoptable === 0) throw new UnfinishedError(`${waiting.size} more of our orders have no row`);
      reading.adoptable -= 1;
      await this.#options.findings.adoptByFill(ofOrder);
      waiting.delete(clientOrderId);
      note();
    }
  }
}

function incomplete(symbol: string, end: Exclude<WalkEnd, { readonly kind: 'Complete' }>): Error {
  if (end.kind === 'Failed') return new VenueSilentError(end.reply);
  if (end.kind === 'Crowded') return new Error(crowdText(symbol, end.atMs));
  return new UnfinishedError(`read up to ${new Date(end.fromMs).toISOString()}, the next run continues`);
}
