import { maximum, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { mayRest } from '../../../shared/domain/orders/order.ts';
import type { RiskState } from '../risk-state.ts';
import { aggressivePrice, farthestPrice } from './order-price.ts';

/**
 * How far below the bid an exit may sell. Near: a few ticks, for the first one, which comes from the signal. Collar:
 * whatever the collar allows, for stops, Flattening and every repetition, because in a falling market the bid is lower
 * when the order arrives. Either way the venue fills it at the best bids that are there.
 */
export type ExitReach = 'Near' | 'Collar';

/**
 * Returns the lowest price at which an exit sells: above our own resting bids while the market bids more than they do,
 * so that it trades with the market alone. Where one of our bids is the best, the check for our own orders refuses it.
 */
export function exitPrice(state: RiskState, bid: Decimal, instrument: Instrument, reach: ExitReach): Decimal {
  const near = aggressivePrice('sell', bid, state, instrument);
  const price = reach === 'Near' ? near : farthestPrice('sell', { best: bid, near }, state, instrument);
  const { symbol, tickSize } = instrument;
  const own = state.orders.filter((order) => order.symbol === symbol && order.side === 'buy' && mayRest(order.type));
  return own
    .map((order) => (order.price + tickSize) as Decimal)
    .filter((above) => above <= bid)
    .reduce(maximum, price);
}
