import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { mayRest } from '../../shared/domain/orders/order.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { isEnd, isUnanswered } from '../core/order-decider.ts';
import type { OrderRecord } from '../core/order-record.ts';
import {
  afterQuery,
  mayConclude,
  newInquiry,
  nextQueryMs,
  type Inquiry,
  type VisibilityRules,
} from '../core/unknown-schedule.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import { crowdText, FillWalk } from '../venue/fill-walk.ts';
import { BackOff } from './back-off.ts';
import { createExitsFirstQueues } from './queue/exits-first.ts';
import type { LiveOrders } from './live-orders.ts';

export interface ResolverOptions {
  readonly venue: Pick<TradingVenue, 'order' | 'fills'>;
  readonly orders: LiveOrders;
  readonly rules: VisibilityRules;
  /** Orders whose POST is in flight: its reply comes first. */
  readonly inFlight: ReadonlySet<string>;
  readonly metrics: Pick<ExecutionMetrics, 'findings'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Fills are queried from this long before the order was created, because the venue's clock may differ from ours. */
const FILLS_OVERLAP_MS = 5_000;
/** Queries of one instrument in flight at the same time. */
const QUERIES = 5;
/** Longest pause after a query whose answer could not be recorded. */
const RETRY_LONGEST_MS = 4_000;
/** An order that the venue has acknowledged, and then no longer knows for this long, needs a person. */
const MISSING_MS = 60_000;

/**
 * Queries the venue for orders whose outcome is unknown, that never rest, or that are being cancelled. Queries by our
 * ID, with growing delays, and never sends an order again.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #inquiries = new Map<string, Inquiry>();
  /** Monotonic milliseconds since which the venue has replied "no such order" for an order that it has acknowledged. */
  readonly #missingSinceMs = new Map<string, number>();
  readonly #missing = new Set<string>();
  /** Walks through the fills since an order was created that have not come to their end. */
  readonly #walks = new Map<string, FillWalk>();
  /** Monotonic milliseconds since which the venue has reported the end of an order that has not ended here. */
  readonly #endedSinceMs = new Map<string, number>();
  /** Orders that the venue has listed as open: that it never had them cannot be concluded any more. */
  readonly #listed = new Set<string>();
  readonly #exitsFirst = createExitsFirstQueues(QUERIES);
  readonly #asking = new Set<string>();
  readonly #backOff: BackOff;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
  }

  /** Returns for how long the venue has reported the end of an order that has not ended here; undefined: it has not. */
  endedThereMs(clientOrderId: string): number | undefined {
    const sinceMs = this.#endedSinceMs.get(clientOrderId);
    return sinceMs === undefined ? undefined : this.#options.clock.monotonicMs() - sinceMs;
  }

  /** Orders that the venue has acknowledged, and has not known for more than a minute. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  /** Starts the query of every order that is due, and returns without waiting for an answer. */
  resolveDue(): void {
    const { orders } = this.#options;
    this.#forgetEnded();
    for (const order of orders.live()) if (this.#isDue(order)) void this.#settleApart(order);
  }

  /** Queries every order that has not ended once, and resolves when each has an answer or has none. */
  async settleAll(): Promise<void> {
    await Promise.all(this.#options.orders.live().map(async (order) => await this.#settleApart(order)));
  }

  #isDue(order: OrderRecord): boolean {
    const { clock, inFlight, rules } = this.#options;
    const { clientOrderId } = order.request;
    if (inFlight.has(clientOrderId) || this.#asking.has(clientOrderId) || !needsQuery(order)) return false;
    if (this.#backOff.isPaused(clientOrderId)) return false;
    return nextQueryMs(this.#inquiryOf(order), rules) <= clock.monotonicMs();
  }

  /** Never rejects: an order that cannot be settled now holds back no other. */
  async #settleApart(order: OrderRecord): Promise<void> {
    const { log } = this.#options;
    const { clientOrderId } = order.request;
    this.#asking.add(clientOrderId);
    try {
      await this.#exitsFirst(order.request, async () => await this.settle(order));
      this.#backOff.ended(clientOrderId);
    } catch (error) {
      this.#backOff.onFailure(clientOrderId, RETRY_LONGEST_MS);
      log.warn({ order: clientOrderId, problem: messageOf(error) }, 'order not settled, retried');
    } finally {
      this.#asking.delete(clientOrderId);
    }
  }

  /** Queries one order once and records what follows from the reply. Returns false when the venue did not answer. */
  async settle(order: OrderRecord): Promise<boolean> {
    const { venue, orders, clock, inFlight, log } = this.#options;
    const { clientOrderId, symbol } = order.request;
    if (inFlight.has(clientOrderId)) return true;
    if (order.state.kind === 'Intended' || order.state.kind === 'Submitted')
      await orders.observe(clientOrderId, { kind: 'OutcomeUnknown', atMs: clock.nowMs() });
    const queriedAtMs = clock.monotonicMs();
    const reply = await venue.order(symbol, clientOrderId);
    this.#recordQuery(order, queriedAtMs, reply.kind === 'notFound');
    if (reply.kind === 'ok') await this.onReport(clientOrderId, reply.value);
    else if (reply.kind === 'notFound') await this.#onAbsent(order, queriedAtMs);
    else if (reply.kind === 'rejected' && reply.pair === 'Unlisted') this.#reportMissing(clientOrderId, queriedAtMs);
    else log.warn({ order: clientOrderId, reply }, 'order query returned no outcome');
    // A rejected query reveals nothing about the order, and repeating it will not help.
    return reply.kind === 'ok' || reply.kind === 'notFound' || reply.kind === 'rejected';
  }

  /** Records a report, after the fills that it includes, because the report may end the order. */
  async onReport(clientOrderId: string, report: OrderReport): Promise<void> {
    const { orders } = this.#options;
    this.#found(clientOrderId);
    const order = orders.get(clientOrderId);
    if (order !== undefined && report.executed > order.filled) await this.#fetchFills(order, report);
    await orders.observe(clientOrderId, { kind: 'Reported', report });
    this.#noteEnd(clientOrderId, report);
  }

  /** The venue lists the order as open, in a row that cannot be read: whatever it says elsewhere, it has the order. */
  onListed(clientOrderId: string): void {
    this.#found(clientOrderId);
    this.#listed.add(clientOrderId);
  }

  /** An order ends here only with all its fills. The venue may show its end before them, or never show them. */
  #noteEnd(clientOrderId: string, { status }: OrderReport): void {
    const { orders, clock } = this.#options;
    if (!isEnd(status) || orders.get(clientOrderId) === undefined) this.#endedSinceMs.delete(clientOrderId);
    else if (!this.#endedSinceMs.has(clientOrderId)) this.#endedSinceMs.set(clientOrderId, clock.monotonicMs());
  }

  async #fetchFills(order: OrderRecord, report: OrderReport): Promise<void> {
    const { venueOrderId, executed, createdAt = order.intendedAtMs } = report;
    const { venue, orders, clock, log } = this.#options;
    const { symbol, clientOrderId } = order.request;
    // The row of an adopted order is younger than the order.
    const createdAtMs = Math.min(order.intendedAtMs, createdAt);
    const walk = this.#walks.get(clientOrderId) ?? new FillWalk(createdAtMs - FILLS_OVERLAP_MS);
    this.#walks.set(clientOrderId, walk);
    const end = await walk.run(
      {
        ask: async (range) => await venue.fills(symbol, range),
        onRead: async (fills) => {
          const own = fills.filter(
            (fill) => fill.venueOrderId === venueOrderId && !order.tradeIds.has(fill.venueTradeId),
          );
          for (const fill of own) await orders.onFill({ ...fill, clientOrderId });
        },
        isEnough: () => (orders.get(clientOrderId)?.filled ?? executed) >= executed,
      },
      clock,
    );
    if (end.kind === 'Complete') this.#walks.delete(clientOrderId);
    else if (end.kind === 'Failed') log.warn({ order: clientOrderId, reply: end.reply }, 'order fills query failed');
    else if (end.kind === 'Paused') log.info({ order: clientOrderId, ...end }, 'more fills to read for the order');
    else log.error({ order: clientOrderId, problem: crowdText(symbol, end.atMs) }, 'order fills cannot be read');
  }

  async #onAbsent({ request: { clientOrderId } }: OrderRecord, queriedAtMs: number): Promise<void> {
    const { orders } = this.#options;
    this.#reportMissing(clientOrderId, queriedAtMs);
    const inquiry = this.#inquiries.get(clientOrderId);
    if (inquiry !== undefined && mayConclude(inquiry) && !this.#listed.has(clientOrderId))
      await orders.observe(clientOrderId, { kind: 'Concluded', reason: 'NeverArrived' });
  }

  /**
   * Reports an acknowledged order as missing, also when the venue no longer has its pair. An order of unknown outcome
   * is concluded, or reported as unknown, instead.
   */
  #reportMissing(clientOrderId: string, queriedAtMs: number): void {
    const { orders, metrics, log } = this.#options;
    const order = orders.get(clientOrderId);
    if (order === undefined || isUnanswered(order.state)) return;
    const sinceMs = this.#missingSinceMs.get(clientOrderId) ?? queriedAtMs;
    this.#missingSinceMs.set(clientOrderId, sinceMs);
    if (queriedAtMs - sinceMs <= MISSING_MS || this.#missing.has(clientOrderId)) return;
    this.#missing.add(clientOrderId);
    metrics.findings.inc({ kind: 'Missing' });
    log.error({ finding: 'Missing', order: clientOrderId }, 'venue no longer knows an order that it has acknowledged');
  }

  #found(clientOrderId: string): void {
    this.#missingSinceMs.delete(clientOrderId);
    this.#missing.delete(clientOrderId);
  }

  #recordQuery(order: OrderRecord, queriedAtMs: number, absent: boolean): void {
    const inquiry = afterQuery(this.#inquiryOf(order), queriedAtMs, absent, this.#options.rules);
    this.#inquiries.set(order.request.clientOrderId, inquiry);
  }

  #inquiryOf(order: OrderRecord): Inquiry {
    const { orders, clock } = this.#options;
    const { clientOrderId } = order.request;
    return this.#inquiries.get(clientOrderId) ?? newInquiry(orders.heldSinceMs(clientOrderId) ?? clock.monotonicMs());
  }

  #forgetEnded(): void {
    for (const id of this.#inquiries.keys()) {
      if (this.#options.orders.get(id) !== undefined) continue;
      this.#inquiries.delete(id);
      this.#found(id);
    }
    for (const ofOrder of [this.#endedSinceMs, this.#walks, this.#listed])
      for (const id of ofOrder.keys()) if (this.#options.orders.get(id) === undefined) ofOrder.delete(id);
  }
}

/** The private stream and the timed reconcile report on resting orders. Every other order is about to end: query it. */
function needsQuery({ state, request }: OrderRecord): boolean {
  if (state.kind === 'Open' || state.kind === 'PartiallyFilled') return !mayRest(request.type);
  return true;
}
