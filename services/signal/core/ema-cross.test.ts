import { describe, expect, test } from 'vitest';
import { parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { Stance } from '../../shared/domain/stance.ts';
import type { Bar } from './bars.ts';
import { emaCrossStance } from './ema-cross.ts';

describe('crossing of averages with lengths 1 and 3', () => {
  const rule = { fastBars: 1, slowBars: 3 };
  // The fast average is the close itself. The slow one, computed by hand: seed of the first three, then halfway to each
  // close.
  test.each<[string, number[], Stance, Stance]>([
    ['enters when the fast average crosses above', [4, 4, 4, 8], 'Flat', 'Long'], // slow 4 -> 6, fast 4 -> 8
    ['does not enter when above from the start', [1, 2, 6, 9], 'Flat', 'Flat'], // slow 3 -> 6, fast 6 -> 9
    ['exits when the fast average is below', [4, 4, 8, 1], 'Long', 'Flat'], // slow 5.3 -> 3.2, fast 8 -> 1
    ['stays long while the averages are equal', [4, 4, 4, 4], 'Long', 'Long'],
    ['does not enter while the averages are equal', [4, 4, 4, 4], 'Flat', 'Flat'],
    ['does not enter on a rise from below to equal', [6, 4, 2, 4], 'Flat', 'Flat'], // slow 4 -> 4, fast 2 -> 4
  ])('%s', (_name, closes, before, after) => {
    expect(emaCrossStance(rule, closes.map((close) => bar([close, close, close])), before)).toBe(after); // prettier-ignore
  });
});

function bar([high, low, close]: readonly [number, number, number], index = 0): Bar {
  const price = (value: number): Decimal => parseDecimal(String(value));
  return {
    closeTime: index * 1_000,
    open: price(close),
    high: price(high),
    low: price(low),
    close: price(close),
    trades: 1,
    lastTradeAt: index * 1_000 - 1,
    incomplete: false,
  };
}
