import { expect, it } from 'vitest';
import { canonicalJson, contentHash } from './content-hash.ts';

it('does not depend on the order of members', () => {
  expect(contentHash({ a: 1, b: { c: 2, d: 3 } })).toBe(contentHash({ b: { d: 3, c: 2 }, a: 1 }));
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
});

it('writes JSON with sorted keys', () => {
  expect(canonicalJson({ b: [{ z: 1, a: undefined }], a: null })).toBe('{"a":null,"b":[{"z":1}]}');
});
