import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { ComparisonFailure, ComparisonResult, ComparisonStep } from '../core/reconcile/comparison.ts';
import type { OrderRecord } from '../core/order-record.ts';
import { planReconcile, type ReconcileStep } from '../core/reconcile/reconcile-plan.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { ExecutionStore } from '../ports.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Resolver } from '../orders/resolver.ts';
import type { Findings } from './findings.ts';
import { requireValue, VenueSilentError } from './venue-silent-error.ts';

export interface InstrumentReconcilerOptions {
  readonly store: Pick<ExecutionStore, 'fillWatermark' | 'recordedTrades'>;
  readonly venue: Pick<TradingVenue, 'fills'>;
  readonly orders: LiveOrders;
  readonly resolver: Resolver;
  readonly findings: Findings;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is compared of one instrument: our rows, and the venue's answer for its open orders. */
export interface InstrumentFacts {
  readonly symbol: string;
  readonly rows: readonly OrderRecord[];
  /** Undefined for an instrument that is no longer configured: only its own orders are compared. */
  readonly open: VenueReply<readonly OrderReport[]> | undefined;
}

/** Runs a step, notes its failure, and resolves to whether it succeeded. */
type Attempt = (step: ComparisonStep, work: () => Promise<void>) => Promise<boolean>;

/** Fills are queried from this long before the newest recorded one: they become visible late and out of order. */
const OVERLAP_MS = 60_000;

/**
 * Compares one instrument with the venue: open orders, each order that has not ended by its ID, and fills since the
 * newest recorded one with overlap. A step that fails stops no other step, and an order that fails no other order.
 */
export class InstrumentReconciler {
  readonly #options: InstrumentReconcilerOptions;

  constructor(options: InstrumentReconcilerOptions) {
    this.#options = options;
  }

  /** Never rejects: what failed is part of the result. */
  async compare({ symbol, rows, open }: InstrumentFacts): Promise<ComparisonResult> {
    const failures: ComparisonFailure[] = [];
    const attempt: Attempt = async (step, work) => {
      try {
        await work();
        return true;
      } catch (error) {
        failures.push(failureOf(step, error));
        return false;
      }
    };
    const listed = open?.kind === 'ok' ? open.value : undefined;
    if (open !== undefined && open.kind !== 'ok') failures.push(failureOf('open orders', new VenueSilentError(open)));
    const settled = await this.#orders(this.#plan(symbol, rows, listed), attempt);
    if (open !== undefined) await attempt('fills', async () => await this.#fills(symbol));
    return { answered: listed !== undefined && settled, failure: failures[0] };
  }

  /** Returns whether every step succeeded. */
  async #orders(steps: readonly ReconcileStep[], attempt: Attempt): Promise<boolean> {
    let failed = false;
    let silent = false;
    for (const step of steps) {
      // A venue that does not answer for one order of an instrument is not asked for the others in the same run.
      if (silent && step.kind === 'Query') continue;
      if (await attempt('orders', async () => await this.#take(step))) continue;
      failed = true;
      silent ||= step.kind === 'Query';
    }
    return !failed;
  }

  #plan(symbol: string, rows: readonly OrderRecord[], listed: readonly OrderReport[] = []): readonly ReconcileStep[] {
    return planReconcile({ tag: this.#options.tag, rows, open: listed.filter((report) => report.symbol === symbol) });
  }

  async #take(step: ReconcileStep): Promise<void> {
    const { resolver, findings } = this.#options;
    if (step.kind === 'Report') await resolver.onReport(step.clientOrderId, step.report);
    else if (step.kind === 'Query') await this.#query(step.clientOrderId);
    else await findings.take(step);
  }

  async #query(clientOrderId: string): Promise<void> {
    const { orders, resolver } = this.#options;
    const order = orders.get(clientOrderId);
    if (order === undefined || (await resolver.settle(order))) return;
    throw new Error(`the venue does not answer for order ${clientOrderId}`);
  }

  async #fills(symbol: string): Promise<void> {
    const { store, venue, orders, metrics, log, clock } = this.#options;
    const newest = (await store.fillWatermark(symbol)) ?? clock.nowMs();
    const fills = requireValue(await venue.fills(symbol, newest - OVERLAP_MS));
    const ids = fills.map(({ venueTradeId }) => venueTradeId);
    const recorded = ids.length === 0 ? new Set<string>() : await store.recordedTrades(symbol, ids);
    for (const fill of fills) {
      if (recorded.has(tradeKeyOf(fill))) continue;
      if ((await orders.onFill(fill)) === 'Foreign') {
        metrics.findings.inc({ kind: 'ForeignFill' });
        log.warn({ trade: fill.venueTradeId, order: venueName(fill), symbol }, 'fill belongs to no recorded order');
      }
    }
  }
}

function venueName({ clientOrderId, venueOrderId }: Fill): string {
  return clientOrderId === '' ? venueOrderId : clientOrderId;
}

/** Returns the failure of a step: the venue's own words, or the error of the record. */
export function failureOf(step: ComparisonFailure['step'], error: unknown): ComparisonFailure {
  return {
    step,
    problem: messageOf(error),
    refusal: error instanceof VenueSilentError ? error.refusal : undefined,
  };
}
