import { add, ONE, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { currencyOf, freshRate } from '../currency/conversion.ts';
import { toCurrency, type Rate } from '../currency/rate.ts';
import { MAX_BALANCE_AGE_MS } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import { rowOfEquity, textOfRow } from '../unread-rows.ts';
import type { EquityRecord } from './breaker.ts';
import { utcDayOf } from './utc-day.ts';

/** The value of the account at one time, and what it was computed from. */
export interface Equity {
  readonly kind: 'Equity';
  readonly currency: string;
  /** The assets that are valued, sorted. */
  readonly assets: readonly string[];
  readonly equity: Decimal;
  /** What one unit of each of them is worth: by fresh books, or as it was last confirmed. */
  readonly rates: ReadonlyMap<string, Decimal>;
  /** The part of the equity that has no fresh price, at what it was last worth. It may be worth nothing now. */
  readonly uncertain: Decimal;
  /** Which prices are missing for it, for people; empty if none is. */
  readonly missing: string;
}

export interface UnknownEquity {
  readonly kind: 'Unknown';
  readonly detail: string;
}

export type EquityState = Omit<RiskState, 'market'>;

/**
 * Values the account in the currency of the limits, at the middle of fresh books. The balances are those of the ledger,
 * of the assets of the configured pairs: they contain what open orders reserve, and are less every fee that was paid
 * from them. An asset whose books are silent, or whose pair is gone, counts at the rate of the record, so that a gap of
 * a feed is neither a loss nor a profit; one that never had a price is not valued. Unknown while a row is missing,
 * while ledger and venue have not been compared recently, and after a fee in an asset of no pair that the baselines of
 * loss and drawdown do not contain: what it cost has no price.
 */
export function equityOf(state: EquityState): Equity | UnknownEquity {
  const currency = currencyOf(state.policy);
  if (currency === undefined) return unknown('risk.currency is not set, and the pairs have several quote assets');
  const comparedMs = Math.max(0, ...state.balances.map(({ reconciledAtMs }) => reconciledAtMs));
  if (state.nowMs - comparedMs > MAX_BALANCE_AGE_MS)
    return unknown('the ledger was not compared with the venue recently');
  const assets = assetsOfPairs(state.policy.symbols);
  const unread = rowOfEquity(state.unread, assets);
  if (unread !== undefined) return unknown(`a row cannot be read: ${textOfRow(unread)}`);
  const valued = valueOf(state, currency, assets);
  const unpriced = valued.kind === 'Equity' ? unpricedFee(state, valued.assets) : undefined;
  return unpriced === undefined ? valued : unknown(feeDetail(state, currency, unpriced));
}

function valueOf(state: EquityState, currency: string, assets: readonly string[]): Equity | UnknownEquity {
  const holdings = assets.map((asset) => holdingOf(state, currency, asset)).filter((one) => one !== undefined);
  const unknownOne = holdings.find((one) => one.kind === 'Unknown');
  if (unknownOne !== undefined) return unknownOne;
  const known = holdings.filter((one) => one.kind === 'Holding');
  const unpriced = known.filter(({ ledger, missing }) => missing !== undefined && ledger !== ZERO);
  const worth = (of: readonly Holding[]): Decimal =>
    inRange(of.reduce((total, { ledger, rate }) => total + toCurrency(ledger, rate, 'floor'), 0n));
  return {
    kind: 'Equity',
    currency,
    assets: known.map(({ asset }) => asset),
    equity: worth(known),
    rates: new Map(known.map(({ asset, rate }) => [asset, inRange(toCurrency(ONE, rate, 'floor'))])),
    uncertain: worth(unpriced),
    missing: unpriced.map(({ missing }) => missing).join('; '),
  };
}

interface Holding {
  readonly kind: 'Holding';
  readonly asset: string;
  readonly ledger: Decimal;
  readonly rate: Rate;
  /** Which fresh price is missing: the rate is the last one. */
  readonly missing: string | undefined;
}

/** Undefined: the asset never had a price. */
function holdingOf(state: EquityState, currency: string, asset: string): Holding | UnknownEquity | undefined {
  const { balances, equityRecord: record } = state;
  const ledger = balances.find((one) => one.asset === asset)?.ledger ?? ZERO;
  const fresh = freshRate(state, asset);
  if (fresh.kind === 'Rate') return { kind: 'Holding', asset, ledger, rate: fresh, missing: undefined };
  const last = lastRate(record, currency, asset);
  // Records of a release before have no rates, and what is owed may cost any amount.
  const isUnknown = last === undefined ? ledger !== ZERO && record?.assets.includes(asset) === true : ledger < ZERO;
  if (isUnknown) return unknown(fresh.detail);
  return last === undefined ? undefined : { kind: 'Holding', asset, ledger, rate: last, missing: fresh.detail };
}

/** The rate that was last confirmed, in the same currency. */
function lastRate(record: EquityRecord | undefined, currency: string, asset: string): Rate | undefined {
  const last = record?.currency === currency ? record.rates.get(asset) : undefined;
  return last === undefined ? undefined : { kind: 'Rate', dividend: last, divisor: ONE };
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

function feeDetail(state: EquityState, currency: string, asset: string): string {
  if (!assetsOfPairs(state.policy.symbols).includes(asset))
    return `fees were paid in ${asset}, which no configured pair has, such as ${asset}/${currency}`;
  const rate = freshRate(state, asset);
  return `fees were paid in ${asset}${rate.kind === 'Missing' ? `, and there is ${rate.detail}` : ''}`;
}

function assetsOfPairs(symbols: readonly string[]): readonly string[] {
  const pairs = symbols.map(assetsOf);
  return [...new Set(pairs.flatMap(({ base, quote }) => [base, quote]))].sort();
}

function unknown(detail: string): UnknownEquity {
  return { kind: 'Unknown', detail };
}

function inRange(value: bigint): Decimal {
  return add(value as Decimal, ZERO);
}
