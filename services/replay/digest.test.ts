import { expect, it } from 'vitest';
import { createDigest } from './digest.ts';

it('is the same for a message, whichever way it is added', () => {
  const book = { symbol: 'XRP/ETH', seq: 1, bids: [['0.0013', '5']], asks: [], previous: undefined };
  const [one, other] = [createDigest(), createDigest()];
  one.add('book', book);
  other.addMessage('book', book);
  expect(other.hex()).toBe(one.hex());
  expect([one.facts, other.facts]).toEqual([1, 1]);
});

it('takes bigints as strings in a fact, and none in a message', () => {
  const [one, other] = [createDigest(), createDigest()];
  one.add('order', { quantity: 5n });
  other.add('order', { quantity: '5' });
  expect(one.hex()).toBe(other.hex());
  expect(() => createDigest().addMessage('order', { quantity: 5n })).toThrow(TypeError);
});
