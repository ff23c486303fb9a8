import { describe, expect, it } from 'vitest';
import { ONE, ZERO } from '../../../domain/decimal.ts';
import type { FillRange } from '../../../domain/orders/fill-page.ts';
import type { Fill } from '../../../domain/orders/fill.ts';
import { fillPageOf, fillPageParams, FILLS_PER_PAGE } from './fill-page.ts';

function fillAt(time: number, index: number): Fill {
  const ids = { venueTradeId: `T${index}`, venueOrderId: 'V', clientOrderId: '', symbol: 'XRP/ETH' };
  return { ...ids, side: 'buy', price: ONE, quantity: ONE, fee: ZERO, feeAsset: 'ETH', maker: false, time };
}

/** Answers for a range as the venue does, with ends that are inclusive or not. `fills`: oldest first. */
function pageOf(fills: readonly Fill[], range: FillRange, inclusive: boolean) {
  const { startTime, endTime = Infinity, limit } = { endTime: undefined, ...fillPageParams(range) };
  const isListed = ({ time }: Fill): boolean =>
    inclusive ? time >= startTime && time <= endTime : time > startTime && time < endTime;
  return fillPageOf(fills.filter(isListed).slice(-limit).toReversed(), range);
}

const many = (count: number, timeOf: (index: number) => number = (index) => index): readonly Fill[] =>
  Array.from({ length: count }, (_, index) => fillAt(timeOf(index), index));

describe.each([true, false])('a page of fills, when the ends are inclusive at the venue: %s', (inclusive) => {
  it('has all fills of the range, oldest first, in the order of the venue within a millisecond', () => {
    const fills = many(60, (index) => Math.floor(index / 3));
    const inRange = fills.filter(({ time }) => time >= 5 && time <= 12);
    expect(pageOf(fills, { fromMs: 5, toMs: 12 }, inclusive)).toEqual({ fills: inRange, unread: [], complete: true });
  });

  it('has the fills up to the newest when the range has no end', () => {
    const fills = many(60);
    expect(pageOf(fills, { fromMs: 58 }, inclusive)).toEqual({ fills: fills.slice(58), unread: [], complete: true });
  });

  it('is not complete when it is full', () => {
    const { fills, complete } = pageOf(many(500), { fromMs: 100, toMs: 300 }, inclusive);
    expect([complete, fills.at(-1)?.time]).toEqual([false, 300]);
    expect(fills.length).toBeGreaterThan(FILLS_PER_PAGE - 2);
  });

  it.each([98, 99])('is complete with %d fills in a millisecond, whatever happened in the one before', (count) => {
    const crowd = many(count, () => 1_000);
    const before = Array.from({ length: 150 }, (_, index) => fillAt(999, 1_000 + index));
    const range = { fromMs: 1_000, toMs: 1_000 };
    expect(pageOf([...before, ...crowd], range, inclusive)).toEqual({ fills: crowd, unread: [], complete: true });
  });

  it('has both executions of a trade between two orders of the account', () => {
    const sides = ['V1', 'V2'].map((venueOrderId) => ({ ...fillAt(10, 1), venueOrderId }));
    expect(pageOf(sides, { fromMs: 5, toMs: 12 }, inclusive)).toEqual({ fills: sides, unread: [], complete: true });
  });

  it('is not complete with a hundred fills in a millisecond', () => {
    const crowd = many(FILLS_PER_PAGE, () => 1_000);
    expect(pageOf(crowd, { fromMs: 1_000, toMs: 1_000 }, inclusive).complete).toBe(false);
  });
});

it('asks for no negative time', () => {
  expect(fillPageParams({ fromMs: 0 })).toEqual({ startTime: 0, limit: FILLS_PER_PAGE });
});
