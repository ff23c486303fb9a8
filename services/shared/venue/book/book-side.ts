import type { Lots, Ticks } from '../../domain/instrument.ts';

/** Price level of an order book: a price and the quantity resting there, always above zero inside a book. */
export interface BookLevel {
  readonly price: Ticks;
  readonly quantity: Lots;
}

/** One side of an order book: levels by price, best first. Mutable; owned by one book builder. */
export interface BookSide {
  /**
   * Sets the quantity resting at a price; zero removes the level. Removing a missing level is normal: the venue may
   * send the removal twice.
   */
  set(price: Ticks, quantity: Lots): void;
  best(): BookLevel | undefined;
  /** At most `count` levels, best first. */
  top(count: number): readonly BookLevel[];
  readonly size: number;
}

/**
 * Creates an empty side. Levels are in one sorted array: lookups bisect it, and most changes happen near its start,
 * where the market is.
 */
export function createBookSide(side: 'bid' | 'ask'): BookSide {
  const levels: BookLevel[] = [];
  const sign = side === 'bid' ? -1 : 1;

  const indexOf = (price: Ticks): number => {
    let low = 0;
    let high = levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const level = levels[middle];
      if (level !== undefined && (level.price - price) * sign < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    set: (price, quantity) => {
      const index = indexOf(price);
      const present = levels[index]?.price === price;
      if (quantity === 0) {
        if (present) levels.splice(index, 1);
      } else levels.splice(index, present ? 1 : 0, { price, quantity });
    },
    best: () => levels[0],
    top: (count) => levels.slice(0, count),
    get size() {
      return levels.length;
    },
  };
}
