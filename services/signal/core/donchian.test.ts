import { describe, expect, test } from 'vitest';
import { parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { Stance } from '../../shared/domain/stance.ts';
import type { Bar } from './bars.ts';
import { donchianStance, donchianWindow } from './donchian.ts';

describe('Donchian breakout with 3 entry bars and 2 exit bars', () => {
  const rule = { entryBars: 3, exitBars: 2 };
  // [high, low, close] of bars, oldest first; the last bar is compared with those before it.
  test.each<[string, [number, number, number][], Stance, Stance]>([
    [
      'enters on a close above the highest high',
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
      'does not enter on a close at the highest high',
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
      'excludes the high of the newest bar from the channel',
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
      'ignores a high before the channel',
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
      'exits on a close below the lowest low of two bars',
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
      'does not exit on a close at the lowest low',
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
      'keeps the stance between the channels',
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
      'stays long on a breakout while long',
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
      'stays flat on a breakdown while flat',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 1, 1],
      ],
      'Flat',
      'Flat',
    ],
  ])('%s', (_name, bars, before, after) => {
    expect(bars.length).toBeGreaterThanOrEqual(donchianWindow(rule));
    expect(donchianStance(rule, bars.map(bar), before)).toBe(after);
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
