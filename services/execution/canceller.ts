import type { TradingVenue } from '../shared/exchange/exchange.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { ordersToCancel } from './core/cancel-rules.ts';
import type { OrderKeeper } from './order-keeper.ts';

export interface CancellerOptions {
  readonly venue: Pick<TradingVenue, 'cancel'>;
  readonly keeper: OrderKeeper;
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

  async turn(): Promise<void> {
    const { keeper, halted, clock, venue, log } = this.#options;
    const live = keeper.live();
    for (const id of this.#askedMs.keys()) if (keeper.get(id) === undefined) this.#askedMs.delete(id);
    for (const { request } of ordersToCancel(live, { now: clock.nowMs(), halted: halted() })) {
      const { clientOrderId, symbol } = request;
      const askedMs = this.#askedMs.get(clientOrderId);
      if (askedMs !== undefined && clock.monotonicMs() - askedMs < AGAIN_MS) continue;
      this.#askedMs.set(clientOrderId, clock.monotonicMs());
      await keeper.observe(clientOrderId, { kind: 'CancelRequested' });
      const reply = await venue.cancel(symbol, clientOrderId);
      if (reply.kind !== 'ok') log.warn({ order: clientOrderId, reply }, 'cancellation not accepted');
    }
  }
}
