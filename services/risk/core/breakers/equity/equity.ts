import { add, ONE, ZERO, type Decimal } from '../../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../../shared/domain/instrument.ts';
import { currencyOf } from '../../currency/conversion.ts';
import { toCurrency } from '../../currency/rate.ts';
import { MAX_BALANCE_AGE_MS } from '../../holdings.ts';
import type { RiskState } from '../../risk-state.ts';
import { rowOfEquity, textOfRow } from '../../unread-rows.ts';
import { holdingOf, type Holding } from './holding.ts';
import { unpricedFee } from './unpriced-fee.ts';

/** The value of the account at one time, and what it was computed from. */
export interface Equity {
  readonly kind: 'Equity';
  readonly currency: string;
  /** The assets that are valued, sorted. */
  readonly assets: readonly string[];
  readonly equity: Decimal;
  /** What one unit of each of them is worth: by fresh books, or as it was last confirmed. */
  readonly rates: ReadonlyMap<string, Decimal>;
  /** What the ledger has, of other assets too. */
  readonly amounts: ReadonlyMap<string, Decimal>;
  /** The assets without a fresh price of which something is there. */
  readonly unpriced: readonly string[];
  /** What they were last worth: so much less the equity may be. What is owed may cost twice as much. */
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
  const fee = valued.kind === 'Equity' ? unpricedFee(state, valued) : undefined;
  return fee === undefined ? valued : unknown(fee);
}

function valueOf(state: EquityState, currency: string, assets: readonly string[]): Equity | UnknownEquity {
  const holdings = assets.map((asset) => holdingOf(state, currency, asset)).filter((one) => one !== undefined);
  const unvalued = holdings.find((one) => one.kind === 'Unpriced');
  if (unvalued !== undefined) return unknown(unvalued.missing);
  const known = holdings.filter((one) => one.kind === 'Holding');
  const unpriced = known.filter(({ ledger, missing }) => missing !== undefined && ledger !== ZERO);
  const worths = (of: readonly Holding[]): readonly bigint[] =>
    of.map(({ ledger, rate }) => toCurrency(ledger, rate, 'floor'));
  return {
    kind: 'Equity',
    currency,
    assets: known.map(({ asset }) => asset),
    equity: inRange(worths(known).reduce((total, worth) => total + worth, 0n)),
    rates: new Map(known.map(({ asset, rate }) => [asset, inRange(toCurrency(ONE, rate, 'floor'))])),
    amounts: new Map(state.balances.map(({ asset, ledger: amount }) => [asset, amount])),
    unpriced: unpriced.map(({ asset }) => asset),
    uncertain: inRange(worths(unpriced).reduce((total, worth) => total + (worth < 0n ? -worth : worth), 0n)),
    missing: unpriced.map(({ missing }) => missing).join('; '),
  };
}

/** Returns the assets of the configured pairs, sorted. */
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
