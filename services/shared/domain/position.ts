import { add, divideBigint, minimum, subtract, ZERO, type Decimal } from './decimal.ts';
import type { TradeTerms } from './orders/fill.ts';
import { assetsOf, notionalOf } from './instrument.ts';

/**
 * Position of a strategy in an instrument. Spot, so never short. Average-cost method: fees in base reduce the quantity,
 * fees in quote reduce the P&L.
 */
export interface Position {
  /** Base amount held. */
  readonly quantity: Decimal;
  /** Cost of the held quantity, in quote. */
  readonly cost: Decimal;
  /** Realised P&L of closed parts less quote fees, in quote. Without fees in a third asset: see thirdAssetFeesOf. */
  readonly realised: Decimal;
}

export const FLAT: Position = { quantity: ZERO, cost: ZERO, realised: ZERO };

/**
 * Returns the position after one trade. Throws DecimalError when an amount exceeds the range of a decimal: the notional
 * of the trade, or what is held after it. A fee in base reduces the held quantity, not the cost. A fee in a third asset
 * appears in the ledger only, and is named beside the profit.
 */
export function applyFill(position: Position, trade: TradeTerms): Position {
  const { base, quote } = assetsOf(trade.symbol);
  const notional = notionalOf(trade.price, trade.quantity);
  const baseFee = trade.feeAsset === base ? trade.fee : ZERO;
  const quoteFee = trade.feeAsset === quote ? trade.fee : ZERO;
  if (trade.side === 'buy') {
    return {
      quantity: subtract(add(position.quantity, trade.quantity), baseFee),
      cost: add(position.cost, notional),
      realised: subtract(position.realised, quoteFee),
    };
  }
  const sold = add(trade.quantity, baseFee);
  const costOfSold = costShare(position, sold);
  return {
    quantity: subtract(position.quantity, sold),
    cost: subtract(position.cost, costOfSold),
    realised: subtract(add(position.realised, subtract(notional, costOfSold)), quoteFee),
  };
}

function costShare(position: Position, sold: Decimal): Decimal {
  if (position.quantity <= 0n) return ZERO;
  const share = minimum(sold, position.quantity);
  if (share === position.quantity) return position.cost;
  // In bigint: the product may exceed the range of a decimal, and the share never does, because it is below the cost.
  return divideBigint(position.cost * share, position.quantity, 'floor') as Decimal;
}
