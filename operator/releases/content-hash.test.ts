import { expect, it } from 'vitest';
import { contentHash } from './content-hash.ts';

it('gives the same hash whatever the order of members', () => {
  expect(contentHash({ a: 1, b: { c: 2, d: 3 } })).toBe(contentHash({ b: { d: 3, c: 2 }, a: 1 }));
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
});
