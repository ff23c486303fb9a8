import { expect, it } from 'vitest';
import { threeWayPatch } from './three-way-patch.ts';

it.each<[string, unknown, Readonly<Record<string, unknown>>, object]>([
  ['sets what the file has', undefined, { a: 1, b: { c: 2 } }, { a: 1, b: { c: 2 } }],
  [
    'removes what the last file had and this one has not',
    { a: 1, b: { c: 1, d: 2 } },
    { b: { c: 1 } },
    { a: null, b: { c: 1, d: null } },
  ],
  ['leaves what neither has, such as a halt that a person set', { a: 1 }, { a: 1 }, { a: 1 }],
  ['replaces lists', { l: [1, 2] }, { l: [2] }, { l: [2] }],
  ['replaces a map by a value', { a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
  ['counts a null of the file as absent', { a: 1 }, { a: null, b: null }, { a: null }],
  ['removes nothing that the last file did not have either', { a: undefined }, {}, {}],
])('%s', (_what, last, file, expected) => {
  expect(threeWayPatch(last, file)).toEqual(expected);
});
