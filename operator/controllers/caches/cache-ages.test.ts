import { expect, it } from 'vitest';
import { checkAges } from './cache-ages.ts';

const MINUTE_MS = 60_000;

it.each([
  ['all are young', 1_000, { ok: true }],
  ['a watch brought nothing until the next complete list', 17.5 * MINUTE_MS, { ok: true }],
  ['one was not listed yet', Infinity, { ok: false, reason: 'NotSynced' }],
  ['one stands still', 21 * MINUTE_MS, { ok: false, reason: 'Stale', message: 'nothing was heard of pods for 21 min' }],
])('%s', (_what, podsAgeMs, expected) => {
  const ages = new Map([
    ['tradingstacks', 0],
    ['pods', podsAgeMs],
  ]);
  expect(checkAges(ages)).toMatchObject(expected);
});
