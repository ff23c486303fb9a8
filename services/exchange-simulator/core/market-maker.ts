import type { Lots, Ticks } from '../../shared/domain/instrument.ts';
import { oppositeOf, type Side } from '../../shared/domain/side.ts';
import type { ExchangeEvent } from './events.ts';
import type { MatchingEngine } from './matching-engine.ts';
import type { RestingOrder } from './order-book.ts';
import type { Random } from './random.ts';
import type { TapeTrade } from './tape.ts';

export interface MarketMakerOptions {
  readonly engine: MatchingEngine;
  readonly symbol: string;
  /** Levels per side. */
  readonly levels: number;
  /** Typical size of a level; drawn sizes vary around it. */
  readonly typicalQuantity: Lots;
  readonly random: Random;
}

/**
 * The house's liquidity around a tape. The touch is the best price of a side: the price of the last taker sale is the
 * best bid, the price of the last taker buy the best ask. Further levels behind each touch are on a grid of one basis
 * point, so a small move keeps their place in the queue. Sizes are random and change at every requote: a growing level
 * adds an order at the end of the queue, a shrinking one withdraws its newest orders first. The quantity ahead of an
 * account's order therefore shrinks only through trades (the conservative choice). State: the maker's own resting
 * orders by side and price, changed only in this file.
 */
export class MarketMaker {
  readonly #options: MarketMakerOptions;
  readonly #quotes: Record<Side, Map<Ticks, RestingOrder[]>> = { buy: new Map(), sell: new Map() };
  readonly #touch: Record<Side, Ticks | undefined> = { buy: undefined, sell: undefined };

  constructor(options: MarketMakerOptions) {
    this.#options = options;
  }

  /** Sets both touches to the prices before the first trade, and quotes. */
  open(prices: Readonly<Record<Side, Ticks | undefined>>, nowMs: number, events: ExchangeEvent[]): void {
    if (prices.sell !== undefined) this.#moveTouch('buy', prices.sell);
    if (prices.buy !== undefined) this.#moveTouch('sell', prices.buy);
    this.requote(nowMs, events);
  }

  /**
   * Plays a recorded trade: moves the touch to its price, ensures enough quantity there, takes, and refills the levels.
   */
  play(trade: TapeTrade, nowMs: number, events: ExchangeEvent[]): void {
    const { engine, symbol } = this.#options;
    const { takerSide, price, quantity } = trade;
    const side = oppositeOf(takerSide);
    this.#moveTouch(side, price);
    this.#withdrawCrossed();
    const present = this.#quantityAt(side, price);
    if (present < quantity) this.#quote(side, price, { quantity: (quantity - present) as Lots, nowMs, events });
    engine.take(symbol, { side: takerSide, price, quantity }, nowMs, events);
    this.#shape(0, nowMs, events);
  }

  /** Draws new sizes for about half of the levels. */
  requote(nowMs: number, events: ExchangeEvent[]): void {
    this.#withdrawCrossed();
    this.#shape(0.5, nowMs, events);
  }

  /** Moves a touch. If both touches would meet, the other one moves away by one tick. */
  #moveTouch(side: Side, price: Ticks): void {
    this.#touch[side] = price;
    const other = this.#touch[oppositeOf(side)];
    if (other === undefined) return;
    if (side === 'buy' && other <= price) this.#touch.sell = (price + 1) as Ticks;
    if (side === 'sell' && other >= price) this.#touch.buy = Math.max(1, price - 1) as Ticks;
  }

  /** Withdraws orders at better prices than the touch. */
  #withdrawCrossed(): void {
    for (const side of SIDES) {
      const touch = this.#touch[side];
      for (const price of this.#quotes[side].keys())
        if (touch !== undefined && (side === 'buy' ? price > touch : price < touch))
          this.#withdraw(side, price, Infinity);
    }
  }

  /**
   * Quotes every empty level of the ladder, resizes the others with the given chance, and withdraws all further levels.
   */
  #shape(chance: number, nowMs: number, events: ExchangeEvent[]): void {
    for (const side of SIDES) {
      const touch = this.#touch[side];
      if (touch === undefined) continue;
      const ladder = ladderOf(side, touch, this.#options.levels);
      const kept = new Set(ladder);
      for (const price of this.#quotes[side].keys()) if (!kept.has(price)) this.#withdraw(side, price, Infinity);
      ladder.forEach((price, index) => this.#resize(side, price, { index, chance, nowMs, events }));
    }
  }

  #resize(side: Side, price: Ticks, { index, chance, nowMs, events }: LevelUpdate): void {
    const present = this.#quantityAt(side, price);
    if (present > 0 && (chance === 0 || this.#options.random() >= chance)) return;
    const target = this.#drawSize(index);
    if (target > present) this.#quote(side, price, { quantity: (target - present) as Lots, nowMs, events });
    else this.#withdraw(side, price, present - target);
  }

  /** Deeper levels are larger: 0.5 to 1.5 times the typical size for each step from the touch. */
  #drawSize(index: number): number {
    const { typicalQuantity, random } = this.#options;
    return Math.max(1, Math.round(typicalQuantity * (index + 1) * (0.5 + random())));
  }

  #quote(side: Side, price: Ticks, { quantity, nowMs, events }: Addition): void {
    const { engine, symbol } = this.#options;
    const resting = engine.quote(symbol, { side, price, quantity }, nowMs, events);
    if (resting === undefined) return;
    const orders = this.#quotes[side].get(price);
    if (orders === undefined) this.#quotes[side].set(price, [resting]);
    else orders.push(resting);
  }

  /** Withdraws a quantity, newest orders first. */
  #withdraw(side: Side, price: Ticks, quantity: number): void {
    const { engine, symbol } = this.#options;
    const orders = this.#live(side, price);
    let left = quantity;
    for (let order = orders.at(-1); order !== undefined && left > 0; order = orders.at(-1)) {
      const part = Math.min(left, order.remaining);
      engine.book(symbol).reduce(order, part as Lots);
      left -= part;
      if (order.remaining === 0) orders.pop();
    }
    if (orders.length === 0) this.#quotes[side].delete(price);
  }

  #quantityAt(side: Side, price: Ticks): number {
    let sum = 0;
    for (const order of this.#live(side, price)) sum += order.remaining;
    return sum;
  }

  /** Returns the maker's orders at a price, without those that are fully filled. */
  #live(side: Side, price: Ticks): RestingOrder[] {
    const orders = this.#quotes[side].get(price);
    if (orders === undefined) return [];
    while (orders[0]?.remaining === 0) orders.shift();
    return orders;
  }
}

/** Returns the prices of a ladder, best first: the touch, then multiples of the step behind it. */
export function ladderOf(side: Side, touch: Ticks, levels: number): readonly Ticks[] {
  const step = Math.max(1, Math.round(touch / 10_000));
  const prices = [touch];
  const direction = side === 'buy' ? -1 : 1;
  const onGrid = side === 'buy' ? Math.ceil(touch / step) * step : Math.floor(touch / step) * step;
  for (let level = 1; level < levels; level += 1) {
    const price = onGrid + direction * step * level;
    if (price > 0) prices.push(price as Ticks);
  }
  return prices;
}

const SIDES: readonly Side[] = ['buy', 'sell'];

interface LevelUpdate {
  readonly index: number;
  readonly chance: number;
  readonly nowMs: number;
  readonly events: ExchangeEvent[];
}

interface Addition {
  readonly quantity: Lots;
  readonly nowMs: number;
  readonly events: ExchangeEvent[];
}
