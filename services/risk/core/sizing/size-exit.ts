import { maximum, minimum, roundToStep, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { lastQuoteRate } from '../currency/conversion.ts';
import { fromCurrency } from '../currency/rate.ts';
import { workingSale } from '../exits/working-sale.ts';
import { certainlyHeld, heldBy, type Pair } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import { isAbsent } from './absent-position.ts';
import type { NoActionReason, Sizing } from './draft.ts';
import { exitFunds } from './exit-funds.ts';
import { exitPiece } from './exit-piece.ts';
import { exitPrice, type ExitReach } from './exit-price.ts';
import { isDust, leastPrice } from './smallest-order.ts';

/**
 * Sizes the order that leaves a position: all that the strategy certainly holds, but not more than is there, in pieces
 * that add up. While a sale of the strategy works the position, none is added. One that may have ended does not prevent
 * the sale of what is held whatever became of it. A buy never does: what it may still add is sold later.
 */
export function sizeExit(state: RiskState, pair: Pair, reach: ExitReach): Sizing {
  const { strategy, symbol } = pair;
  const held = heldBy(state, strategy, symbol);
  if (held <= ZERO) return { kind: 'NoAction', reason: 'StanceMet' };
  if (workingSale(state, pair) !== undefined) return { kind: 'NoAction', reason: 'OrderLive' };
  const { instrument, book } = state.market;
  if (instrument === undefined || book?.bid === undefined) return { kind: 'Unpriced' };
  const certain = certainlyHeld(state, pair);
  const available = exitFunds(state, pair) ?? certain;
  const there = inLots(minimum(certain, available), instrument);
  const price = takenPrice(exitPrice(state, book.bid, instrument, reach), {
    bid: book.bid,
    quantity: isDust(there, state.market) ? inLots(certain, instrument) : there,
    instrument,
  });
  const reason = unsellable(state, pair, { instrument, price });
  if (reason !== undefined) return { kind: 'NoAction', reason };
  // With less than the venue's minimum there, all of it: the balance check refuses it and says what is missing.
  const whole = isDust(there, state.market, price) ? inLots(certain, instrument) : there;
  const quantity = exitPiece(whole, price, { instrument, maxOrderNotional: largestPiece(state, symbol) });
  return { kind: 'Draft', draft: { side: 'sell', type: 'IMMEDIATE_OR_CANCEL', price, quantity } };
}

interface Terms {
  readonly instrument: Instrument;
  readonly price: Decimal;
}

/**
 * Returns a price at which the venue takes a quantity, if there is one up to the bid: it values an order at its limit,
 * which may be far below what the order is paid.
 */
function takenPrice(
  price: Decimal,
  { bid, quantity, instrument }: { readonly bid: Decimal; readonly quantity: Decimal; readonly instrument: Instrument },
): Decimal {
  const least = leastPrice(quantity, instrument);
  return least === undefined || least > bid ? price : maximum(price, least);
}

/** Why nothing can be sold: too little is certainly held, or there. Undefined if something can. */
function unsellable(state: RiskState, pair: Pair, { instrument, price }: Terms): NoActionReason | undefined {
  const certain = certainlyHeld(state, pair);
  if (isDust(inLots(certain, instrument), state.market, price))
    return certain < heldBy(state, pair.strategy, pair.symbol) ? 'OrderLive' : 'Dust';
  return isAbsent(state, pair, price) ? 'Dust' : undefined;
}

/** In quote, beyond the range of a decimal if need be; undefined while the rate of its currency is unknown. */
function largestPiece(state: RiskState, symbol: string): bigint | undefined {
  const rate = lastQuoteRate(state, symbol);
  return rate.kind === 'Rate' ? fromCurrency(state.policy.limits.maxOrderNotional, rate, 'floor') : undefined;
}

function inLots(quantity: Decimal, { lotSize }: Instrument): Decimal {
  return roundToStep(maximum(ZERO, quantity), lotSize, 'floor');
}
