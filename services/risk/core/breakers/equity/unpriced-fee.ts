import { ZERO, type Decimal } from '../../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../../shared/domain/instrument.ts';
import { freshRate } from '../../currency/conversion.ts';
import type { RiskState } from '../../risk-state.ts';
import { utcDayOf } from '../utc-day.ts';

type Paid = Pick<RiskState, 'equityRecord' | 'feesPaid' | 'nowMs' | 'policy' | 'freshMarks' | 'marks'>;

/**
 * Returns which fee has no price, for people: one in an asset that is not valued, since the baselines were set. They
 * contain all fees before them. The first baseline, and that of a new day, are yet to be set.
 */
export function unpricedFee(
  state: Paid,
  { currency, assets }: { readonly currency: string; readonly assets: readonly string[] },
): string | undefined {
  const { equityRecord: record, feesPaid, nowMs, policy } = state;
  if (record === undefined || utcDayOf(nowMs) > record.dayMs) return undefined;
  const isContained = (asset: string, fee: Decimal): boolean => fee === (record.fees.get(asset) ?? ZERO);
  const asset = [...feesPaid].find(([one, fee]) => !assets.includes(one) && !isContained(one, fee))?.[0];
  if (asset === undefined) return undefined;
  const rate = freshRate(state, asset);
  const isOfPair = policy.symbols.map(assetsOf).some(({ base, quote }) => asset === base || asset === quote);
  return isOfPair && rate.kind === 'Missing'
    ? `fees were paid in ${asset}, and there is ${rate.detail}`
    : `fees were paid in ${asset}, which no configured pair has, such as ${asset}/${currency}`;
}
