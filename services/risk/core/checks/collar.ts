import {
  add,
  multiply,
  ONE,
  parseDecimal,
  subtract,
  divide,
  maximum,
  minimum,
  type Decimal,
} from '../../../shared/domain/decimal.ts';
import { midPrice } from '../../../shared/domain/market-snapshot.ts';
import type { RiskState } from '../risk-state.ts';

export interface Collar {
  readonly lowest: Decimal;
  readonly highest: Decimal;
}

const HUNDRED = parseDecimal('100');

/**
 * Prices within `priceCollarPercent` of both references, the middle of our book and the last trade: one bad print alone moves only one of them, and the
 * collar then becomes narrower or empty, never wider. Undefined while a reference is missing.
 */
export function collarAround({ market, policy }: RiskState): Collar | undefined {
  const mid = midPrice(market.book?.bid, market.book?.ask);
  const trade = market.lastTrade?.price;
  if (mid === undefined || trade === undefined) return undefined;
  const part = divide(policy.limits.priceCollarPercent, HUNDRED, 'floor');
  return {
    lowest: multiply(maximum(mid, trade), subtract(ONE, part), 'ceil'),
    highest: multiply(minimum(mid, trade), add(ONE, part), 'floor'),
  };
}
