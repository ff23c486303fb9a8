/** An order that the venue accepted. */
export interface PlacedOrder {
  /** Clock of the venue, in UTC milliseconds. */
  readonly timeMs: number;
  /** Epoch of the fence in which it was sent. */
  readonly epoch: number;
}

/** What the venue saw of one change of the sender. */
export interface SenderChange {
  /** Epoch of the next sender. */
  readonly epoch: number;
  /** When the venue accepted its first order. */
  readonly firstMs: number;
  /** From the order before that one. */
  readonly gapMs: number;
  /** Orders of older epochs that the venue accepted after the first one of this epoch. */
  readonly overlap: number;
}

/** Returns the changes of the sender, in the order of their epochs. `orders` are in the order of the venue's log. */
export function senderChanges(orders: readonly PlacedOrder[]): readonly SenderChange[] {
  const epochs = [...new Set(orders.map(({ epoch }) => epoch))].toSorted((a, b) => a - b);
  return epochs.slice(1).map((epoch) => {
    const first = orders.findIndex((order) => order.epoch === epoch);
    const firstMs = orders[first]?.timeMs ?? Number.NaN;
    const older = orders.slice(first).filter((order) => order.epoch < epoch);
    return { epoch, firstMs, gapMs: firstMs - (orders[first - 1]?.timeMs ?? firstMs), overlap: older.length };
  });
}
