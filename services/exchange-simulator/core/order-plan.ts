import { add, divideBigint, maximum, multiply, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import {
  fromLots,
  fromTicks,
  notionalOf,
  type Instrument,
  type Lots,
  type Ticks,
} from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import { planMatch, planSpending, type Match, type MatchPlan } from './matching.ts';
import type { OrderBook } from './order-book.ts';
import type { CheckedOrder } from './order-check.ts';

/** Plans the matches of an order against the current book. */
export function planOrder(book: OrderBook, instrument: Instrument, side: Side, order: CheckedOrder): MatchPlan {
  if (order.kind === 'limit') return planMatch(book, { side, limit: order.price, quantity: order.quantity });
  if (order.kind === 'market') return planMatch(book, { side, limit: undefined, quantity: order.quantity });
  return planSpending(book, side, (matches, price) => {
    const rest = (order.quote - costOf(matches, instrument)) as Decimal;
    return affordableLots(rest, price, instrument);
  });
}

/**
 * Returns the funds that the order locks: base for a sell; quote for a buy, including the higher of the two fees,
 * because the order may still become taker or maker.
 */
export function fundsFor(
  instrument: Instrument,
  side: Side,
  order: CheckedOrder,
  plan: MatchPlan,
): { readonly asset: string; readonly amount: Decimal } {
  if (side === 'sell') {
    const quantity = order.kind === 'spend' ? ZERO : fromLots(order.quantity, instrument);
    return { asset: instrument.base, amount: quantity };
  }
  const feeRate = maximum(instrument.makerFee, instrument.takerFee);
  const notional = notionalBound(instrument, order, plan);
  return { asset: instrument.quote, amount: add(notional, multiply(notional, feeRate, 'ceil')) };
}

function notionalBound(instrument: Instrument, order: CheckedOrder, plan: MatchPlan): Decimal {
  if (order.kind === 'spend') return order.quote;
  if (order.kind === 'market') return costOf(plan.matches, instrument);
  return notionalOf(fromTicks(order.price, instrument), fromLots(order.quantity, instrument));
}

function costOf(matches: readonly Match[], instrument: Instrument): Decimal {
  let cost = ZERO;
  for (const { resting, quantity } of matches)
    cost = add(cost, notionalOf(fromTicks(resting.price, instrument), fromLots(quantity, instrument)));
  return cost;
}

/** Returns the public prints of one taker's matches: one print per price. */
export function printsOf(
  matches: readonly Match[],
  instrument: Instrument,
): readonly { readonly price: Decimal; readonly quantity: Decimal }[] {
  const sums = new Map<Ticks, number>();
  for (const { resting, quantity } of matches) sums.set(resting.price, (sums.get(resting.price) ?? 0) + quantity);
  return [...sums].map(([price, quantity]) => ({
    price: fromTicks(price, instrument),
    quantity: fromLots(quantity as Lots, instrument),
  }));
}

/** Number of whole lots that an amount of quote buys at a price. */
function affordableLots(quote: Decimal, price: Ticks, instrument: Instrument): number {
  return Number(divideBigint(quote, notionalOf(fromTicks(price, instrument), instrument.lotSize), 'floor'));
}
