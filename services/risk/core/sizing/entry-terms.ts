import type { Entry } from '../../../shared/contracts/services/risk.ts';
import { roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { OrderType } from '../../../shared/domain/orders/order.ts';
import type { RiskState } from '../risk-state.ts';
import { aggressivePrice, farthestPrice } from './order-price.ts';

/** Best prices of a book with both sides. */
interface BestPrices {
  readonly bid: Decimal;
  readonly ask: Decimal;
}

/**
 * Returns the type and the limit price of an entry:
 * - Make rests at the best bid, post-only.
 * - Take buys at once what it gets up to a few ticks above the best ask. FillOrKill buys all of it there, or nothing.
 * - Market buys at once what it gets up to the end of the collar. The venue's own market order has no limit price, so
 *   that nothing would bound what it pays once the book has moved.
 */
export function entryTerms(
  entry: Entry,
  { bid, ask }: BestPrices,
  state: RiskState,
  instrument: Instrument,
): { readonly type: OrderType; readonly price: Decimal } {
  if (entry === 'Make') return { type: 'LIMIT_MAKER', price: roundToStep(bid, instrument.tickSize, 'floor') };
  const near = aggressivePrice('buy', ask, state, instrument);
  if (entry === 'FillOrKill') return { type: 'FILL_OR_KILL', price: near };
  return {
    type: 'IMMEDIATE_OR_CANCEL',
    price: entry === 'Market' ? farthestPrice('buy', { best: ask, near }, state, instrument) : near,
  };
}
