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
import type { Side } from '../../../shared/domain/side.ts';
import type { RiskState } from '../risk-state.ts';

/** Inclusive price range, in quote. */
export interface Collar {
  readonly lowest: Decimal;
  readonly highest: Decimal;
}

const HUNDRED = parseDecimal('100');

/**
 * Returns the prices within `priceCollarPercent` of the references of a side. A buy has two, the mid price and the last
 * trade: one bad print moves only one of them, and the collar then becomes narrower or empty, never wider. A sale has
 * the mid price alone: an exit must not wait for somebody to trade. Undefined while a reference is missing.
 */
export function collarAround({ market, policy }: RiskState, side: Side): Collar | undefined {
  const mid = midPrice(market.book?.bid, market.book?.ask);
  const trade = side === 'sell' ? mid : market.lastTrade?.price;
  if (mid === undefined || trade === undefined) return undefined;
  const share = divide(policy.limits.priceCollarPercent, HUNDRED, 'floor');
  return {
    lowest: multiply(maximum(mid, trade), subtract(ONE, share), 'ceil'),
    highest: multiply(minimum(mid, trade), add(ONE, share), 'floor'),
  };
}
