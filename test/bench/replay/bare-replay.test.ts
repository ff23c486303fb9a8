import { expect, it } from 'vitest';
import type { Tape } from '../../../services/exchange-simulator/core/tape.ts';
import type { Lots, Ticks } from '../../../services/shared/domain/instrument.ts';
import { replayBare } from './bare-replay.ts';

function tapeOf(prices: readonly number[]): Tape {
  const trades = prices.map((price, second) => ({
    offsetMs: second * 1_000,
    takerSide: 'buy' as const,
    price: price as Ticks,
    quantity: 1 as Lots,
  }));
  return { trades, spanMs: prices.length * 1_000, medianQuantity: 1 as Lots };
}

it('counts a change of stance when a trend begins, and one when it turns', () => {
  const flat = Array.from({ length: 30 }, () => 100);
  const rise = Array.from({ length: 30 }, (_, n) => 101 + n);
  const fall = Array.from({ length: 60 }, (_, n) => 130 - n);
  expect(replayBare(tapeOf([...flat, ...rise]), 1_000)).toBe(1);
  expect(replayBare(tapeOf([...flat, ...rise, ...fall]), 1_000)).toBe(2);
});
