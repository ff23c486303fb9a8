import { add, divide, parseDecimal, type Decimal } from './decimal.ts';

const TWO = parseDecimal('2');

/** Halfway between best bid and best ask, rounded down at 18 decimals; undefined while either side is missing. */
export function midPrice(bid: Decimal | undefined, ask: Decimal | undefined): Decimal | undefined {
  return bid === undefined || ask === undefined ? undefined : divide(add(bid, ask), TWO, 'floor');
}
