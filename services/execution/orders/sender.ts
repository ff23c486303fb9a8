import type { Instrument } from '../../shared/domain/instrument.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { admissionRefusal } from '../core/admission.ts';
import { observationOfPlace } from '../core/classify-reply.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { LiveOrders } from './live-orders.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';

export interface SenderOptions {
  readonly store: Pick<ExecutionStore, 'commitIntent'>;
  readonly venue: Pick<TradingVenue, 'place'>;
  readonly orders: LiveOrders;
  readonly fence: SenderFence;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** Returns why no order may be sent now, apart from the fence; undefined when sending is possible. */
  readonly obstacle: () => string | undefined;
  readonly reduceOnly: () => boolean;
  readonly incarnation: string;
  readonly recvWindowMs: number;
  readonly inFlight: Set<string>;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Sends orders, serially; no other code does. For each order: admission, the intent committed under the fence, the
 * permit checked immediately before the first byte, one POST, its outcome recorded. An order that it does not take
 * stays an approval without an order, which is offered again until it is sent or has expired.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #serially = createSerialQueue();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when the order has an outcome or was not taken. Rejects when the database is unavailable. */
  async offer(order: ApprovedOrder): Promise<void> {
    await this.#serially(async () => {
      if (this.#blocker() !== undefined) return;
      await this.#send(order);
    });
  }

  /** Resolves when no order is in flight. */
  async idle(): Promise<void> {
    await this.#serially(async () => await Promise.resolve());
  }

  /** Returns why no order is taken now. */
  #blocker(): string | undefined {
    const { fence, obstacle } = this.#options;
    if (fence.sender.role !== 'active') return 'NotActive';
    if (!fence.permitted(fence.sender.epoch)) return 'PermitExpired';
    return obstacle();
  }

  async #send(order: ApprovedOrder): Promise<void> {
    const { store, orders, fence, instrumentOf, incarnation, clock, log } = this.#options;
    const instrument = instrumentOf(order.symbol);
    // The instrument is unknown until ws publishes it. Only the deadline ends the wait.
    if (instrument === undefined && clock.nowMs() <= order.deadline) return;
    const refusal = this.#refusal(order, instrument !== undefined);
    const { epoch } = fence.sender;
    const intent = intendedOrder({ order, instrument, epoch, intendedAtMs: clock.nowMs() });
    const row: OrderRecord =
      refusal === undefined ? intent : { ...intent, state: { kind: 'NeverSent', reason: refusal } };
    const commitStartMs = clock.monotonicMs();
    const outcome = await store.commitIntent({ epoch, holder: incarnation }, row);
    if (outcome === 'Fenced') {
      fence.intentRefused();
      return;
    }
    if (outcome === 'Duplicate') return;
    orders.add(row);
    if (refusal === undefined) await this.#place(intent, commitStartMs);
    else log.warn({ order: order.clientOrderId, refusal }, 'order not sent');
  }

  #refusal(order: ApprovedOrder, instrumentKnown: boolean): string | undefined {
    const { orders, fence, reduceOnly, clock } = this.#options;
    const sameSymbol = orders.live().filter(({ request }) => request.symbol === order.symbol);
    return admissionRefusal(order, {
      nowMs: clock.nowMs(),
      halted: fence.haltedBy.length > 0,
      reduceOnly: reduceOnly(),
      instrumentKnown,
      liveStates: sameSymbol.map(({ state }) => state),
    });
  }

  async #place(order: OrderRecord, commitStartMs: number): Promise<void> {
    const { venue, fence, orders, recvWindowMs, inFlight, metrics, clock, log } = this.#options;
    const { clientOrderId } = order.request;
    inFlight.add(clientOrderId);
    try {
      const reply = await venue.place(order.request, {
        timestampMs: order.intendedAtMs,
        recvWindowMs,
        refusal: () => {
          // Risk relies on no order being sent after its deadline, however long the commit took.
          if (clock.nowMs() > order.deadlineMs) return 'Expired';
          return clock.monotonicMs() - commitStartMs >= recvWindowMs ? 'SignedTooLongAgo' : fence.refusal(order.epoch);
        },
      });
      metrics.replies.inc({ kind: reply.kind });
      metrics.sendSeconds.observe((clock.monotonicMs() - commitStartMs) / 1_000);
      if (reply.kind !== 'ok') log.warn({ order: clientOrderId, reply }, 'order not accepted');
      await orders.observe(clientOrderId, observationOfPlace(reply, clock.nowMs()));
    } catch (error) {
      // The row is still Intended and the venue may have the order: the resolver queries it, as after a crash.
      log.error(
        { order: clientOrderId, problem: messageOf(error) },
        'recording the order outcome failed, the resolver queries the venue',
      );
    } finally {
      inFlight.delete(clientOrderId);
    }
  }
}
