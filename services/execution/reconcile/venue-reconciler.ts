import { listedIdOf, type ListedOrder } from '../../shared/domain/orders/unread-row.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createParallelQueue } from '../../shared/runtime/parallel-queue.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';
import type { ComparisonFailure } from '../core/reconcile/comparison.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { BalanceCheck } from './balance-check.ts';
import type { Comparisons } from './comparisons.ts';
import type { InterruptibleVenue } from './interruptible-venue.ts';
import { UnfinishedError } from './unfinished-error.ts';
import { failureOf, type InstrumentReconciler } from './instrument-reconciler.ts';
import { requireValue } from './venue-silent-error.ts';

export interface VenueReconcilerOptions {
  readonly venue: Pick<InterruptibleVenue, 'openOrders' | 'clockSkewMs' | 'interrupt'>;
  readonly orders: LiveOrders;
  readonly instruments: InstrumentReconciler;
  readonly ledger: BalanceCheck;
  readonly comparisons: Comparisons;
  readonly deadLetters: Pick<DeadLetters, 'sync'>;
  readonly symbols: readonly string[];
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly skewBoundMs: number;
  readonly inFlight: ReadonlySet<string>;
  /** Whether a run should end early, because the next sender waits for it. */
  readonly isHurried: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Instruments that are compared at the same time: one that the venue does not answer for delays the others little. */
const WIDTH = 4;

type Lists = ReadonlyMap<string, VenueReply<readonly ListedOrder[]>>;

/**
 * Reconciles the record with the venue: each instrument by itself, balances and clocks. Runs are serial. What fails is
 * recorded in the comparisons, and stops nothing else.
 */
export class VenueReconciler {
  readonly #options: VenueReconcilerOptions;
  readonly #serially = createSerialQueue();
  readonly #inParallel = createParallelQueue(WIDTH);
  /**
   * The venue's clock minus our monotonic clock. The wall clock, which stamps the next order, may be set between two
   * runs.
   */
  #venueAheadMs: number | undefined;

  constructor(options: VenueReconcilerOptions) {
    this.#options = options;
  }

  /** Fails while the clock skew exceeds its bound: signed requests would be wrong, so no order is sent. */
  clockCheck(): CheckResult {
    const { skewBoundMs, clock } = this.#options;
    if (this.#venueAheadMs === undefined) return OK;
    const skewMs = Math.round(this.#venueAheadMs - wallAheadMs(clock));
    if (Math.abs(skewMs) <= skewBoundMs) return OK;
    return failed(
      'ClockSkewed',
      `the venue's clock is ${skewMs} ms ahead of our clock; the bound is ${skewBoundMs} ms`,
    );
  }

  /** Rejects only when the record is unavailable: then nothing can be compared. */
  async run(): Promise<void> {
    await this.#serially(async () => {
      const { ledger, comparisons, deadLetters, isHurried } = this.#options;
      comparisons.recordClock(await this.#attempt('clock', async () => await this.measureClock()));
      if (isHurried()) return;
      const lists = await this.#openOrders();
      if (lists === undefined) return;
      await this.#compare(lists, await this.#rows(lists));
      if (isHurried()) return;
      comparisons.recordBalances(await this.#attempt('balances', async () => await ledger.compare()));
      await deadLetters.sync();
    });
  }

  /** Ends the run in hand without waiting for the venue. Resolves when none is under way. */
  async end(): Promise<void> {
    this.#options.venue.interrupt();
    await this.#serially(async () => await Promise.resolve());
  }

  /** Compares the clocks. Rejects when the venue does not answer. */
  async measureClock(venue: Pick<TradingVenue, 'clockSkewMs'> = this.#options.venue): Promise<void> {
    const { clock } = this.#options;
    const wallMs = wallAheadMs(clock);
    this.#venueAheadMs = wallMs + requireValue(await venue.clockSkewMs());
  }

  /** Undefined when the run was ended. */
  async #openOrders(): Promise<Lists | undefined> {
    const { symbols, venue } = this.#options;
    const asked = symbols.map(
      async (symbol) => [symbol, await this.#inParallel(async () => await venue.openOrders(symbol))] as const,
    );
    try {
      return new Map(await Promise.all(asked));
    } catch (error) {
      if (error instanceof UnfinishedError) return undefined;
      throw error;
    }
  }

  /** Rows are read after the lists: an order that is listed was committed before. */
  async #rows(lists: Lists): Promise<readonly OrderRecord[]> {
    const { orders, tag } = this.#options;
    const open = [...lists.values()].flatMap((reply) => (reply.kind === 'ok' ? reply.value : []));
    return await orders.reload(open.map((order) => listedIdOf(order) ?? '').filter((id) => id.startsWith(tag)));
  }

  async #compare(lists: Lists, rows: readonly OrderRecord[]): Promise<void> {
    const { symbols, instruments, orders, comparisons, inFlight, isHurried, log } = this.#options;
    const settled = (id: string): boolean => !inFlight.has(id) && !orders.isMalformed(id);
    // At the same moment for rows and lists: an order may be answered while its instrument waits to be compared.
    const open = new Map(
      [...lists].map(([symbol, reply]) => [symbol, among(reply, (order) => settled(listedIdOf(order) ?? ''))]),
    );
    const bySymbol = Map.groupBy(
      rows.filter(({ request }) => settled(request.clientOrderId)),
      ({ request }) => request.symbol,
    );
    const all = new Set([...symbols, ...bySymbol.keys()]);
    comparisons.retain(all);
    await Promise.all(
      [...all].map(
        async (symbol) =>
          await this.#inParallel(async () => {
            if (isHurried()) return;
            const rowsOf = bySymbol.get(symbol) ?? [];
            const facts = { symbol, rows: rowsOf, open: open.get(symbol) };
            const result = await instruments.compare(facts, () => comparisons.recordAnswer(symbol));
            comparisons.record(symbol, result);
            if (result.failure !== undefined) log.warn({ symbol, ...result.failure }, 'instrument not reconciled');
          }),
      ),
    );
  }

  async #attempt(step: ComparisonFailure['step'], work: () => Promise<void>): Promise<ComparisonFailure | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      const failure = failureOf(step, error);
      this.#options.log.warn(failure, 'not reconciled');
      return failure;
    }
  }
}

function among(
  reply: VenueReply<readonly ListedOrder[]>,
  isIncluded: (order: ListedOrder) => boolean,
): VenueReply<readonly ListedOrder[]> {
  return reply.kind === 'ok' ? { ...reply, value: reply.value.filter(isIncluded) } : reply;
}

function wallAheadMs(clock: Clock): number {
  return clock.nowMs() - clock.monotonicMs();
}
