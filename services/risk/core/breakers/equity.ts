import { add, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { currencyOf, freshRate } from '../currency/conversion.ts';
import { toCurrency } from '../currency/rate.ts';
import { MAX_BALANCE_AGE_MS } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import { rowOfEquity, textOfRow } from '../unread-rows.ts';
import { utcDayOf } from './utc-day.ts';

/** The value of the account at one time, and what it was computed from. */
export interface Equity {
  readonly kind: 'Equity';
  readonly currency: string;
  /** The assets that are valued, sorted. */
  readonly assets: readonly string[];
  readonly equity: Decimal;
  /** Value of transfers that were booked, by asset and amount. Undefined while a rate is missing. */
  readonly worthOf: (asset: string, amount: Decimal) => Decimal | undefined;
}

export interface UnknownEquity {
  readonly kind: 'Unknown';
  readonly detail: string;
}

export type EquityState = Omit<RiskState, 'market'>;

/**
 * Values the account in the currency of the limits, at the middle of fresh books. The balances are those of the ledger,
 * of the assets of the configured pairs: they contain what open orders reserve, and are less every fee that was paid
 * from them. Unknown while a rate or a row is missing, while ledger and venue have not been compared recently, and
 * after a fee in an asset of no pair that the baselines of loss and drawdown do not contain: what it cost has no price.
 */
export function equityOf(state: EquityState): Equity | UnknownEquity {
  const currency = currencyOf(state.policy);
  if (currency === undefined) return unknown('risk.currency is not set, and the pairs have several quote assets');
  const comparedMs = Math.max(0, ...state.balances.map(({ reconciledAtMs }) => reconciledAtMs));
  if (state.nowMs - comparedMs > MAX_BALANCE_AGE_MS)
    return unknown('the ledger was not compared with the venue recently');
  const assets = valuedAssets(state.policy.symbols);
  const unread = rowOfEquity(state.unread, assets);
  if (unread !== undefined) return unknown(`a row cannot be read: ${textOfRow(unread)}`);
  const unpriced = unpricedFee(state, assets);
  if (unpriced !== undefined)
    return unknown(`fees were paid in ${unpriced}, which no configured pair has, such as ${unpriced}/${currency}`);
  let total = 0n;
  for (const { asset, ledger } of state.balances) {
    if (ledger === ZERO || !assets.includes(asset)) continue;
    const rate = freshRate(state, asset);
    if (rate.kind === 'Missing') return unknown(rate.detail);
    total += toCurrency(ledger, rate, 'floor');
  }
  const worthOf = (asset: string, amount: Decimal): Decimal | undefined => {
    const rate = freshRate(state, asset);
    return rate.kind === 'Missing' ? undefined : inRange(toCurrency(amount, rate, 'floor'));
  };
  return { kind: 'Equity', currency, assets, equity: inRange(total), worthOf };
}

/** Baselines contain all fees before them. The first one, and that of a new day, are yet to be set. */
function unpricedFee(
  { equityRecord: record, feesPaid, nowMs }: EquityState,
  assets: readonly string[],
): string | undefined {
  if (record === undefined || utcDayOf(nowMs) > record.dayMs) return undefined;
  const isContained = (asset: string, fee: Decimal): boolean => fee === (record.fees.get(asset) ?? ZERO);
  return [...feesPaid].find(([asset, fee]) => !assets.includes(asset) && !isContained(asset, fee))?.[0];
}

function valuedAssets(symbols: readonly string[]): readonly string[] {
  const pairs = symbols.map(assetsOf);
  return [...new Set(pairs.flatMap(({ base, quote }) => [base, quote]))].sort();
}

function unknown(detail: string): UnknownEquity {
  return { kind: 'Unknown', detail };
}

function inRange(value: bigint): Decimal {
  return add(value as Decimal, ZERO);
}
