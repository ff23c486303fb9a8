import type { Lots, Ticks } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';

/** Order resting in the book. Only the book changes `remaining` and the links. */
export interface RestingOrder {
  /** Account, or HOUSE for the venue's own liquidity. */
  readonly owner: string;
  /** The venue's order ID; empty for the house. */
  readonly orderId: string;
  readonly side: Side;
  readonly price: Ticks;
  remaining: Lots;
  level: PriceLevel | undefined;
  ahead: RestingOrder | undefined;
  behind: RestingOrder | undefined;
}

/** All orders at one price, oldest first. */
export interface PriceLevel {
  readonly price: Ticks;
  total: number;
  first: RestingOrder | undefined;
  last: RestingOrder | undefined;
}

/** A price and the total quantity resting there. */
export type DepthLevel = readonly [Ticks, Lots];

/** Prices that changed since the last `drain`. */
export interface LevelTracker {
  readonly bids: Set<Ticks>;
  readonly asks: Set<Ticks>;
  /** The book's version at the last `drain`, or when tracking began. */
  version: number;
}

/**
 * Resting orders of one pair in price-time order. State: two sides, each a map of price levels and a sorted list of
 * their prices with the best price last, so that the usual change near the best price moves few elements. Every change
 * of a level raises `version` by one; the venue's depth versions are this count.
 */
export class OrderBook {
  readonly #bids = new BookSide((a, b) => a < b);
  readonly #asks = new BookSide((a, b) => a > b);
  readonly #trackers = new Set<LevelTracker>();
  #version: number;

  constructor(firstVersion: number) {
    this.#version = firstVersion;
  }

  get version(): number {
    return this.#version;
  }

  /** Returns the oldest order at the best price. */
  first(side: Side): RestingOrder | undefined {
    return this.#side(side).best()?.first;
  }

  /** Returns the next order in price-time order, or undefined after the last. */
  after(order: RestingOrder): RestingOrder | undefined {
    return order.behind ?? this.#side(order.side).worseThan(order.price)?.first;
  }

  bestPrice(side: Side): Ticks | undefined {
    return this.#side(side).best()?.price;
  }

  /** Adds an order at the end of the queue at its price. */
  add(order: RestingOrder): void {
    const level = this.#side(order.side).levelAt(order.price);
    order.level = level;
    order.ahead = level.last;
    order.behind = undefined;
    if (level.last === undefined) level.first = order;
    else level.last.behind = order;
    level.last = order;
    level.total += order.remaining;
    this.#changed(order);
  }

  /**
   * Reduces an order by `quantity` and keeps its place in the queue. An order with no remaining quantity is removed.
   */
  reduce(order: RestingOrder, quantity: Lots): void {
    const { level } = order;
    if (level === undefined || quantity > order.remaining)
      throw new Error('cannot reduce an order that does not rest in the book, or below zero');
    order.remaining = (order.remaining - quantity) as Lots;
    level.total -= quantity;
    if (order.remaining === 0) this.#unlink(order, level);
    this.#changed(order);
  }

  remove(order: RestingOrder): void {
    this.reduce(order, order.remaining);
  }

  /** Returns the best `count` levels, best first. */
  levels(side: Side, count: number): readonly DepthLevel[] {
    return this.#side(side).levels(count);
  }

  /** Total quantity at a price; 0 if there is none. */
  quantityAt(side: Side, price: Ticks): Lots {
    return this.#side(side).quantityAt(price);
  }

  /** Starts to record changed prices. */
  track(): LevelTracker {
    const tracker: LevelTracker = { bids: new Set(), asks: new Set(), version: this.#version };
    this.#trackers.add(tracker);
    return tracker;
  }

  #side(side: Side): BookSide {
    return side === 'buy' ? this.#bids : this.#asks;
  }

  #unlink(order: RestingOrder, level: PriceLevel): void {
    const { ahead, behind } = order;
    if (ahead === undefined) level.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) level.last = ahead;
    else behind.ahead = ahead;
    order.level = undefined;
    order.ahead = undefined;
    order.behind = undefined;
    if (level.first === undefined) this.#side(order.side).drop(level.price);
  }

  #changed(order: RestingOrder): void {
    this.#version += 1;
    for (const tracker of this.#trackers) (order.side === 'buy' ? tracker.bids : tracker.asks).add(order.price);
  }
}

/** Depth diff, contiguous with the one before. Quantities are absolute; 0 removes a level. */
export interface DepthChange {
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** Returns the changes since the last drain, or undefined if there are none. */
export function drain(book: OrderBook, tracker: LevelTracker): DepthChange | undefined {
  if (book.version === tracker.version) return undefined;
  const change: DepthChange = {
    fromVersion: tracker.version + 1,
    toVersion: book.version,
    bids: [...tracker.bids].map((price) => [price, book.quantityAt('buy', price)]),
    asks: [...tracker.asks].map((price) => [price, book.quantityAt('sell', price)]),
  };
  tracker.version = book.version;
  tracker.bids.clear();
  tracker.asks.clear();
  return change;
}

/** Price levels of one side. `worse(a, b)`: price a ranks behind price b. */
class BookSide {
  readonly #levels = new Map<Ticks, PriceLevel>();
  readonly #prices: Ticks[] = [];
  readonly #worse: (a: Ticks, b: Ticks) => boolean;

  constructor(worse: (a: Ticks, b: Ticks) => boolean) {
    this.#worse = worse;
  }

  best(): PriceLevel | undefined {
    const price = this.#prices.at(-1);
    return price === undefined ? undefined : this.#levels.get(price);
  }

  /** Returns the next worse level. */
  worseThan(price: Ticks): PriceLevel | undefined {
    const next = this.#prices[this.#indexOf(price) - 1];
    return next === undefined ? undefined : this.#levels.get(next);
  }

  levelAt(price: Ticks): PriceLevel {
    const known = this.#levels.get(price);
    if (known !== undefined) return known;
    const level: PriceLevel = { price, total: 0, first: undefined, last: undefined };
    this.#levels.set(price, level);
    this.#prices.splice(this.#indexOf(price), 0, price);
    return level;
  }

  drop(price: Ticks): void {
    this.#levels.delete(price);
    this.#prices.splice(this.#indexOf(price), 1);
  }

  quantityAt(price: Ticks): Lots {
    return (this.#levels.get(price)?.total ?? 0) as Lots;
  }

  levels(count: number): readonly DepthLevel[] {
    const best = this.#prices.slice(-count).reverse();
    return best.map((price) => [price, this.quantityAt(price)]);
  }

  /** Index of the price, or the index where it would be inserted. */
  #indexOf(price: Ticks): number {
    let low = 0;
    let high = this.#prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#worse(this.#prices[middle] as Ticks, price)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
