import type { OrderRecord } from '../../core/order-record.ts';
import { isTerminal } from '../../../shared/domain/orders/order.ts';

/**
 * Orders by client order ID, with the indexes that the table in Postgres has: what a query costs does not grow with the
 * orders that have ended. The orders of an index are in the order of their insertion.
 */
export class OrderTable extends Map<string, OrderRecord> {
  readonly #live = new Map<string, OrderRecord>();
  readonly #decisions = new Map<string, string>();

  /** Returns the orders that have not ended. */
  live(): readonly OrderRecord[] {
    return [...this.#live.values()];
  }

  hasDecision(decisionId: string): boolean {
    return this.#decisions.has(decisionId);
  }

  override set(id: string, order: OrderRecord): this {
    this.#decisions.set(order.decisionId, id);
    if (isTerminal(order.state)) this.#live.delete(id);
    else this.#live.set(id, order);
    return super.set(id, order);
  }

  override delete(id: string): boolean {
    const order = this.get(id);
    if (order !== undefined) this.#decisions.delete(order.decisionId);
    this.#live.delete(id);
    return super.delete(id);
  }

  override clear(): void {
    this.#decisions.clear();
    this.#live.clear();
    super.clear();
  }
}
