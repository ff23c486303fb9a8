import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { isTerminal } from '../../shared/domain/orders/order.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { deadLetter, deadLetterKey, type DeadLetter } from '../core/dead-letter.ts';
import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { Observation } from '../core/observation.ts';
import type { OrderEvent } from '../core/order-decider.ts';
import { hasVenueOrderId, type OrderRecord } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { MalformedOrder, OrderKey } from '../ports.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';

export interface LiveOrdersOptions {
  readonly store: Pick<ExecutionStore, 'recordObservation' | 'loadOrders' | 'clearedDeadLetters'>;
  readonly deadLetters: Pick<DeadLetters, 'keep' | 'clear' | 'open' | 'has'>;
  readonly epoch: () => number;
  /** Whether the record still takes observations of this process. */
  readonly mayRecord: () => boolean;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * What became of an observation. Foreign: it belongs to none of our orders. Settled: it cannot be processed, and a
 * person has cleared its letter.
 */
export type Recorded = 'Recorded' | 'Foreign' | 'SetApart' | 'Settled';

/**
 * Records all observations of orders, serially. Holds a copy of the orders that have not ended, as last read from or
 * written to the database; where they differ, the database is right.
 */
export class LiveOrders {
  readonly #options: LiveOrdersOptions;
  readonly #live = new Map<string, OrderRecord>();
  /** Monotonic milliseconds. */
  readonly #heldSinceMs = new Map<string, number>();
  readonly #serially = createSerialQueue();
  #malformed: ReadonlyMap<string, MalformedOrder> = new Map();
  /** Observations that are being recorded, or wait for it. */
  #recording = 0;
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

  /** Returns our ID of an order that has not ended, by the venue's. */
  idOf(symbol: string, venueOrderId: string): string | undefined {
    const ofSymbol = this.live().filter(({ request }) => request.symbol === symbol);
    return ofSymbol.find((order) => hasVenueOrderId(order, venueOrderId))?.request.clientOrderId;
  }

  /** Returns the orders whose rows could not be read, as of the last reload. */
  malformed(): readonly MalformedOrder[] {
    return [...this.#malformed.values()];
  }

  /** Observations that the record does not have yet. */
  get unrecorded(): number {
    return this.#recording;
  }

  /** Forgets all orders: another process records what becomes of them. */
  clear(): void {
    this.#live.clear();
    this.#heldSinceMs.clear();
    this.#malformed = new Map();
    this.#options.metrics.unknownOrders.set(0);
  }

  /** Whether the row of the order could not be read: the record has the order, and nothing may be concluded of it. */
  isMalformed(clientOrderId: string): boolean {
    return this.#malformed.has(clientOrderId);
  }

  /**
   * Monotonic milliseconds at which this process first held an order that has not ended. Its request was signed at this
   * time or earlier.
   */
  heldSinceMs(clientOrderId: string): number | undefined {
    return this.#heldSinceMs.get(clientOrderId);
  }

  /** Adds an order whose row was just committed. */
  add(order: OrderRecord): void {
    this.#options.metrics.states.inc({ state: order.state.kind });
    this.#hold(order);
  }

  /** Reads and returns the orders that have not ended, and those with these IDs. */
  async reload(ids: readonly string[] = []): Promise<readonly OrderRecord[]> {
    return await this.#serially(async () => {
      const before = [...this.#live.keys()];
      const { orders, malformed } = await this.#options.store.loadOrders(ids);
      await this.#setRowsApart(malformed);
      // Orders added during the read may have been committed after it: they stay.
      for (const id of before) this.#live.delete(id);
      for (const order of orders) this.#hold(order);
      for (const id of before) if (!this.#live.has(id)) this.#heldSinceMs.delete(id);
      return orders;
    });
  }

  /** Never rejects because of what the observation is: one that cannot be processed is set apart. */
  async observe(clientOrderId: string, observation: Observation): Promise<Recorded> {
    return await this.#record({ clientOrderId, venueOrderId: '' }, observation);
  }

  /** Like `observe`, but drops the observation when its turn does not come within `ms`, behind slow statements. */
  async observeWithin(ms: number, clientOrderId: string, observation: Observation): Promise<void> {
    const lastMs = this.#options.clock.monotonicMs() + ms;
    await this.#serially(async () => {
      const { clock, mayRecord } = this.#options;
      if (clock.monotonicMs() > lastMs || !mayRecord()) return;
      this.#recording += 1;
      try {
        await this.#write({ clientOrderId, venueOrderId: '' }, observation);
      } finally {
        this.#recording -= 1;
      }
    });
  }

