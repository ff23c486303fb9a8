import { add, multiply, parseDecimal, roundToStep, type Decimal } from '../../shared/domain/decimal.ts';
import { notionalOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { OrderRequest } from '../../shared/domain/orders/order.ts';

/** Parts of the last price at which orders rest: too far away to fill, and within what the venue takes. */
const BID_SHARE = parseDecimal('0.7');
const ASK_SHARE = parseDecimal('1.4');
/** Above every offer near the last price. */
const MARKET_SHARE = parseDecimal('1.02');

/**
 * Returns the next order of a person: an offer of all that is free of the base asset far above the market, or, where
 * the venue would not take so little, a buy far below it.
 */
export function foreignOrder(
  instrument: Instrument,
  last: Decimal,
  free: Decimal,
): Pick<OrderRequest, 'side' | 'price' | 'quantity'> {
  const { lotSize, minQuantity, minNotional } = instrument;
  const held = roundToStep(free, lotSize, 'floor');
  if (held >= minQuantity && notionalOf(last, held) >= minNotional)
    return { side: 'sell', price: priceAt(instrument, last, ASK_SHARE), quantity: held };
  return { side: 'buy', price: priceAt(instrument, last, BID_SHARE), quantity: quantityOf(instrument) };
}

/** Returns the order of a person who buys at the market: enough that ledger and venue differ by more than dust. */
export function foreignBuy(instrument: Instrument, last: Decimal): Pick<OrderRequest, 'side' | 'price' | 'quantity'> {
  return { side: 'buy', price: priceAt(instrument, last, MARKET_SHARE), quantity: quantityOf(instrument) };
}

function quantityOf({ minQuantity, minNotional }: Instrument): Decimal {
  return add(minQuantity, multiply(minNotional, parseDecimal('10000'), 'floor'));
}

function priceAt({ tickSize }: Instrument, last: Decimal, share: Decimal): Decimal {
  return roundToStep(multiply(last, share, 'floor'), tickSize, 'floor');
}
