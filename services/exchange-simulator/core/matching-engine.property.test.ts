import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { fromLots, fromTicks, lots, ticks, type Instrument } from '../../shared/domain/instrument.ts';
import { isAccountEvent, VENUE_ORDER_TYPES, type ExchangeEvent, type Filled, type PlaceOrder } from './events.ts';
import { MatchingEngine } from './matching-engine.ts';
import { drain } from './order-book.ts';

const d = parseDecimal;
const PAIR: Instrument = {
  symbol: 'XRP/ETH',
  base: 'XRP',
  quote: 'ETH',
  tickSize: d('0.01'),
  lotSize: d('0.1'),
  minQuantity: d('0.1'),
  minNotional: d('0.001'),
  maxNotional: d('100000'),
  makerFee: d('0.0003'),
  takerFee: d('0.0011'),
};
const ACCOUNTS = ['ann', 'ben'] as const;
const OPENING = { ann: { ETH: d('300'), XRP: d('300') }, ben: { ETH: d('300'), XRP: d('300') } };

type Step =
  | {
      readonly kind: 'place';
      readonly account: string;
      readonly side: 'buy' | 'sell';
      readonly type: PlaceOrder['type'];
      readonly price: number;
      readonly quantity: number;
      readonly spend: boolean;
    }
  | { readonly kind: 'cancel'; readonly account: string; readonly pick: number }
  | {
      readonly kind: 'quote' | 'take';
      readonly side: 'buy' | 'sell';
      readonly price: number;
      readonly quantity: number;
    };

const side = fc.constantFrom('buy' as const, 'sell' as const);
const price = fc.integer({ min: 95, max: 105 });
const quantity = fc.integer({ min: 1, max: 60 });
const account = fc.constantFrom(...ACCOUNTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('place' as const),
    account,
    side,
    type: fc.constantFrom(...VENUE_ORDER_TYPES),
    price,
    quantity,
    spend: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('cancel' as const), account, pick: fc.nat(50) }),
  fc.record({ kind: fc.constantFrom('quote' as const, 'take' as const), side, price, quantity }),
);
const steps = fc.array(step, { maxLength: 60 });

interface Run {
  readonly engine: MatchingEngine;
  readonly events: ExchangeEvent[];
}

function start(): Run {
  return { engine: new MatchingEngine({ instruments: [PAIR], opening: OPENING, idPrefix: '1' }), events: [] };
}

function execute(run: Run, action: Step, nowMs: number): readonly ExchangeEvent[] {
  const { engine } = run;
  const from = run.events.length;
  if (action.kind === 'place') run.events.push(...engine.apply(commandOf(action), nowMs));
  else if (action.kind === 'cancel') {
    const open = engine.ledger.openOrders(action.account);
    const orderId = open[action.pick % Math.max(1, open.length)]?.orderId ?? 'none';
    run.events.push(...engine.apply({ kind: 'cancel', account: action.account, symbol: PAIR.symbol, orderId }, nowMs));
  } else {
    const terms = { side: action.side, price: ticks(action.price), quantity: lots(action.quantity) };
    if (action.kind === 'quote') engine.quote(PAIR.symbol, terms, nowMs, run.events);
    else engine.take(PAIR.symbol, terms, nowMs, run.events);
  }
  return run.events.slice(from);
}

function commandOf(action: Extract<Step, { kind: 'place' }>): PlaceOrder {
  const market = action.type === 'MARKET';
  const spends = market && action.spend && action.side === 'buy';
  return {
    kind: 'place',
    account: action.account,
    clientOrderId: undefined,
    symbol: PAIR.symbol,
    side: action.side,
    type: action.type,
    price: market ? undefined : fromTicks(ticks(action.price), PAIR),
    quantity: spends ? undefined : fromLots(lots(action.quantity), PAIR),
    quoteQuantity: spends ? d(String(action.quantity)) : undefined,
    request: { time: 1, recvWindowMs: 1, receivedAt: 1 },
  };
}

/** Sum of the free and locked balances of all accounts, the holdings of the house, and the fees paid. */
function total(engine: MatchingEngine, asset: string): Decimal {
  const { ledger } = engine;
  let sum = (ledger.house().get(asset) ?? ZERO) + (ledger.fees().get(asset) ?? ZERO);
  for (const name of ledger.accounts()) {
    const { free, locked } = ledger.balance(name, asset);
    expect(free).toBeGreaterThanOrEqual(0n);
    expect(locked).toBeGreaterThanOrEqual(0n);
    sum += free + locked;
  }
  return sum as Decimal;
}

