import { expect, test } from 'vitest';
import { createFeedSilence } from './feed-silence.ts';

const MINUTE = 60_000;
const pairs = [
  { symbol: 'XRP/ETH', barSeconds: 60 },
  { symbol: 'THIN/ETH', barSeconds: 60 },
];

test('is degraded by one silent pair, and fails when all are silent', () => {
  const silence = createFeedSilence(pairs, 0);
  expect(silence.check(15 * MINUTE)).toEqual({ ok: true, reason: 'Ok', message: '' });
  silence.onTrade('XRP/ETH', 5 * MINUTE);
  expect(silence.check(16 * MINUTE)).toEqual({
    ok: true,
    reason: 'FeedSilent',
    message: 'THIN/ETH: no trade and no order book for 16 minutes',
  });
  expect(silence.check(21 * MINUTE)).toMatchObject({ ok: false, reason: 'FeedSilent' });
});

test('takes a new order book as a sign of life of a pair that nobody trades', () => {
  const silence = createFeedSilence(pairs, 0);
  for (let minute = 0; minute <= 60; minute += 1) {
    silence.onTrade('XRP/ETH', minute * MINUTE);
    silence.onBookIds(new Map([['THIN/ETH', `${minute}-0`]]), minute * MINUTE);
    expect(silence.check(minute * MINUTE).reason).toBe('Ok');
  }
  // The stream ends: the same ID is no sign.
  for (let minute = 61; minute <= 76; minute += 1) {
    silence.onTrade('XRP/ETH', minute * MINUTE);
    silence.onBookIds(new Map([['THIN/ETH', '60-0']]), minute * MINUTE);
  }
  expect(silence.check(76 * MINUTE)).toMatchObject({ ok: true, reason: 'FeedSilent' });
});

test('takes no sign from the first look at a stream, whose newest entry may be old', () => {
  const silence = createFeedSilence(pairs, 0);
  silence.onBookIds(new Map([['THIN/ETH', '5-0'], ['XRP/ETH', '5-0']]), 14 * MINUTE); // prettier-ignore
  expect(silence.check(16 * MINUTE).ok).toBe(false);
});

test('gives a symbol three of its longest bars', () => {
  const silence = createFeedSilence([{ symbol: 'XRP/ETH', barSeconds: 60 }, { symbol: 'XRP/ETH', barSeconds: 3_600 }], 0); // prettier-ignore
  expect(silence.check(180 * MINUTE).ok).toBe(true);
  expect(silence.check(180 * MINUTE + 1).ok).toBe(false);
});
