import { describe, expect, it } from 'vitest';
import { parseDecimal as d } from '../decimal.ts';
import { fillProblem } from './fill-problem.ts';

const order = { symbol: 'XRP/ETH', side: 'buy' } as const;
const fill = { ...order, price: d('0.0014'), quantity: d('10') };

describe('a fill', () => {
  it.each([
    ['price 0', { price: d('0') }, 'price 0 of the fill is not above zero'],
    ['a price below zero', { price: d('-1') }, 'price -1 of the fill is not above zero'],
    ['quantity 0', { quantity: d('0') }, 'quantity 0 of the fill is not above zero'],
    ['a quantity below zero', { quantity: d('-10') }, 'quantity -10 of the fill is not above zero'],
  ])('with %s cannot be true, whatever its order is', (_title, change, problem) => {
    expect(fillProblem({ ...fill, ...change }, order)).toBe(problem);
    expect(fillProblem({ ...fill, ...change })).toBe(problem);
  });

  it.each([
    ['side', { side: 'sell' as const }, 'side sell of the fill is not that of its order, buy'],
    ['symbol', { symbol: 'ADA/ETH' }, 'symbol ADA/ETH of the fill is not that of its order, XRP/ETH'],
  ])('with another %s than its order contradicts it', (_title, change, problem) => {
    expect(fillProblem({ ...fill, ...change }, order)).toBe(problem);
    expect(fillProblem({ ...fill, ...change })).toBeUndefined();
  });

  it('of the smallest amounts may be booked', () => {
    const smallest = d('0.000000000000000001');
    expect(fillProblem({ ...fill, price: smallest, quantity: smallest }, order)).toBeUndefined();
  });
});
