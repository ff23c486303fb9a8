import { maximum, minimum, roundToStep, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { lastQuoteRate } from '../currency/conversion.ts';
import { fromCurrency } from '../currency/rate.ts';
import { availableFunds, heldBy, openQuantity, ordersOf } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Sizing } from './draft.ts';
import { exitPiece } from './exit-piece.ts';
import { exitPrice } from './order-price.ts';
import { isDust } from './smallest-order.ts';

/**
 * Sizes the order that leaves a position: all that the strategy certainly holds, but not more than is there, in pieces
 * that add up. While a sale of the strategy is live, none is added, except that one of unknown outcome does not prevent
 * the sale of what is held whatever that outcome is. A buy never does: what it may still add is sold later.
 */
export function sizeExit(state: RiskState, { strategy, symbol }: Pick<Signal, 'strategy' | 'symbol'>): Sizing {
  const held = heldBy(state, strategy, symbol);
  if (held <= ZERO) return { kind: 'NoAction', reason: 'StanceMet' };
  const sales = ordersOf(state, strategy, symbol).filter((order) => order.side === 'sell');
  if (sales.some((order) => order.state !== 'Unknown')) return { kind: 'NoAction', reason: 'OrderLive' };
  const { instrument, book } = state.market;
  if (instrument === undefined || book?.bid === undefined || book.ask === undefined) return { kind: 'Unpriced' };
  const price = exitPrice(state, book.bid, instrument);
  const certain = subtract(held, openQuantity(sales));
  if (isDust(inLots(certain, instrument), state.market, price))
    return { kind: 'NoAction', reason: certain < held ? 'OrderLive' : 'Dust' };
  const whole = sellableOf(state, certain, { instrument, price });
  const rate = lastQuoteRate(state, symbol);
  const { maxOrderNotional: limit } = state.policy.limits;
  const maxOrderNotional = rate.kind === 'Rate' ? fromCurrency(limit, rate, 'floor') : undefined;
  const quantity = exitPiece(whole, price, { instrument, maxOrderNotional });
  return { kind: 'Draft', draft: { side: 'sell', type: 'IMMEDIATE_OR_CANCEL', price, quantity } };
}

interface Terms {
  readonly instrument: Instrument;
  readonly price: Decimal;
}

/**
 * Returns the part of a quantity that is there according to the balance; all of it while that is unknown. With less
 * than the venue's minimum there, all of it too: the balance check refuses it and says what is missing.
 */
function sellableOf(state: RiskState, certain: Decimal, { instrument, price }: Terms): Decimal {
  const available = availableFunds(state, instrument.base) ?? certain;
  const there = inLots(minimum(certain, available), instrument);
  return isDust(there, state.market, price) ? inLots(certain, instrument) : there;
}

function inLots(quantity: Decimal, { lotSize }: Instrument): Decimal {
  return roundToStep(maximum(ZERO, quantity), lotSize, 'floor');
}
