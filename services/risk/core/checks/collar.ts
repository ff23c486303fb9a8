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

/** Inclusive price range, in quote. */
export interface Collar {
  readonly lowest: Decimal;
  readonly highest: Decimal;
}

const HUNDRED = parseDecimal('100');

/**
 * Returns the prices within `priceCollarPercent` of both references, the mid price and the last trade. One bad print
 * moves only one reference, and the collar then becomes narrower or empty, never wider. Undefined while a reference is
 * missing.
 */
export function collarAround({ market, policy }: RiskState): Collar | undefined {
  const mid = midPrice(market.book?.bid, market.book?.ask);
  const trade = market.lastTrade?.price;
  if (mid === undefined || trade === undefined) return undefined;
  const share = divide(policy.limits.priceCollarPercent, HUNDRED, 'floor');
  return {
    lowest: multiply(maximum(mid, trade), subtract(ONE, share), 'ceil'),
    highest: multiply(minimum(mid, trade), add(ONE, share), 'floor'),
  };
}
