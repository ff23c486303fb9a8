import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { ordersToCancel } from '../core/cancel-rules.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { LiveOrders } from './live-orders.ts';

export interface CancellerOptions {
  readonly venue: Pick<TradingVenue, 'cancel'>;
  readonly orders: LiveOrders;
  readonly halted: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A cancellation is requested again when the order has not ended after this time. A second request does no harm. */
const RETRY_MS = 1_000;

/**
 * Cancels resting orders past their deadline, and all of them while halted. The venue reports when an order has ended.
 */
export class Canceller {
  readonly #options: CancellerOptions;
  readonly #requestedMs = new Map<string, number>();

  constructor(options: CancellerOptions) {
    this.#options = options;
  }

  async cancelDue(): Promise<void> {
    const { orders, halted, clock } = this.#options;
    for (const id of this.#requestedMs.keys()) if (orders.get(id) === undefined) this.#requestedMs.delete(id);
    const due = ordersToCancel(orders.live(), { nowMs: clock.nowMs(), halted: halted() });
    await this.#cancel(due.filter(({ request }) => this.#isDue(request.clientOrderId)));
  }

  /**
   * Requests cancellation of every resting order once. Used before the process ends, because the venue does not cancel
   * the orders of an absent client.
   */
  async cancelAll(): Promise<void> {
    const { orders, clock } = this.#options;
    await this.#cancel(ordersToCancel(orders.live(), { nowMs: clock.nowMs(), halted: true }));
  }

  #isDue(clientOrderId: string): boolean {
    const requestedMs = this.#requestedMs.get(clientOrderId);
    return requestedMs === undefined || this.#options.clock.monotonicMs() - requestedMs >= RETRY_MS;
  }

  /** A slow or unavailable database does not delay a cancellation, which creates nothing and may be repeated. */
  async #cancel(orders: readonly OrderRecord[]): Promise<void> {
    const { venue, clock, log } = this.#options;
    const recordings: Promise<void>[] = [];
    for (const { request } of orders) {
      const { clientOrderId, symbol } = request;
      this.#requestedMs.set(clientOrderId, clock.monotonicMs());
      recordings.push(this.#record(clientOrderId));
      const reply = await venue.cancel(symbol, clientOrderId);
      if (reply.kind !== 'ok') log.warn({ order: clientOrderId, reply }, 'cancellation not accepted');
    }
    await Promise.all(recordings);
  }

  async #record(clientOrderId: string): Promise<void> {
    const { orders, log } = this.#options;
    try {
      await orders.observe(clientOrderId, { kind: 'CancelRequested' });
    } catch (error) {
      log.warn({ order: clientOrderId, err: error }, 'recording the cancellation request failed');
    }
  }
}
