import type { OrderTable } from './order-table.ts';

/** A requested cancellation. Its row in Postgres has the reason too, for people. */
interface CancelRow {
  readonly clientOrderId: string;
  readonly symbol: string;
  /** UTC milliseconds. */
  readonly requestedAtMs: number;
}

const KEPT_MS = 60_000;

/** The rows of risk.cancel_requests in memory, beside the orders that they name. */
export class CancelTable {
  readonly #rows = new Map<string, CancelRow>();
  readonly #orders: Pick<OrderTable, 'live'>;

  constructor(orders: Pick<OrderTable, 'live'>) {
    this.#orders = orders;
  }

  get requests(): readonly CancelRow[] {
    return [...this.#rows.values()];
  }

  /** Adds the rows that are new, and deletes old ones of orders that have ended, or have no row. */
  add(nowMs: number, wanted: readonly Omit<CancelRow, 'requestedAtMs'>[]): void {
    const live = this.#live();
    for (const [id, { requestedAtMs }] of this.#rows)
      if (requestedAtMs < nowMs - KEPT_MS && !live.has(id)) this.#rows.delete(id);
    for (const { clientOrderId, symbol } of wanted)
      if (!this.#rows.has(clientOrderId))
        this.#rows.set(clientOrderId, { clientOrderId, symbol, requestedAtMs: nowMs });
  }

  ids(): ReadonlySet<string> {
    return new Set(this.#rows.keys());
  }

  #live(): ReadonlySet<string> {
    return new Set(this.#orders.live().map(({ request }) => request.clientOrderId));
  }
}
