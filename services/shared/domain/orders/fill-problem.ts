import { formatDecimal, ZERO } from '../decimal.ts';
import type { TradeTerms } from './fill.ts';
import type { OrderRequest } from './order.ts';

/**
 * Returns why a fill cannot be true, by itself or of its order; undefined for one that may be booked. The fee may have
 * either sign: below zero it is a rebate.
 */
export function fillProblem(
  fill: Pick<TradeTerms, 'symbol' | 'side' | 'price' | 'quantity'>,
  order?: Pick<OrderRequest, 'symbol' | 'side'>,
): string | undefined {
  for (const field of ['price', 'quantity'] as const)
    if (fill[field] <= ZERO) return `${field} ${formatDecimal(fill[field])} of the fill is not above zero`;
  if (order === undefined) return undefined;
  for (const field of ['symbol', 'side'] as const)
    if (fill[field] !== order[field])
      return `${field} ${fill[field]} of the fill is not that of its order, ${order[field]}`;
  return undefined;
}
