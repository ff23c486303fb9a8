import { describe, expect, test } from 'vitest';
import { formatDecimal, parseDecimal } from '../../shared/domain/decimal.ts';
import { ema, emaWindow } from './ema.ts';

describe('exponential moving average', () => {
  // Computed by hand: length 3, so a factor of 1/2: seed (1 + 2 + 3) / 3 = 2; then 2 + (6 - 2) / 2 = 4; 4 + (5 - 4) / 2
  // = 4.5; 4.5 + (0.5 - 4.5) / 2 = 2.5.
  test.each<[string[], number, string | undefined]>([
    [['1', '2'], 3, undefined],
    [['1', '2', '3'], 3, '2'],
    [['1', '2', '3', '6'], 3, '4'],
    [['1', '2', '3', '6', '5'], 3, '4.5'],
    [['1', '2', '3', '6', '5', '0.5'], 3, '2.5'],
    [['7', '8', '9'], 1, '9'],
    // Length 2, factor 2/3: seed 1.5, then 1.5 + 2/3 x 1.5 = 2.5.
    [['1', '2', '3'], 2, '2.5'],
    // A third has no finite decimal form: rounded down at the 18th decimal.
    [['1', '1', '2'], 2, '1.666666666666666666'],
  ])('of %j over %i is %s', (closes, length, expected) => {
    const value = ema(closes.map(parseDecimal), length);
    expect(value === undefined ? undefined : formatDecimal(value)).toBe(expected);
  });

  test('looks back four times its length and no further', () => {
    const window = Array.from({ length: emaWindow(5) }, (_, index) => parseDecimal(String(10 + (index % 4))));
    expect(ema([parseDecimal('1000'), ...window], 5)).toBe(ema(window, 5));
    expect(ema([parseDecimal('1000'), ...window.slice(1)], 5)).not.toBe(ema(window, 5));
  });
});
