import { add, formatDecimal, ONE, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import type { RiskPolicy, RiskState } from '../risk-state.ts';
import { onlyQuote, rateOf, toCurrency, type MissingRate, type Rate } from './rate.ts';

/** The currency of the limits: the configured one, or the quote asset of the pairs if they have only one. */
export function currencyOf({ currency, symbols }: Pick<RiskPolicy, 'currency' | 'symbols'>): string | undefined {
  return currency ?? onlyQuote(symbols);
}

type Priced = Pick<RiskState, 'policy' | 'freshMarks' | 'marks'>;

/** Returns the rate of an asset by fresh books, for what needs to be known. */
export function freshRate({ policy, freshMarks: marks }: Priced, asset: string): Rate | MissingRate {
  return rateOf(asset, { currency: currencyOf(policy), symbols: policy.symbols, marks });
}

/** Returns the rate of the quote asset of a pair by books of any age, to cut an exit, which needs no exact limit. */
export function lastQuoteRate({ policy, marks }: Priced, symbol: string): Rate | MissingRate {
  return rateOf(assetsOf(symbol).quote, { currency: currencyOf(policy), symbols: policy.symbols, marks });
}

/** Returns the rate of the quote asset of a pair by fresh books. */
export function quoteRate(state: Priced, symbol: string): Rate | MissingRate {
  return freshRate(state, assetsOf(symbol).quote);
}

/** Returns a notional of a pair in the currency, rounded up. Throws DecimalError when it is out of range. */
export function notionalIn(rate: Rate, notional: Decimal): Decimal {
  return inRange(toCurrency(notional, rate, 'ceil'));
}

/** Formats a rate, rounded down. */
export function rateText(rate: Rate): string {
  return formatDecimal(toCurrency(ONE, rate, 'floor') as Decimal);
}

function inRange(value: bigint): Decimal {
  return add(value as Decimal, ZERO);
}
