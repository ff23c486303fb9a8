import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { OrderRequest } from '../../shared/domain/orders/order.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { IntentOutcome } from '../ports.ts';
import type { LiveOrders } from './live-orders.ts';

export interface CommitDoubtsOptions {
  readonly orders: LiveOrders;
  /** Orders that are being committed or sent. */
  readonly inFlight: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Doubt {
  readonly row: OrderRecord;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  readonly readMs: number;
}

/** Longer than a statement may take in the database: a row that is not there by then will not be. */
const LANDS_WITHIN_MS = 10_000;
const READ_EVERY_MS = 1_000;
const ALWAYS = (): boolean => true;

/**
 * First rows of orders whose commit was not answered. Nothing was sent for them: the order goes out only after the
 * answer. The row is read at once: if it is there, the order ends as never sent and its funds are free, without waiting
 * for a reconcile. If it is not, the approval is offered again, and a second commit makes the row or finds it. While
 * that commit is under way, a row that is there may be its own, whose order is about to be sent: only the answer to the
 * commit says so. Until all that is known, the instrument takes no other entries.
 */
export class CommitDoubts {
  readonly #options: CommitDoubtsOptions;
  readonly #open = new Map<string, Doubt>();

  constructor(options: CommitDoubtsOptions) {
    this.#options = options;
  }

  get symbols(): readonly string[] {
    return [...this.#open.values()].map(({ row }) => row.request.symbol);
  }

  /** Returns the rows in doubt on the instrument of an order, other than its own. */
  beside({ symbol, clientOrderId }: Pick<OrderRequest, 'symbol' | 'clientOrderId'>): readonly OrderRecord[] {
    const rows = [...this.#open.values()].map(({ row }) => row);
    return rows.filter(({ request }) => request.symbol === symbol && request.clientOrderId !== clientOrderId);
  }

  /**
   * Takes the answer to another commit of an order. When the row was made by it, the one in doubt has no effect any
   * more: a row is made once. When the row was there, it is read.
   */
  async onAnswer(clientOrderId: string, outcome: IntentOutcome): Promise<void> {
    const doubt = this.#open.get(clientOrderId);
    if (doubt === undefined) return;
    if (outcome === 'Committed') this.#open.delete(clientOrderId);
    if (outcome === 'Duplicate') await this.#read(doubt.row, ALWAYS);
  }

  /** Notes a commit without an answer, and reads its row. No other commit of the order is under way. Never rejects. */
  async add(row: OrderRecord): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    this.#open.set(row.request.clientOrderId, { row, sinceMs: nowMs, readMs: nowMs });
    await this.#read(row, ALWAYS);
  }

  /** Reads the rows again that could not be read, or were not there yet. */
  async resolveDue(): Promise<void> {
    const { clock, inFlight } = this.#options;
    for (const [id, doubt] of this.#open) {
      if (clock.monotonicMs() - doubt.readMs < READ_EVERY_MS) continue;
      this.#open.set(id, { ...doubt, readMs: clock.monotonicMs() });
      await this.#read(doubt.row, () => !inFlight.has(id));
    }
  }

  /** `mayConclude` is asked once the row has been read: a commit may have begun in the meantime. */
  async #read({ request: { clientOrderId } }: OrderRecord, mayConclude: () => boolean): Promise<void> {
    const { orders, log } = this.#options;
    try {
      const askedMs = this.#options.clock.monotonicMs();
      const rows = await orders.reload([clientOrderId]);
      const row = rows.find(({ request }) => request.clientOrderId === clientOrderId);
      if (!mayConclude()) return;
      if (row !== undefined) await this.#onFound(row);
      else if (askedMs - (this.#open.get(clientOrderId)?.sinceMs ?? askedMs) >= LANDS_WITHIN_MS)
        this.#open.delete(clientOrderId);
    } catch (error) {
      log.warn(
        { order: clientOrderId, problem: messageOf(error) },
        'reading a row after a lost commit failed, retried',
      );
    }
  }

  /** A row of another epoch was made by another sender, and may have been sent. */
  async #onFound(row: OrderRecord): Promise<void> {
    const { orders, log } = this.#options;
    const { clientOrderId } = row.request;
    const own = this.#open.get(clientOrderId)?.row.epoch === row.epoch;
    if (own) {
      log.warn({ order: clientOrderId }, 'the answer to the commit was lost, the order is not sent');
      await orders.observe(clientOrderId, { kind: 'NotSent', reason: 'CommitUnknown' });
    }
    this.#open.delete(clientOrderId);
  }
}
