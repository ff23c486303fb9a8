import { divideBigint, minimum, parseDecimal, ZERO, type Decimal } from '../../../../shared/domain/decimal.ts';
import type { EquityRecord } from '../breaker.ts';
import type { EquityNow } from './equity-now.ts';
import { lastRate } from './last-rate.ts';

/** A deposit into almost nothing may scale a peak beyond what a decimal holds. */
const HIGHEST = parseDecimal('9'.repeat(20));

/**
 * Returns the record in the currency of an equity, by the last rate between the two. Without that, amounts of the two
 * do not compare: the baselines keep their ratio to the equity.
 */
export function inCurrency(record: EquityRecord, now: EquityNow): EquityRecord {
  const { valued, transfers, fees } = now;
  const { currency, equity, assets, rates } = valued;
  if (record.currency === currency) return record;
  const unit = lastRate(record, currency, record.currency);
  if (unit === undefined) {
    const scaled = (baseline: Decimal): Decimal => scale(baseline, equity, record.equity) ?? equity;
    const { dayStart, peak } = record;
    // All that has come in or gone out is part of the ratio.
    return {
      ...record,
      currency,
      equity,
      assets,
      rates,
      transfers,
      fees,
      dayStart: scaled(dayStart),
      peak: scaled(peak),
    };
  }
  const converted = (amount: Decimal): Decimal =>
    minimum(divideBigint(amount * unit.dividend, unit.divisor, 'ceil') as Decimal, HIGHEST);
  const { dayStart, peak } = record;
  return {
    ...record,
    currency,
    equity: converted(record.equity),
    dayStart: converted(dayStart),
    peak: converted(peak),
    rates: new Map([...record.rates].map(([asset, rate]) => [asset, converted(rate)])),
  };
}

/** Undefined if there was nothing before, or nothing is left, that could be scaled. */
export function scale(baseline: Decimal, after: Decimal, before: Decimal): Decimal | undefined {
  if (before <= ZERO || after <= ZERO) return undefined;
  return minimum(divideBigint(baseline * after, before, 'ceil') as Decimal, HIGHEST);
}
