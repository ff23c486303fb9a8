import { expect, it } from 'vitest';
import { checkAges } from './cache-ages.ts';

const MINUTE_MS = 60_000;

it.each([
  ['passes with young caches', 1_000, { ok: true }],
  ['passes when a watch delivers nothing until the next complete list', 17.5 * MINUTE_MS, { ok: true }],
  ['fails before the first list of a cache', Infinity, { ok: false, reason: 'NotSynced' }],
  [
    'fails when a cache is stuck',
    21 * MINUTE_MS,
    { ok: false, reason: 'Stale', message: 'the cache of pods was last current 21 min ago' },
  ],
])('%s', (_what, podsAgeMs, expected) => {
  const ages = new Map([
    ['tradingstacks', 0],
    ['pods', podsAgeMs],
  ]);
  expect(checkAges(ages)).toMatchObject(expected);
});
