import { maximum, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';

/** The product of two decimals has units of 10^-36. */
const ONE_UNIT = 10n ** 18n;

/**
 * Returns the smallest quantity, in base, that the venue takes at a price: a multiple of the lot. Without a price, the
 * smallest at any price. It is compared, never traded, so it may exceed the range of a decimal.
 */
export function smallestOrder({ lotSize, minQuantity, minNotional }: Instrument, price: Decimal | undefined): bigint {
  const forNotional = price === undefined || price <= ZERO ? ZERO : ceilDivide(minNotional * ONE_UNIT, price);
  return ceilDivide(maximum(maximum(minQuantity, lotSize), forNotional as Decimal), lotSize) * lotSize;
}

/** Returns the largest quantity, in base and in whole lots, whose notional is at most `notional`. */
export function largestWithin(notional: bigint, price: Decimal, { lotSize }: Instrument): bigint {
  const quantity = (notional * ONE_UNIT) / price;
  return quantity - (quantity % lotSize);
}

/** Whether a quantity is below the venue's minimum. False while the instrument is unknown, unless nothing is held. */
export function isDust(quantity: Decimal, { instrument, book }: MarketSnapshot, price = book?.bid): boolean {
  if (quantity <= ZERO) return true;
  return instrument !== undefined && quantity < smallestOrder(instrument, price);
}

/** Returns the lowest price, in whole ticks, at which the notional of a quantity reaches the venue's minimum. */
export function leastPrice(quantity: Decimal, { minNotional, tickSize }: Instrument): Decimal | undefined {
  if (quantity <= ZERO) return undefined;
  return (ceilDivide(ceilDivide(minNotional * ONE_UNIT, quantity), tickSize) * tickSize) as Decimal;
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
