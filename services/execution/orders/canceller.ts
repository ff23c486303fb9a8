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

/** A cancellation that brought no end is asked for again after this; asking twice cancels once. */
const AGAIN_MS = 1_000;

/** Cancels resting orders past their deadline, and all of them while halted. The order's end is for the venue to tell. */
export class Canceller {
  readonly #options: CancellerOptions;
  readonly #askedMs = new Map<string, number>();

  constructor(options: CancellerOptions) {
    this.#options = options;
  }

  async cancelDue(): Promise<void> {
    const { orders, halted, clock } = this.#options;
    for (const id of this.#askedMs.keys()) if (orders.get(id) === undefined) this.#askedMs.delete(id);
    const due = ordersToCancel(orders.live(), { now: clock.nowMs(), halted: halted() });
    await this.#cancel(due.filter(({ request }) => this.#isDue(request.clientOrderId)));
  }

  /** Everything that rests, once: before a process ends, because the venue cancels nothing when nobody is there. */
  async cancelAll(): Promise<void> {
    const { orders, clock } = this.#options;
    await this.#cancel(ordersToCancel(orders.live(), { now: clock.nowMs(), halted: true }));
  }

  #isDue(clientOrderId: string): boolean {
    const askedMs = this.#askedMs.get(clientOrderId);
    return askedMs === undefined || this.#options.clock.monotonicMs() - askedMs >= AGAIN_MS;
  }

  /** Neither a record that cannot be written nor one that answers late keeps a cancellation back: it creates nothing and may be repeated. */
  async #cancel(orders: readonly OrderRecord[]): Promise<void> {
    const { venue, clock, log } = this.#options;
    const noted: Promise<void>[] = [];
    for (const { request } of orders) {
      const { clientOrderId, symbol } = request;
      this.#askedMs.set(clientOrderId, clock.monotonicMs());
      noted.push(this.#note(clientOrderId));
      const reply = await venue.cancel(symbol, clientOrderId);
      if (reply.kind !== 'ok') log.warn({ order: clientOrderId, reply }, 'cancellation not accepted');
    }
    await Promise.all(noted);
  }

  async #note(clientOrderId: string): Promise<void> {
    const { orders, log } = this.#options;
    try {
      await orders.observe(clientOrderId, { kind: 'CancelRequested' });
    } catch (error) {
      log.warn({ order: clientOrderId, err: error }, 'request for cancellation not recorded');
    }
  }
}
