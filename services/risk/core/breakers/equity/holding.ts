import { ONE, ZERO, type Decimal } from '../../../../shared/domain/decimal.ts';
import { freshRate } from '../../currency/conversion.ts';
import type { Rate } from '../../currency/rate.ts';
import type { RiskState } from '../../risk-state.ts';
import type { EquityRecord } from '../breaker.ts';

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
  const last = lastRate(record, currency, asset);
  // Records of a release before have no rates, and what is owed may cost any amount.
  const isUnknown = last === undefined ? ledger !== ZERO && record?.assets.includes(asset) === true : ledger < ZERO;
  if (isUnknown) return { kind: 'Unpriced', missing: fresh.detail };
  return last === undefined ? undefined : { kind: 'Holding', asset, ledger, rate: last, missing: fresh.detail };
}

/** The rate that was last confirmed, in the same currency. */
function lastRate(record: EquityRecord | undefined, currency: string, asset: string): Rate | undefined {
  const last = record?.currency === currency ? record.rates.get(asset) : undefined;
  return last === undefined ? undefined : { kind: 'Rate', dividend: last, divisor: ONE };
}
