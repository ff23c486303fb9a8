import { ZERO, type Decimal } from '../../../../shared/domain/decimal.ts';
import { freshRate } from '../../currency/conversion.ts';
import type { Rate } from '../../currency/rate.ts';
import type { RiskState } from '../../risk-state.ts';
import { lastRate } from './last-rate.ts';

/** An amount of an asset, and what a unit of it is worth. */
export interface Holding {
  readonly kind: 'Holding';
  readonly asset: string;
  readonly ledger: Decimal;
  readonly rate: Rate;
  /** Which fresh price is missing: the rate is the last one. */
  readonly missing: string | undefined;
}

/** An amount of an asset whose value is unknown. */
export interface UnpricedHolding {
  readonly kind: 'Unpriced';
  readonly missing: string;
}

type Valued = Pick<RiskState, 'balances' | 'equityRecord' | 'policy' | 'freshMarks' | 'marks'>;

/** Values what the ledger has of an asset. Undefined: the asset never had a price. */
export function holdingOf(state: Valued, currency: string, asset: string): Holding | UnpricedHolding | undefined {
  const { balances, equityRecord: record } = state;
  const ledger = balances.find((one) => one.asset === asset)?.ledger ?? ZERO;
  const fresh = freshRate(state, asset);
  if (fresh.kind === 'Rate') return { kind: 'Holding', asset, ledger, rate: fresh, missing: undefined };
  const rate = record && lastRate(record, currency, asset);
  if (rate !== undefined) return { kind: 'Holding', asset, ledger, rate, missing: fresh.detail };
  // The baselines contain it, and what it was worth is not recorded.
  const isContained = ledger !== ZERO && record?.assets.includes(asset) === true;
  return isContained ? { kind: 'Unpriced', missing: fresh.detail } : undefined;
}
