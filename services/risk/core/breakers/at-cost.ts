import { add, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { freshRate } from '../currency/conversion.ts';
import { toCurrency } from '../currency/rate.ts';
import type { RiskState } from '../risk-state.ts';

type Priced = Pick<RiskState, 'positions' | 'policy' | 'marks' | 'freshMarks'>;

/**
 * Returns what positions paid for all that is there of an asset, in the currency: what it counts with while it has no
 * live price. Undefined unless positions hold all of it, with a known cost in an asset that has a rate.
 */
export function costOfAsset(state: Priced, asset: string, ledger: Decimal): bigint | undefined {
  let left = ledger;
  let total = 0n;
  for (const { symbol, quantity, cost } of state.positions) {
    const { base, quote } = assetsOf(symbol);
    if (base !== asset || quantity <= ZERO) continue;
    const rate = freshRate(state, quote);
    if (rate.kind === 'Missing' || cost <= ZERO) return undefined;
    left = subtract(left, quantity);
    total = add(total as Decimal, toCurrency(cost, rate, 'ceil') as Decimal);
  }
  return left <= ZERO ? total : undefined;
}