  /**
   * Records a fill. It names its order by our ID, or by the venue's where ours is missing. One that cannot be processed
   * is set apart.
   */
  async onFill(fill: Fill): Promise<Recorded> {
    const { clientOrderId, venueOrderId } = fill;
    return await this.#record({ clientOrderId, venueOrderId }, { kind: 'FillSeen', fill });
  }

  async #record(key: OrderKey, observation: Observation): Promise<Recorded> {
    this.#recording += 1;
    try {
      return await this.#serially(async () => await this.#write(key, observation));
    } finally {
      this.#recording -= 1;
    }
  }

  async #write(key: OrderKey, observation: Observation): Promise<Recorded> {
    const { store, deadLetters, epoch, mayRecord, clock } = this.#options;
    if (!mayRecord()) throw new Error('another process records now');
    try {
      const change = await store.recordObservation({ key, observation, epoch: epoch(), atMs: clock.nowMs() });
      if (change === undefined) return 'Foreign';
      this.#hold(change.order);
      for (const event of change.events) this.#report(change.order, event);
    } catch (error) {
      if (!(error instanceof UnprocessableError)) throw error;
      return await this.#setApart(key, observation, error);
    }
    await deadLetters.clear(deadLetterKey(key.clientOrderId, observation));
    return 'Recorded';
  }

  /** The letter of a fill has the pair of its order: the one that the fill names may be what is wrong with it. */
  async #setApart(key: OrderKey, observation: Observation, error: UnprocessableError): Promise<Recorded> {
    const order = await this.#find(key);
    const named = observation.kind === 'FillSeen' ? observation.fill.symbol : '';
    const symbol = order?.request.symbol ?? named;
    const payload = { observation, order };
    const letter = deadLetterKey(key.clientOrderId, observation, symbol);
    if (await this.#isSettledByPerson(letter)) return 'Settled';
    await this.#options.deadLetters.keep(deadLetter(letter, { symbol, payload, error }));
    return 'SetApart';
  }

  /** The venue may list a fill that cannot be booked for ever. */
  async #isSettledByPerson(letter: Pick<DeadLetter, 'kind' | 'id'>): Promise<boolean> {
    const { store, deadLetters } = this.#options;
    if (letter.kind !== 'Fill' || deadLetters.has(letter)) return false;
    return (await store.clearedDeadLetters('Fill', [letter.id])).has(letter.id);
  }

  /** An order that has ended is found by our ID alone. */
  async #find({ clientOrderId, venueOrderId }: OrderKey): Promise<OrderRecord | undefined> {
    if (clientOrderId !== '') return this.get(clientOrderId) ?? (await this.#load(clientOrderId));
    return this.live().find((order) => hasVenueOrderId(order, venueOrderId));
  }

  async #load(clientOrderId: string): Promise<OrderRecord | undefined> {
    const { orders } = await this.#options.store.loadOrders([clientOrderId]);
    return orders.find(({ request }) => request.clientOrderId === clientOrderId);
  }

  /** An order whose row cannot be read is not queried. The letter of one that can be read is cleared. */
  async #setRowsApart(malformed: readonly MalformedOrder[]): Promise<void> {
    const { deadLetters } = this.#options;
    this.#malformed = new Map(malformed.map((order) => [order.clientOrderId, order]));
    for (const { clientOrderId: id, symbol, row, problem } of malformed)
      await deadLetters.keep(deadLetter({ kind: 'Row', id }, { symbol, payload: row, error: problem }));
    const readable = deadLetters.open.filter(({ kind, id }) => kind === 'Row' && !this.#malformed.has(id));
    for (const letter of readable) await deadLetters.clear(letter);
  }

  #hold(order: OrderRecord): void {
    const { clientOrderId } = order.request;
    if (isTerminal(order.state)) {
      this.#live.delete(clientOrderId);
      this.#heldSinceMs.delete(clientOrderId);
    } else {
      this.#live.set(clientOrderId, order);
      if (!this.#heldSinceMs.has(clientOrderId))
        this.#heldSinceMs.set(clientOrderId, this.#options.clock.monotonicMs());
    }
    this.#options.metrics.unknownOrders.set(this.live().filter(({ state }) => state.kind === 'Unknown').length);
  }

  #report(order: OrderRecord, event: OrderEvent): void {
    const { metrics, log } = this.#options;
    const { clientOrderId, symbol } = order.request;
    const facts = { order: clientOrderId, symbol, state: event.state.kind, filled: formatDecimal(order.filled) };
    if (event.kind === 'Moved') {
      metrics.states.inc({ state: event.state.kind });
      log.info(facts, 'order state changed');
      return;
    }
    if (event.kind === 'EndReported') {
      const executed = formatDecimal(event.executed);
      log.info({ ...facts, executed }, 'order has ended at the venue, not all its fills are recorded yet');
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
    log.error(fill, 'fill exceeds order quantity or arrived after the order ended');
  }
}
