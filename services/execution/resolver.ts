import type { TradingVenue } from '../shared/exchange/exchange.ts';
import type { OrderReport } from '../shared/domain/order-report.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { OrderRecord } from './core/order-record.ts';
import {
  afterAsking,
  mayConclude,
  newInquiry,
  nextAskAt,
  type Inquiry,
  type VisibilityRules,
} from './core/unknown-schedule.ts';
import type { OrderKeeper } from './order-keeper.ts';

export interface ResolverOptions {
  readonly venue: Pick<TradingVenue, 'order' | 'fills'>;
  readonly keeper: OrderKeeper;
  readonly rules: VisibilityRules;
  /** Orders whose POST is under way: their reply comes first. */
  readonly inFlight: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Fills are asked for from a little before the order was made: the venue's clock is not ours. */
const FILLS_OVERLAP_MS = 5_000;

/**
 * Asks the venue for what became of orders: those whose outcome is open, those that never rest, those that are being cancelled. Asks by our id, with
 * growing pauses, and never sends anything again.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #inquiries = new Map<string, Inquiry>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Asks for every order that is due. One question at a time. */
  async turn(): Promise<void> {
    const { keeper, clock, inFlight, rules } = this.#options;
    this.#forgetEnded();
    for (const order of keeper.live()) {
      const { clientOrderId } = order.request;
      if (inFlight.has(clientOrderId) || !needsAsking(order)) continue;
      if (nextAskAt(this.#inquiryOf(order), rules) <= clock.monotonicMs()) await this.settle(order);
    }
  }

  /** One question for one order, and all that follows from the answer. False when the venue did not answer. */
  async settle(order: OrderRecord): Promise<boolean> {
    const { venue, keeper, clock, inFlight, log } = this.#options;
    const { clientOrderId, symbol } = order.request;
    if (inFlight.has(clientOrderId)) return true;
    if (order.state.kind === 'Intended' || order.state.kind === 'Submitted')
      await keeper.observe(clientOrderId, { kind: 'OutcomeUnknown', at: clock.nowMs() });
    const askedAt = clock.monotonicMs();
    const reply = await venue.order(symbol, clientOrderId);
    this.#asked(order, askedAt, reply.kind === 'notFound');
    if (reply.kind === 'ok') await this.onReport(clientOrderId, reply.value);
    else if (reply.kind === 'notFound') await this.#onAbsent(clientOrderId);
    else log.warn({ order: clientOrderId, reply }, 'venue does not say what became of an order');
    // A refusal says nothing of the order, and asking again will not change it.
    return reply.kind === 'ok' || reply.kind === 'notFound' || reply.kind === 'rejected';
  }

  /** Brings in the fills that a report speaks of before the report itself, which may end the order. */
  async onReport(clientOrderId: string, report: OrderReport): Promise<void> {
    const { keeper } = this.#options;
    const order = keeper.get(clientOrderId);
    if (order !== undefined && report.executed > order.filled) await this.#fetchFills(order, report);
    await keeper.observe(clientOrderId, { kind: 'Reported', report });
  }

  async #fetchFills(order: OrderRecord, { venueOrderId, createdAt = order.intendedAt }: OrderReport): Promise<void> {
    const { venue, keeper, log } = this.#options;
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
    for (const fill of own) await keeper.onFill({ ...fill, clientOrderId });
  }

  async #onAbsent(clientOrderId: string): Promise<void> {
    const { keeper } = this.#options;
    const inquiry = this.#inquiries.get(clientOrderId);
    if (inquiry !== undefined && mayConclude(inquiry))
      await keeper.observe(clientOrderId, { kind: 'Concluded', reason: 'NeverArrived' });
  }

  #asked(order: OrderRecord, askedAt: number, absent: boolean): void {
    const inquiry = afterAsking(this.#inquiryOf(order), askedAt, absent, this.#options.rules);
    this.#inquiries.set(order.request.clientOrderId, inquiry);
  }

  #inquiryOf(order: OrderRecord): Inquiry {
    const { keeper, clock } = this.#options;
    const { clientOrderId } = order.request;
    return this.#inquiries.get(clientOrderId) ?? newInquiry(keeper.heldSinceMs(clientOrderId) ?? clock.monotonicMs());
  }

  #forgetEnded(): void {
    for (const id of this.#inquiries.keys()) if (this.#options.keeper.get(id) === undefined) this.#inquiries.delete(id);
  }
}

/** A resting order tells of itself by the stream and by the timed reconcile; every other one is about to end. */
function needsAsking({ state, request }: OrderRecord): boolean {
  if (state.kind === 'Open' || state.kind === 'PartiallyFilled') return request.type !== 'LIMIT';
  return true;
}
