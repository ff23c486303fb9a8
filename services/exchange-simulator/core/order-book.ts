import type { Lots, Ticks } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';

/** One order in the book. Only the book changes `remaining` and the links. */
export interface RestingOrder {
  /** The account, or HOUSE for the venue's own liquidity. */
  readonly owner: string;
  /** The venue's order id; empty for the house. */
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

/** Price and the sum of quantities there. */
export type DepthLevel = readonly [Ticks, Lots];

/** Which prices changed since the last `drain`. */
export interface LevelTracker {
  readonly bids: Set<Ticks>;
  readonly asks: Set<Ticks>;
  /** The book's version when `drain` was last called, or tracking began. */
  version: number;
}

/**
 * The resting orders of one pair by price, then time. State: two sides, each a map of price levels and a sorted list of their
 * prices with the best one last (so the usual change near the touch moves few elements). Everything that changes a level
 * raises `version` by one, which is what the venue's depth versions count.
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

  /** The best price's oldest order. */
  first(side: Side): RestingOrder | undefined {
    return this.#side(side).best()?.first;
  }

  /** The next order in price-time order; undefined after the last. */
  after(order: RestingOrder): RestingOrder | undefined {
    return order.behind ?? this.#side(order.side).worseThan(order.price)?.first;
  }

  bestPrice(side: Side): Ticks | undefined {
    return this.#side(side).best()?.price;
  }

  /** Puts an order at the end of its price's queue. */
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

  /** Takes `quantity` off an order, which leaves the book when nothing remains; its place in the queue stays. */
  reduce(order: RestingOrder, quantity: Lots): void {
    const { level } = order;
    if (level === undefined || quantity > order.remaining) throw new Error('reduced an order that does not rest here');
    order.remaining = (order.remaining - quantity) as Lots;
    level.total -= quantity;
    if (order.remaining === 0) this.#unlink(order, level);
    this.#changed(order);
  }

  remove(order: RestingOrder): void {
    this.reduce(order, order.remaining);
  }

  /** The best `count` levels, best first. */
  levels(side: Side, count: number): readonly DepthLevel[] {
    return this.#side(side).levels(count);
  }

  /** Sum of the quantities at a price; 0 where none rests. */
  quantityAt(side: Side, price: Ticks): Lots {
    return this.#side(side).quantityAt(price);
  }

  /** Starts to note changed prices. */
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

/** One update of the depth: contiguous with the one before, absolute quantities, 0 where a level is gone. */
export interface DepthChange {
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** What changed since the last drain; undefined when nothing did. */
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

/** Price levels of one side; `worse(a, b)`: a stands behind b. */
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

  /** The level next behind this price. */
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

  /** Where the price stands, or would stand. */
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
