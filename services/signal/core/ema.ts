import { divideBigint, type Decimal } from '../../shared/domain/decimal.ts';

/** Lookback of an average, in multiples of its length. Older closes would together weigh less than e^-8, 0.03 %. */
const MEMORY = 4;

/** Number of closes that an average of this length uses. */
export function emaWindow(length: number): number {
  return length * MEMORY;
}

/**
 * Exponential moving average of the closes, oldest first: the seed is the simple average of the first `length`, then
 * ema += (close - ema) x 2 / (length + 1), rounded down at the 18th decimal. Only the last `emaWindow(length)` closes
 * count, so the value depends on the available bars and not on when the process started. Undefined with fewer than
 * `length` closes.
 */
export function ema(closes: readonly Decimal[], length: number): Decimal | undefined {
  const window = closes.slice(-emaWindow(length));
  if (window.length < length) return undefined;
  const seed = window.slice(0, length).reduce((sum, close) => sum + close, 0n);
  const divisor = BigInt(length) + 1n;
  return window
    .slice(length)
    .reduce<bigint>(
      (average, close) => average + divideBigint(2n * (close - average), divisor, 'floor'),
      divideBigint(seed, BigInt(length), 'floor'),
    ) as Decimal;
}
