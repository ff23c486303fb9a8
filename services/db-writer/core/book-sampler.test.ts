import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bookMessage, type BookMessage } from '../../shared/contracts/messages/book.ts';
import { sampleBooks } from './book-sampler.ts';

function book(symbol: string, receivedAt: number): BookMessage {
  const fixed = { producer: 'p', version: '1', bids: [], asks: [], time: receivedAt };
  return bookMessage.parse({ ...fixed, seq: receivedAt, symbol, receivedAt });
}

test('keeps the first book of each second per symbol, across batches too', () => {
  const first = sampleBooks(
    [book('A/B', 1_000), book('A/B', 1_100), book('C/D', 1_200), book('A/B', 2_000)],
    new Map(),
  );
  expect(first.books.map(({ symbol, receivedAt }) => [symbol, receivedAt])).toEqual([
    ['A/B', 1_000],
    ['C/D', 1_200],
    ['A/B', 2_000],
  ]);
  expect(sampleBooks([book('A/B', 2_900), book('A/B', 3_000)], first.sampled).books).toHaveLength(1);
});

test('drops redelivered books', () => {
  const { sampled } = sampleBooks([book('A/B', 5_000)], new Map());
  expect(sampleBooks([book('A/B', 4_000), book('A/B', 5_000)], sampled).books).toEqual([]);
});

test('keeps the same books however they are split into batches', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 60 }), (given, cut) => {
      const books = given.toSorted((a, b) => a - b).map((time) => book('A/B', time));
      const whole = sampleBooks(books, new Map()).books;
      const head = sampleBooks(books.slice(0, cut), new Map());
      const tail = sampleBooks(books.slice(cut), head.sampled);
      expect([...head.books, ...tail.books]).toEqual(whole);
    }),
  );
});