describe('MatchingEngine, for all command sequences', () => {
  it('creates and destroys no asset, and locks exactly the funds of open orders', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const run = start();
        actions.forEach((action, nowMs) => {
          execute(run, action, nowMs);
          expect(total(run.engine, 'ETH')).toBe(d('600'));
          expect(total(run.engine, 'XRP')).toBe(d('600'));
          for (const { asset, locked } of run.engine.ledger.balances('ann')) {
            const orders = run.engine.ledger.openOrders('ann').filter((order) => order.lockedAsset === asset);
            expect(orders.reduce((sum, order) => sum + order.locked, 0n)).toBe(locked);
          }
        });
      }),
    );
  });

  it('never crosses the book, and never fills an order beyond its quantity', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const run = start();
        actions.forEach((action, nowMs) => {
          execute(run, action, nowMs);
          const book = run.engine.book(PAIR.symbol);
          expect(book.bestPrice('buy') ?? 0).toBeLessThan(book.bestPrice('sell') ?? Infinity);
        });
        for (const [orderId, sum] of filledByOrder(run.events)) expectWithin(run.engine, orderId, sum);
      }),
    );
  });

  it('produces the same events for the same commands', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const [first, second] = [start(), start()];
        actions.forEach((action, nowMs) => {
          execute(first, action, nowMs);
          execute(second, action, nowMs);
        });
        expect(textOf(second.events)).toBe(textOf(first.events));
      }),
    );
  });

  it('matches like a plain list of orders', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const run = start();
        const list = new NaiveBook();
        actions.forEach((action, nowMs) => {
          const events = execute(run, action, nowMs);
          expect(
            events.filter((event) => event.kind === 'trade').map(({ price: at, quantity: of }) => [at, of]),
          ).toEqual(list.expected(action, events));
          expect(run.engine.book(PAIR.symbol).levels('buy', 99)).toEqual(list.levels('buy'));
          expect(run.engine.book(PAIR.symbol).levels('sell', 99)).toEqual(list.levels('sell'));
        });
      }),
    );
  });

  it('restores the same accounts and orders from its account events', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const run = start();
        actions.forEach((action, nowMs) => execute(run, action, nowMs));
        const restored = start().engine;
        for (const event of run.events) if (isAccountEvent(event)) restored.restore(event);
        restored.resume();
        for (const name of ACCOUNTS) {
          expect(restored.ledger.balances(name)).toEqual(run.engine.ledger.balances(name));
          expect(restored.ledger.orders(name)).toEqual(run.engine.ledger.orders(name));
        }
        expect(restored.ledger.counts).toEqual(run.engine.ledger.counts);
        expect(restored.ledger.fees()).toEqual(run.engine.ledger.fees());
      }),
    );
  });

  it('produces depth diffs that rebuild its book when applied in order', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const run = start();
        const book = run.engine.book(PAIR.symbol);
        const tracker = book.track();
        const mirror = { buy: new Map<number, number>(), sell: new Map<number, number>() };
        let version = 0;
        actions.forEach((action, nowMs) => {
          execute(run, action, nowMs);
          const change = drain(book, tracker);
          if (change === undefined) return;
          expect(change.fromVersion).toBe(version + 1);
          version = change.toVersion;
          for (const [at, of] of change.bids) mirror.buy.set(at, of);
          for (const [at, of] of change.asks) mirror.sell.set(at, of);
        });
        expect(version).toBe(book.version);
        for (const name of ['buy', 'sell'] as const) {
          const levels = [...mirror[name]]
            .filter(([, of]) => of > 0)
            .sort(([a], [b]) => (name === 'buy' ? b - a : a - b));
          expect(levels).toEqual(book.levels(name, 99));
        }
      }),
    );
  });
});

function filledByOrder(events: readonly ExchangeEvent[]): ReadonlyMap<string, bigint> {
  const filled = new Map<string, bigint>();
  for (const event of events)
    if (event.kind === 'fill') filled.set(event.orderId, (filled.get(event.orderId) ?? 0n) + event.quantity);
  return filled;
}

