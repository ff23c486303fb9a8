import { add, multiply, parseDecimal, roundToStep, type Decimal } from '../../shared/domain/decimal.ts';
import { notionalOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { OrderRequest } from '../../shared/domain/orders/order.ts';

/** Parts of the last price at which orders rest: too far away to fill, and within what the venue takes. */
const BID_SHARE = parseDecimal('0.7');
const ASK_SHARE = parseDecimal('1.4');

/**
 * Returns the next order of a person: an offer of all that is free of the base asset far above the market, or, where
 * the venue would not take so little, a buy far below it.
 */
export function foreignOrder(
  instrument: Instrument,
  last: Decimal,
  free: Decimal,
): Pick<OrderRequest, 'side' | 'price' | 'quantity'> {
  const { tickSize, lotSize, minQuantity, minNotional } = instrument;
  const priceAt = (share: Decimal): Decimal => roundToStep(multiply(last, share, 'floor'), tickSize, 'floor');
  const held = roundToStep(free, lotSize, 'floor');
  if (held >= minQuantity && notionalOf(last, held) >= minNotional)
    return { side: 'sell', price: priceAt(ASK_SHARE), quantity: held };
  const quantity = add(minQuantity, multiply(minNotional, parseDecimal('10000'), 'floor'));
  return { side: 'buy', price: priceAt(BID_SHARE), quantity };
}
