import { expect, it } from 'vitest';
import { senderChanges } from './sender-changes.ts';

const orders = (...placed: readonly (readonly [timeMs: number, epoch: number])[]) =>
  placed.map(([timeMs, epoch]) => ({ timeMs, epoch }));

it('measures the gap between the last order of an epoch and the first of the next', () => {
  expect(senderChanges(orders([100, 1], [150, 1], [260, 2], [300, 2], [340, 4]))).toEqual([
    { epoch: 2, firstMs: 260, gapMs: 110, overlap: 0 },
    { epoch: 4, firstMs: 340, gapMs: 40, overlap: 0 },
  ]);
});

it('counts orders of an older epoch after the first of a newer one', () => {
  const changes = senderChanges(orders([100, 1], [150, 2], [160, 1], [170, 1], [180, 2], [190, 3], [200, 1]));
  expect(changes.map(({ epoch, overlap }) => [epoch, overlap])).toEqual([
    [2, 3],
    [3, 1],
  ]);
});

it('finds no change in the orders of one epoch, or without orders', () => {
  expect(senderChanges(orders([100, 7], [150, 7]))).toEqual([]);
  expect(senderChanges([])).toEqual([]);
});
