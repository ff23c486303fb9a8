import type { OrderType } from './orders/order.ts';
import { divideBigint, formatDecimal, multiply, parseDecimal, type Decimal, type Rounding } from './decimal.ts';

/** Price as a count of the tick size of the instrument. A safe integer. */
export type Ticks = number & { readonly __brand: 'Ticks' };
/** Quantity as a count of the lot size of the instrument. A safe integer. */
export type Lots = number & { readonly __brand: 'Lots' };

/**
 * Trading rules of a spot pair as the venue publishes them. Amounts are exact; fees are fractions (0.001 = 10 basis
 * points).
 */
export interface Instrument {
  /** Canonical name, `BASE/QUOTE`. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Smallest price increment, in quote per base. */
  readonly tickSize: Decimal;
  /** Smallest quantity increment, in base. */
  readonly lotSize: Decimal;
  /** Minimum quantity of an order, in base. */
  readonly minQuantity: Decimal;
  /** Minimum and maximum notional (price x quantity) of an order, in quote. */
  readonly minNotional: Decimal;
  readonly maxNotional: Decimal;
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
  /** Those of our order types that the venue lists for the pair. Absent: unknown. */
  readonly orderTypes?: readonly OrderType[];
}

/** Thrown when a count of ticks or lots is not a safe integer, or a value lies between two steps. */
export class StepError extends Error {
  readonly code: 'NotASafeInteger' | 'BetweenSteps';

  constructor(code: StepError['code'], data: string) {
    super(`${code}: ${data}`);
    this.name = 'StepError';
    this.code = code;
  }
}

export function ticks(count: number): Ticks {
  return safe(count) as Ticks;
}

export function lots(count: number): Lots {
  return safe(count) as Lots;
}

/** Converts a price to ticks. Without `rounding`, a price between two ticks throws StepError. */
export function toTicks(price: Decimal, instrument: Instrument, rounding?: Rounding): Ticks {
  return steps(price, instrument.tickSize, rounding) as Ticks;
}

/** Converts a quantity to lots. Without `rounding`, a quantity between two lots throws StepError. */
export function toLots(quantity: Decimal, instrument: Instrument, rounding?: Rounding): Lots {
  return steps(quantity, instrument.lotSize, rounding) as Lots;
}

export function fromTicks(price: Ticks, instrument: Instrument): Decimal {
  return (BigInt(price) * instrument.tickSize) as Decimal;
}

export function fromLots(quantity: Lots, instrument: Instrument): Decimal {
  return (BigInt(quantity) * instrument.lotSize) as Decimal;
}

/**
 * Returns price x quantity in quote. Exact while tick size and lot size together have at most 18 decimals, as in all
 * spot pairs of MEXC.
 */
export function notionalOf(price: Decimal, quantity: Decimal): Decimal {
  return multiply(price, quantity, 'ceil');
}

/** Returns the base and the quote asset of `BASE/QUOTE`. */
export function assetsOf(symbol: string): { base: string; quote: string } {
  const [base = '', quote = ''] = symbol.split('/');
  return { base, quote };
}

/** Canonical symbols such as `XRP/ETH`: upper-case letters and digits, 1 to 20 on each side. */
export const SYMBOL_PATTERN = /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}$/;

/** Returns 10^-decimals, because venues publish precisions as a number of decimals. */
export function stepOfDecimals(decimals: number): Decimal {
  return parseDecimal(decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
}

function steps(value: Decimal, step: Decimal, rounding: Rounding | undefined): number {
  if (rounding === undefined && value % step !== 0n) {
    throw new StepError('BetweenSteps', `${formatDecimal(value)} is no multiple of ${formatDecimal(step)}`);
  }
  return safe(Number(divideBigint(value, step, rounding ?? 'trunc')));
}

function safe(count: number): number {
  if (!Number.isSafeInteger(count)) throw new StepError('NotASafeInteger', String(count));
  return count;
}
