import { roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { largestWithin, smallestOrder } from './smallest-order.ts';

/**
 * Returns how much of `whole` (base, in whole lots, at least the venue's minimum) one exit sells, so that the pieces
 * add up: no piece leaves a rest that the venue does not take. A piece has at most `maxOrderNotional`, in quote, and
 * the venue's maximum. Where the rest would be dust, the piece takes it too, and then exceeds `maxOrderNotional` by
 * less than the venue's minimum; a rest that a falling price would turn to dust is shared with the piece in halves. A
 * limit below the venue's minimum yields to it. Undefined, while no rate converts the limit: the venue's maximum alone
 * counts, because a missing rate must hold up no exit.
 */
export function exitPiece(
  whole: Decimal,
  price: Decimal,
  { instrument, maxOrderNotional }: { readonly instrument: Instrument; readonly maxOrderNotional: bigint | undefined },
): Decimal {
  const smallest = smallestOrder(instrument, price);
  const venueMax = largestWithin(instrument.maxNotional, price, instrument);
  const configured = maxOrderNotional === undefined ? venueMax : largestWithin(maxOrderNotional, price, instrument);
  const largest = greater(configured < venueMax ? configured : venueMax, smallest);
  const rest = whole - largest;
  if (rest <= 0n) return whole;
  if (rest >= 2n * smallest) return largest as Decimal;
  if (rest < smallest && whole <= venueMax) return whole;
  const half = roundToStep((whole / 2n) as Decimal, instrument.lotSize, 'floor');
  return half >= smallest ? half : (largest as Decimal);
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
