import type { Lots, Ticks } from '../../shared/domain/instrument.ts';
import { oppositeOf, type Side } from '../../shared/domain/side.ts';
import type { ExchangeEvent } from './events.ts';
import type { Exchange } from './matching-engine.ts';
import type { RestingOrder } from './order-book.ts';
import type { Random } from './random.ts';
import type { TapeTrade } from './tape.ts';

export interface MarketMakerOptions {
  readonly exchange: Exchange;
  readonly symbol: string;
  /** Levels a side. */
  readonly levels: number;
  /** Size that the levels' sizes vary around. */
  readonly typicalQuantity: Lots;
  readonly random: Random;
}

/**
 * The house's liquidity around a tape. The price at which a taker last sold is its bid, the one at which a taker last bought its ask; behind each
 * stand further levels on a grid of a basis point, so that a small move keeps their place in the queue. Sizes are drawn and change at every requote:
 * a growing level adds an order at the queue's end, a shrinking one gives up its newest orders first, so the quantity ahead of an account's order
 * goes away only by trades (the cautious side). State: its own resting orders by side and price; only this file changes them.
 */
export class MarketMaker {
  readonly #options: MarketMakerOptions;
  readonly #quotes: Record<Side, Map<Ticks, RestingOrder[]>> = { buy: new Map(), sell: new Map() };
  readonly #touch: Record<Side, Ticks | undefined> = { buy: undefined, sell: undefined };

  constructor(options: MarketMakerOptions) {
    this.#options = options;
  }

  /** Sets both touches, as known before the first trade, and quotes. */
  open(prices: Readonly<Record<Side, Ticks | undefined>>, now: number, events: ExchangeEvent[]): void {
    if (prices.sell !== undefined) this.#moveTouch('buy', prices.sell);
    if (prices.buy !== undefined) this.#moveTouch('sell', prices.buy);
    this.requote(now, events);
  }

  /** Plays a recorded trade: brings the touch to its price with enough there, lets the taker come, and closes the gaps. */
  play(trade: TapeTrade, now: number, events: ExchangeEvent[]): void {
    const { exchange, symbol } = this.#options;
    const { takerSide, price, quantity } = trade;
    const side = oppositeOf(takerSide);
    this.#moveTouch(side, price);
    this.#withdrawCrossed();
    const there = this.#quantityAt(side, price);
    if (there < quantity) this.#quote(side, price, { quantity: (quantity - there) as Lots, now, events });
    exchange.take(symbol, { side: takerSide, price, quantity }, now, events);
    this.#shape(0, now, events);
  }

  /** Draws new sizes for about half of the levels. */
  requote(now: number, events: ExchangeEvent[]): void {
    this.#withdrawCrossed();
    this.#shape(0.5, now, events);
  }

  /** A touch pushes the other one away where they would meet. */
  #moveTouch(side: Side, price: Ticks): void {
    this.#touch[side] = price;
    const other = this.#touch[oppositeOf(side)];
    if (other === undefined) return;
    if (side === 'buy' && other <= price) this.#touch.sell = (price + 1) as Ticks;
    if (side === 'sell' && other >= price) this.#touch.buy = Math.max(1, price - 1) as Ticks;
  }

  /** Takes back what stands before the touch. */
  #withdrawCrossed(): void {
    for (const side of SIDES) {
      const touch = this.#touch[side];
      for (const price of this.#quotes[side].keys())
        if (touch !== undefined && (side === 'buy' ? price > touch : price < touch))
          this.#withdraw(side, price, Infinity);
    }
  }

  /** Quotes every level of the ladder that has nothing, resizes each other one with the given chance, and leaves all further ones. */
  #shape(chance: number, now: number, events: ExchangeEvent[]): void {
    for (const side of SIDES) {
      const touch = this.#touch[side];
      if (touch === undefined) continue;
      const ladder = ladderOf(side, touch, this.#options.levels);
      const kept = new Set(ladder);
      for (const price of this.#quotes[side].keys()) if (!kept.has(price)) this.#withdraw(side, price, Infinity);
      ladder.forEach((price, index) => this.#resize(side, price, { index, chance, now, events }));
    }
  }

  #resize(side: Side, price: Ticks, { index, chance, now, events }: LevelTurn): void {
    const there = this.#quantityAt(side, price);
    if (there > 0 && (chance === 0 || this.#options.random() >= chance)) return;
    const target = this.#drawSize(index);
    if (target > there) this.#quote(side, price, { quantity: (target - there) as Lots, now, events });
    else this.#withdraw(side, price, there - target);
  }

  /** Deeper levels hold more: 0.5 to 1.5 times the typical size for each step behind the touch. */
  #drawSize(index: number): number {
    const { typicalQuantity, random } = this.#options;
    return Math.max(1, Math.round(typicalQuantity * (index + 1) * (0.5 + random())));
  }

  #quote(side: Side, price: Ticks, { quantity, now, events }: Addition): void {
    const { exchange, symbol } = this.#options;
    const resting = exchange.quote(symbol, { side, price, quantity }, now, events);
    if (resting === undefined) return;
    const orders = this.#quotes[side].get(price);
    if (orders === undefined) this.#quotes[side].set(price, [resting]);
    else orders.push(resting);
  }

  /** Takes a quantity back, newest orders first. */
  #withdraw(side: Side, price: Ticks, quantity: number): void {
    const { exchange, symbol } = this.#options;
    const orders = this.#live(side, price);
    let left = quantity;
    for (let order = orders.at(-1); order !== undefined && left > 0; order = orders.at(-1)) {
      const part = Math.min(left, order.remaining);
      exchange.book(symbol).reduce(order, part as Lots);
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

  /** Its orders at a price without those that trades used up. */
  #live(side: Side, price: Ticks): RestingOrder[] {
    const orders = this.#quotes[side].get(price);
    if (orders === undefined) return [];
    while (orders[0]?.remaining === 0) orders.shift();
    return orders;
  }
}

/** Prices of a ladder, best first: the touch, then multiples of the step behind it. */
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

interface LevelTurn {
  readonly index: number;
  readonly chance: number;
  readonly now: number;
  readonly events: ExchangeEvent[];
}

interface Addition {
  readonly quantity: Lots;
  readonly now: number;
  readonly events: ExchangeEvent[];
}
