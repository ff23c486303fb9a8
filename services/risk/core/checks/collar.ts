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
 * Returns the prices within `priceCollarPercent` of the references of a side. A buy has two, the mid price and the
 * last trade: one bad print moves only one of them, and the collar then becomes narrower or empty, never wider. A
 * sale has the mid price alone: an exit must not wait for somebody to trade. Where nobody asks, it has the bid
 * or the last trade, whichever is higher, if that trade is recent: a lone bid says nothing about the price. Undefined
 * while a reference is missing.
 */
export function collarAround(state: RiskState, side: Side): Collar | undefined {
  const { market, policy } = state;
  const one = side === 'buy' ? midPrice(market.book?.bid, market.book?.ask) : saleReference(state);
  const other = side === 'buy' ? market.lastTrade?.price : one;
  if (one === undefined || other === undefined) return undefined;
  const share = divide(policy.limits.priceCollarPercent, HUNDRED, 'floor');
  return {
    lowest: multiply(maximum(one, other), subtract(ONE, share), 'ceil'),
    highest: multiply(minimum(one, other), add(ONE, share), 'floor'),
  };
}

function saleReference({ market, policy, nowMs }: RiskState): Decimal | undefined {
  const { bid, ask } = market.book ?? {};
  const trade = market.lastTrade;
  const isRecent = trade !== undefined && Math.abs(nowMs - trade.tradedAt) <= policy.limits.maxTradeAgeMs;
  return midPrice(bid, ask) ?? (bid !== undefined && isRecent ? maximum(bid, trade.price) : undefined);
}
