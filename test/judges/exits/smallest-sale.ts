import { divide, maximum, roundToStep, type Decimal } from '../../../services/shared/domain/decimal.ts';
import type { Instrument } from '../../../services/shared/domain/instrument.ts';

/**
 * Returns the smallest quantity, in base, that the venue takes at `price` or above: whole lots of at least its minimum
 * quantity and its minimum notional. A smaller position cannot be sold, whoever works it.
 */
export function smallestSale(
  { lotSize, minQuantity, minNotional }: Pick<Instrument, 'lotSize' | 'minQuantity' | 'minNotional'>,
  price: Decimal,
): Decimal {
  const least = maximum(lotSize, maximum(minQuantity, divide(minNotional, price, 'ceil')));
  return roundToStep(least, lotSize, 'ceil');
}
