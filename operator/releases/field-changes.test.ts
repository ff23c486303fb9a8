import { expect, it } from 'vitest';
import { fieldChanges } from './field-changes.ts';

it.each<[string, unknown, unknown, readonly object[]]>([
  ['equal values', { a: { b: [1, 2] } }, { a: { b: [1, 2] } }, []],
  ['a value at its path', { a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }, [{ path: 'a.b', before: 1, after: 3 }]],
  [
    'a field that one side lacks',
    { a: 1 },
    { b: null },
    [
      { path: 'a', before: 1 },
      { path: 'b', after: null },
    ],
  ],
  [
    'items by name, in any order',
    { l: [{ name: 'x', v: 1 }, { name: 'y' }] },
    { l: [{ name: 'y' }, { name: 'x', v: 2 }] },
    [{ path: 'l[x].v', before: 1, after: 2 }],
  ],
  [
    'an item that is added',
    { l: [{ symbol: 'A/B' }] },
    { l: [{ symbol: 'A/B' }, { symbol: 'C/B' }] },
    [{ path: 'l[C/B]', after: { symbol: 'C/B' } }],
  ],
  ['a list of values as a whole', { l: [1, 2] }, { l: [2] }, [{ path: 'l', before: [1, 2], after: [2] }]],
  [
    'items of one name twice as a whole',
    [{ name: 'x' }, { name: 'x' }],
    [],
    [{ path: '', before: [{ name: 'x' }, { name: 'x' }], after: [] }],
  ],
  ['a value of another type', { a: { b: 1 } }, { a: 'text' }, [{ path: 'a', before: { b: 1 }, after: 'text' }]],
])('finds %s', (_what, before, after, expected) => {
  expect(fieldChanges(before, after)).toEqual(expected);
});
