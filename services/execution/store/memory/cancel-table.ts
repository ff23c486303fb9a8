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
  readonly #open: () => Iterable<string>;

  /** `open`: client order IDs of the live orders, and of the approvals without an order. */
  constructor(open: () => Iterable<string>) {
    this.#open = open;
  }

  get requests(): readonly CancelRow[] {
    return [...this.#rows.values()];
  }

  /** Adds the rows that are new, and deletes old ones of what has ended. */
  add(nowMs: number, wanted: readonly Omit<CancelRow, 'requestedAtMs'>[]): void {
    const open = new Set(this.#open());
    for (const [id, { requestedAtMs }] of this.#rows)
      if (requestedAtMs < nowMs - KEPT_MS && !open.has(id)) this.#rows.delete(id);
    for (const { clientOrderId, symbol } of wanted)
      if (!this.#rows.has(clientOrderId))
        this.#rows.set(clientOrderId, { clientOrderId, symbol, requestedAtMs: nowMs });
  }

  ids(): ReadonlySet<string> {
    return new Set(this.#rows.keys());
  }
}
