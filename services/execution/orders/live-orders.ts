import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/fill.ts';
import { isTerminal } from '../../shared/domain/order.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { Observation } from '../core/observation.ts';
import type { OrderEvent } from '../core/order-decider.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { OrderKey } from '../ports.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';

export interface LiveOrdersOptions {
  readonly store: Pick<ExecutionStore, 'recordObservation' | 'loadOrders'>;
  readonly epoch: () => number;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The one way by which what is observed of orders comes into the record, one observation at a time. Keeps a copy of the orders that have not ended, as
 * the database had them when they were last read or written; the database is right where they differ.
 */
export class LiveOrders {
  readonly #options: LiveOrdersOptions;
  readonly #live = new Map<string, OrderRecord>();
  /** Monotonic. */
  readonly #heldSince = new Map<string, number>();
  readonly #serially = createSerialQueue();
  lateFills = 0;

  constructor(options: LiveOrdersOptions) {
    this.#options = options;
  }

  live(): readonly OrderRecord[] {
    return [...this.#live.values()];
  }

  get(clientOrderId: string): OrderRecord | undefined {
    return this.#live.get(clientOrderId);
  }

  /** Monotonic time since when this process has known of an order that has not ended; its request was signed before. */
  heldSinceMs(clientOrderId: string): number | undefined {
    return this.#heldSince.get(clientOrderId);
  }

  /** An order whose row has just been committed. */
  add(order: OrderRecord): void {
    this.#options.metrics.states.inc({ state: order.state.kind });
    this.#remember(order);
  }

  /** Reads what has not ended, and whatever has these ids; returns both. */
  async reload(ids: readonly string[] = []): Promise<readonly OrderRecord[]> {
    return await this.#serially(async () => {
      const before = [...this.#live.keys()];
      const orders = await this.#options.store.loadOrders(ids);
      // What was kept meanwhile may have been committed after the rows were read.
      for (const id of before) this.#live.delete(id);
      for (const order of orders) this.#remember(order);
      for (const id of before) if (!this.#live.has(id)) this.#heldSince.delete(id);
      return orders;
    });
  }

  async observe(clientOrderId: string, observation: Observation): Promise<OrderRecord | undefined> {
    return await this.#record({ clientOrderId, venueOrderId: '' }, observation);
  }

  /** A fill names its order by our id, or by the venue's where ours is missing. Undefined when it is of no order of ours. */
  async onFill(fill: Fill): Promise<OrderRecord | undefined> {
    const { clientOrderId, venueOrderId } = fill;
    return await this.#record({ clientOrderId, venueOrderId }, { kind: 'FillSeen', fill });
  }

  async #record(key: OrderKey, observation: Observation): Promise<OrderRecord | undefined> {
    return await this.#serially(async () => {
      const { store, epoch, clock } = this.#options;
      const change = await store.recordObservation({ key, observation, epoch: epoch(), atMs: clock.nowMs() });
      if (change === undefined) return undefined;
      this.#remember(change.order);
      for (const event of change.events) this.#tell(change.order, event);
      return change.order;
    });
  }

  #remember(order: OrderRecord): void {
    const { clientOrderId } = order.request;
    if (isTerminal(order.state)) {
      this.#live.delete(clientOrderId);
      this.#heldSince.delete(clientOrderId);
    } else {
      this.#live.set(clientOrderId, order);
      if (!this.#heldSince.has(clientOrderId)) this.#heldSince.set(clientOrderId, this.#options.clock.monotonicMs());
    }
    this.#options.metrics.unknownOrders.set(this.live().filter(({ state }) => state.kind === 'Unknown').length);
  }

  #tell(order: OrderRecord, event: OrderEvent): void {
    const { metrics, log } = this.#options;
    const { clientOrderId, symbol } = order.request;
    const facts = { order: clientOrderId, symbol, state: event.state.kind, filled: formatDecimal(order.filled) };
    if (event.kind === 'Moved') {
      metrics.states.inc({ state: event.state.kind });
      log.info(facts, 'order moved');
      return;
    }
    metrics.fills.inc({ late: String(event.late) });
    const { venueTradeId: trade, price, quantity } = event.fill;
    const fill = { ...facts, trade, price: formatDecimal(price), quantity: formatDecimal(quantity) };
    if (!event.late) {
      log.info(fill, 'order filled');
      return;
    }
    this.lateFills += 1;
    log.error(fill, 'fill that its order has no room for');
  }
}
