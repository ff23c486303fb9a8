import { expect, it } from 'vitest';
import { UsageError } from '../bench.ts';
import { sizesOf } from './history-bench.ts';

it('reads the sizes of the records', () => {
  expect(sizesOf({})).toEqual([0, 100_000, 1_000_000]);
  expect(sizesOf({ sizes: '0,5000' })).toEqual([0, 5_000]);
});

it.each(['', '0', '5,10', '0,-1', '0,many', '0,,5'])('refuses the sizes %j', (sizes) => {
  expect(() => sizesOf({ sizes })).toThrow(UsageError);
});
