import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { OrderReport } from '../../shared/domain/order-report.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { isUnanswered } from '../core/order-decider.ts';
import type { OrderRecord } from '../core/order-record.ts';
import {
  afterAsking,
  mayConclude,
  newInquiry,
  nextAskAt,
  type Inquiry,
  type VisibilityRules,
} from '../core/unknown-schedule.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { LiveOrders } from './live-orders.ts';

export interface ResolverOptions {
  readonly venue: Pick<TradingVenue, 'order' | 'fills'>;
  readonly orders: LiveOrders;
  readonly rules: VisibilityRules;
  /** Orders whose POST is under way: their reply comes first. */
  readonly inFlight: ReadonlySet<string>;
  readonly metrics: Pick<ExecutionMetrics, 'findings'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Fills are asked for from a little before the order was made: the venue's clock is not ours. */
const FILLS_OVERLAP_MS = 5_000;
/** An order that the venue has acknowledged, and has denied for so long, needs a person. */
const MISSING_MS = 60_000;

/**
 * Asks the venue for what became of orders: those whose outcome is open, those that never rest, those that are being cancelled. Asks by our id, with
 * growing pauses, and never sends anything again.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #inquiries = new Map<string, Inquiry>();
  /** Since when the venue has answered "no such order" of orders that it has acknowledged. Monotonic. */
  readonly #deniedSince = new Map<string, number>();
  readonly #missing = new Set<string>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Orders that the venue has acknowledged, and has not known for a minute. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  /** Asks for every order that is due. One question at a time. */
  async resolveDue(): Promise<void> {
    const { orders, clock, inFlight, rules } = this.#options;
    this.#forgetEnded();
    for (const order of orders.live()) {
      const { clientOrderId } = order.request;
      if (inFlight.has(clientOrderId) || !needsAsking(order)) continue;
      if (nextAskAt(this.#inquiryOf(order), rules) <= clock.monotonicMs()) await this.settle(order);
    }
  }

  /** One question for one order, and all that follows from the answer. False when the venue did not answer. */
  async settle(order: OrderRecord): Promise<boolean> {
    const { venue, orders, clock, inFlight, log } = this.#options;
    const { clientOrderId, symbol } = order.request;
    if (inFlight.has(clientOrderId)) return true;
    if (order.state.kind === 'Intended' || order.state.kind === 'Submitted')
      await orders.observe(clientOrderId, { kind: 'OutcomeUnknown', at: clock.nowMs() });
    const askedAt = clock.monotonicMs();
    const reply = await venue.order(symbol, clientOrderId);
    this.#asked(order, askedAt, reply.kind === 'notFound');
    if (reply.kind === 'ok') await this.onReport(clientOrderId, reply.value);
    else if (reply.kind === 'notFound') await this.#onAbsent(order, askedAt);
    else log.warn({ order: clientOrderId, reply }, 'venue does not say what became of an order');
    // A refusal says nothing of the order, and asking again will not change it.
    return reply.kind === 'ok' || reply.kind === 'notFound' || reply.kind === 'rejected';
  }

  /** Brings in the fills that a report speaks of before the report itself, which may end the order. */
  async onReport(clientOrderId: string, report: OrderReport): Promise<void> {
    const { orders } = this.#options;
    this.#found(clientOrderId);
    const order = orders.get(clientOrderId);
    if (order !== undefined && report.executed > order.filled) await this.#fetchFills(order, report);
    await orders.observe(clientOrderId, { kind: 'Reported', report });
  }

  async #fetchFills(order: OrderRecord, { venueOrderId, createdAt = order.intendedAt }: OrderReport): Promise<void> {
    const { venue, orders, log } = this.#options;
    const { symbol, clientOrderId } = order.request;
    // The row of an adopted order is younger than the order.
    const madeAt = Math.min(order.intendedAt, createdAt);
    const reply = await venue.fills(symbol, madeAt - FILLS_OVERLAP_MS);
    if (reply.kind !== 'ok') {
      log.warn({ order: clientOrderId, reply }, 'fills of an order not read');
      return;
    }
    const own = reply.value.filter(
      (fill) => fill.venueOrderId === venueOrderId && !order.tradeIds.has(fill.venueTradeId),
    );
    for (const fill of own) await orders.onFill({ ...fill, clientOrderId });
  }

  async #onAbsent({ request: { clientOrderId } }: OrderRecord, askedAt: number): Promise<void> {
    const { orders } = this.#options;
    this.#denied(clientOrderId, askedAt);
    const inquiry = this.#inquiries.get(clientOrderId);
    if (inquiry !== undefined && mayConclude(inquiry))
      await orders.observe(clientOrderId, { kind: 'Concluded', reason: 'NeverArrived' });
  }

  /** One whose outcome is open is concluded or alarmed as such. */
  #denied(clientOrderId: string, askedAt: number): void {
    const { orders, metrics, log } = this.#options;
    const order = orders.get(clientOrderId);
    if (order === undefined || isUnanswered(order.state)) return;
    const since = this.#deniedSince.get(clientOrderId) ?? askedAt;
    this.#deniedSince.set(clientOrderId, since);
    if (askedAt - since <= MISSING_MS || this.#missing.has(clientOrderId)) return;
    this.#missing.add(clientOrderId);
    metrics.findings.inc({ kind: 'Missing' });
    log.error(
      { finding: 'Missing', order: clientOrderId },
      'the venue does not know an order that it has acknowledged',
    );
  }

  #found(clientOrderId: string): void {
    this.#deniedSince.delete(clientOrderId);
    this.#missing.delete(clientOrderId);
  }

  #asked(order: OrderRecord, askedAt: number, absent: boolean): void {
    const inquiry = afterAsking(this.#inquiryOf(order), askedAt, absent, this.#options.rules);
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
  }
}

/** A resting order tells of itself by the stream and by the timed reconcile; every other one is about to end. */
function needsAsking({ state, request }: OrderRecord): boolean {
  if (state.kind === 'Open' || state.kind === 'PartiallyFilled') return request.type !== 'LIMIT';
  return true;
}
