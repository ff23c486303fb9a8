import { describe, expect, test } from 'vitest';
import { formatDecimal, parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { Bar } from './bars.ts';
import { donchianStance, donchianWindow } from './donchian.ts';
import { emaCrossStance } from './ema-cross.ts';
import { ema, emaWindow } from './ema.ts';
import type { Stance } from '../../shared/domain/stance.ts';

describe('exponential moving average', () => {
  // By hand, length 3, so a factor of 1/2: seed (1 + 2 + 3) / 3 = 2; then 2 + (6 - 2) / 2 = 4; 4 + (5 - 4) / 2 = 4.5; 4.5 + (0.5 - 4.5) / 2 = 2.5.
  test.each<[string[], number, string | undefined]>([
    [['1', '2'], 3, undefined],
    [['1', '2', '3'], 3, '2'],
    [['1', '2', '3', '6'], 3, '4'],
    [['1', '2', '3', '6', '5'], 3, '4.5'],
    [['1', '2', '3', '6', '5', '0.5'], 3, '2.5'],
    [['7', '8', '9'], 1, '9'],
    // Length 2, factor 2/3: seed 1.5, then 1.5 + 2/3 x 1.5 = 2.5.
    [['1', '2', '3'], 2, '2.5'],
    // A third cannot be written out: rounded down at the 18th decimal.
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

describe('Donchian breakout, entry over 3 bars, exit over 2', () => {
  const rule = { entryBars: 3, exitBars: 2 };
  // [high, low, close] of bars, oldest first; the last one decides.
  test.each<[string, [number, number, number][], Stance, Stance]>([
    [
      'above the highest high',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [7, 5, 7],
      ],
      'Flat',
      'Long',
    ],
    [
      'at the highest high is not above',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [7, 5, 6],
      ],
      'Flat',
      'Flat',
    ],
    [
      'its own high is no part of the channel',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [9, 5, 7],
      ],
      'Flat',
      'Long',
    ],
    [
      'a high before the channel does not count',
      [
        [99, 3, 4],
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [7, 5, 7],
      ],
      'Flat',
      'Long',
    ],
    [
      'below the lowest low of two',
      [
        [5, 1, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 3, 3],
      ],
      'Long',
      'Flat',
    ],
    [
      'at the lowest low is not below',
      [
        [5, 1, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 3, 4],
      ],
      'Long',
      'Long',
    ],
    [
      'between the channels the stance stays',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 4, 5],
      ],
      'Long',
      'Long',
    ],
    [
      'a breakout while long changes nothing',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [9, 5, 9],
      ],
      'Long',
      'Long',
    ],
    [
      'a breakdown while flat changes nothing',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 1, 1],
      ],
      'Flat',
      'Flat',
    ],
  ])('%s', (_what, bars, before, after) => {
    expect(bars.length).toBeGreaterThanOrEqual(donchianWindow(rule));
    expect(donchianStance(rule, bars.map(bar), before)).toBe(after);
  });
});

describe('crossing of averages over 1 and 3 bars', () => {
  const rule = { fastBars: 1, slowBars: 3 };
  // The fast one is the close itself. Slow by hand: seed of the first three, then halfway to each close.
  test.each<[string, number[], Stance, Stance]>([
    ['up through the slow one', [4, 4, 4, 8], 'Flat', 'Long'], // slow 4 -> 6, fast 4 -> 8
    ['above all the time is no crossing', [1, 2, 6, 9], 'Flat', 'Flat'], // slow 3 -> 6, fast 6 -> 9
    ['below', [4, 4, 8, 1], 'Long', 'Flat'], // slow 5.3 -> 3.2, fast 8 -> 1
    ['equal keeps', [4, 4, 4, 4], 'Long', 'Long'],
    ['equal is no entry', [4, 4, 4, 4], 'Flat', 'Flat'],
    ['from below to equal is no entry', [6, 4, 2, 4], 'Flat', 'Flat'], // slow 4 -> 4, fast 2 -> 4
  ])('%s', (_what, closes, before, after) => {
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
  };
}
