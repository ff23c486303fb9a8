import { maximum, minimum, roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { mayRest } from '../../../shared/domain/orders/order.ts';
import type { Side } from '../../../shared/domain/side.ts';
import { collarAround } from '../checks/collar.ts';
import type { RiskState } from '../risk-state.ts';

/** How far beyond the best price the limit of an immediate-or-cancel order may be, in ticks. */
export const AGGRESSIVE_TICKS = 5n;

/**
 * Returns the best opposite price plus `AGGRESSIVE_TICKS` for a buy, minus for a sale, but not outside the collar. A
 * buy is rounded down to the tick, a sale up: away from the market.
 */
export function aggressivePrice(side: Side, best: Decimal, state: RiskState, { tickSize }: Instrument): Decimal {
  const collar = collarAround(state, side);
  const offset = (AGGRESSIVE_TICKS * tickSize) as Decimal;
  if (side === 'buy') {
    const price = roundToStep((best + offset) as Decimal, tickSize, 'floor');
    return collar === undefined || collar.highest < best
      ? price
      : minimum(price, roundToStep(collar.highest, tickSize, 'floor'));
  }
  const price = roundToStep(maximum(tickSize, (best - offset) as Decimal), tickSize, 'ceil');
  return collar === undefined || collar.lowest > best
    ? price
    : maximum(price, roundToStep(collar.lowest, tickSize, 'ceil'));
}

/**
 * Returns the limit of an exit: aggressive, but above our own resting bids while the market bids more than they do, so
 * that it trades with the market alone. Where one of our bids is the best, the aggressive price remains, which the
 * check for our own orders refuses.
 */
export function exitPrice(state: RiskState, bid: Decimal, instrument: Instrument): Decimal {
  const price = aggressivePrice('sell', bid, state, instrument);
  const { symbol, tickSize } = instrument;
  const own = state.orders.filter((order) => order.symbol === symbol && order.side === 'buy' && mayRest(order.type));
  return own
    .map((order) => (order.price + tickSize) as Decimal)
    .filter((above) => above <= bid)
    .reduce(maximum, price);
}
