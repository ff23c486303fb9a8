import { formatDecimal, multiply, parseDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { notionalOf, toLots, toTicks, type Instrument, type Lots, type Ticks } from '../../shared/domain/instrument.ts';
import type { PlaceOrder } from './events.ts';
import {
  aboveMaximum,
  belowMinimum,
  CLIENT_ID,
  missing,
  PRICE_RANGE,
  PRICE_SCALE,
  QUANTITY_SCALE,
  TYPE_NOT_ALLOWED,
  type VenueRefusal,
} from './venue-refusal.ts';

/** Validated order in ticks and lots of its instrument, exactly as it is matched. */
export type CheckedOrder =
  | { readonly kind: 'limit'; readonly price: Ticks; readonly quantity: Lots }
  | { readonly kind: 'market'; readonly quantity: Lots }
  | { readonly kind: 'spend'; readonly quote: Decimal };

export type OrderCheck =
  | { readonly ok: true; readonly order: CheckedOrder }
  | { readonly ok: false; readonly refusal: VenueRefusal };

/**
 * Applies the venue's filters in the venue's order: parameters, scale, minimum, maximum, price range (exchangeInfo's
 * baseSizePrecision, quoteAmountPrecision, maxQuoteAmount, and PERCENT_PRICE_BY_SIDE with x5 up for bids and x0.2 down
 * for asks). An undefined `lastPrice` means no trade yet; any price is then allowed.
 */
export function checkOrder(command: PlaceOrder, instrument: Instrument, lastPrice: Decimal | undefined): OrderCheck {
  if (command.clientOrderId !== undefined && !CLIENT_ID_PATTERN.test(command.clientOrderId)) return refused(CLIENT_ID);
  return command.type === 'MARKET' ? checkMarket(command, instrument) : checkLimit(command, instrument, lastPrice);
}

function checkMarket({ side, quantity, quoteQuantity }: PlaceOrder, instrument: Instrument): OrderCheck {
  if (quoteQuantity !== undefined) {
    if (side === 'sell') return refused(TYPE_NOT_ALLOWED);
    return notionalRefusal(quoteQuantity, instrument) ?? accepted({ kind: 'spend', quote: quoteQuantity });
  }
  if (quantity === undefined) return refused(missing(side === 'buy' ? 'quoteOrderQty' : 'quantity'));
  return quantityRefusal(quantity, instrument) ?? accepted({ kind: 'market', quantity: toLots(quantity, instrument) });
}

function checkLimit(
  { side, price, quantity }: PlaceOrder,
  instrument: Instrument,
  lastPrice: Decimal | undefined,
): OrderCheck {
  if (price === undefined) return refused(missing('price'));
  if (quantity === undefined) return refused(missing('quantity'));
  if (price <= ZERO || price % instrument.tickSize !== 0n) return refused(PRICE_SCALE);
  return (
    quantityRefusal(quantity, instrument) ??
    notionalRefusal(notionalOf(price, quantity), instrument) ??
    (outOfRange(side, price, lastPrice) ? refused(PRICE_RANGE) : undefined) ??
    accepted({ kind: 'limit', price: toTicks(price, instrument), quantity: toLots(quantity, instrument) })
  );
}

function quantityRefusal(quantity: Decimal, instrument: Instrument): OrderCheck | undefined {
  if (quantity <= ZERO || quantity % instrument.lotSize !== 0n) return refused(QUANTITY_SCALE);
  if (quantity >= instrument.minQuantity) return undefined;
  return refused(belowMinimum(`${formatDecimal(instrument.minQuantity)}${instrument.base}`));
}

function notionalRefusal(notional: Decimal, instrument: Instrument): OrderCheck | undefined {
  if (notional < instrument.minNotional)
    return refused(belowMinimum(`${formatDecimal(instrument.minNotional)}${instrument.quote}`));
  if (notional > instrument.maxNotional)
    return refused(aboveMaximum(`${formatDecimal(instrument.maxNotional)}${instrument.quote}`));
  return undefined;
}

const RANGE_UP = parseDecimal('5');
const RANGE_DOWN = parseDecimal('0.2');

function outOfRange(side: PlaceOrder['side'], price: Decimal, lastPrice: Decimal | undefined): boolean {
  if (lastPrice === undefined) return false;
  return side === 'buy'
    ? price > multiply(lastPrice, RANGE_UP, 'ceil')
    : price < multiply(lastPrice, RANGE_DOWN, 'floor');
}

const CLIENT_ID_PATTERN = /^[A-Za-z0-9_-]{1,32}$/;

function refused(refusal: VenueRefusal): OrderCheck {
  return { ok: false, refusal };
}

function accepted(order: CheckedOrder): OrderCheck {
  return { ok: true, order };
}