function expectWithin(engine: MatchingEngine, orderId: string, filled: bigint): void {
  const order = engine.ledger.order(orderId);
  if (order === undefined) throw new Error(`fill of unknown order ${orderId}`);
  expect(order.executed).toBe(filled);
  if (order.quoteQuantity === ZERO) expect(filled).toBeLessThanOrEqual(order.quantity);
  else expect(order.executedQuote).toBeLessThanOrEqual(order.quoteQuantity);
}

function textOf(events: readonly ExchangeEvent[]): string {
  return JSON.stringify(events, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

interface NaiveOrder {
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly seq: number;
  readonly orderId: string;
  left: number;
}

/** Reference implementation: all resting orders in resting array, sorted again for every order. */
class NaiveBook {
  #orders: NaiveOrder[] = [];
  #seq = 0;

  /** Returns the trades that the action must cause, as [price, quantity]. */
  expected(action: Step, events: readonly ExchangeEvent[]): readonly (readonly [Decimal, Decimal])[] {
    if (action.kind === 'cancel') {
      const cancelledId = events.find((event) => event.kind === 'cancelled')?.orderId;
      this.#orders = this.#orders.filter((resting) => resting.orderId !== cancelledId || cancelledId === '');
      return [];
    }
    const placed = events.find((event) => event.kind === 'placed');
    if (action.kind === 'place' && placed === undefined) return [];
    const matched = this.#matching(action);
    if (!mayTrade(action, matched)) return [];
    const order = { ...action, orderId: placed?.orderId ?? '', left: quantityOf(action, events) };
    const trades = matched.map((resting) => {
      const part = Math.min(resting.left, order.left);
      resting.left -= part;
      order.left -= part;
      return [fromTicks(ticks(resting.price), PAIR), fromLots(lots(part), PAIR)] as const;
    });
    if (mayRest(action)) this.#orders.push({ ...order, price: action.price, seq: (this.#seq += 1) });
    this.#orders = this.#orders.filter((resting) => resting.left > 0);
    return mergedByPrice(trades);
  }

  levels(of: 'buy' | 'sell'): readonly (readonly [number, number])[] {
    const sums = new Map<number, number>();
    for (const resting of this.#orders)
      if (resting.side === of) sums.set(resting.price, (sums.get(resting.price) ?? 0) + resting.left);
    return [...sums].sort(([a], [b]) => (of === 'buy' ? b - a : a - b));
  }

  #matching(action: Exclude<Step, { kind: 'cancel' }>): NaiveOrder[] {
    const anyPrice = action.kind === 'place' && action.type === 'MARKET';
    return this.#orders
      .filter((resting) => resting.side !== action.side)
      .filter(
        (resting) =>
          anyPrice || (action.side === 'buy' ? resting.price <= action.price : resting.price >= action.price),
      )
      .sort((a, b) => (action.side === 'buy' ? a.price - b.price : b.price - a.price) || a.seq - b.seq);
  }
}

function mergedByPrice(trades: readonly (readonly [Decimal, Decimal])[]): readonly (readonly [Decimal, Decimal])[] {
  const sums = new Map<Decimal, Decimal>();
  for (const [at, of] of trades) if (of > 0n) sums.set(at, ((sums.get(at) ?? 0n) + of) as Decimal);
  return [...sums];
}

function mayTrade(action: Exclude<Step, { kind: 'cancel' }>, matched: readonly NaiveOrder[]): boolean {
  if (action.kind !== 'place') return true;
  if (action.type === 'LIMIT_MAKER') return matched.length === 0;
  return action.type !== 'FILL_OR_KILL' || matched.reduce((sum, resting) => sum + resting.left, 0) >= action.quantity;
}

function mayRest(action: Exclude<Step, { kind: 'cancel' }>): boolean {
  return (
    action.kind === 'quote' || (action.kind === 'place' && (action.type === 'LIMIT' || action.type === 'LIMIT_MAKER'))
  );
}

/**
 * Quantity of the order in lots. For an order that spends quote, the quantity that it took (another property checks its
 * budget).
 */
function quantityOf(action: Exclude<Step, { kind: 'cancel' }>, events: readonly ExchangeEvent[]): number {
  if (action.kind !== 'place' || action.type !== 'MARKET' || !action.spend || action.side === 'sell')
    return action.quantity;
  const taken = events
    .filter((event): event is Filled => event.kind === 'fill' && !event.maker)
    .reduce((sum, fill) => sum + fill.quantity, 0n);
  return Number(taken / PAIR.lotSize);
}
