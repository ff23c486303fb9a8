import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bookMessage, type BookMessage } from '../../shared/contracts/messages/book.ts';
import { sampleBooks } from './book-sampler.ts';

/** A book that differs from every other one, unless a version is given. */
function book(symbol: string, receivedAt: number, version = String(receivedAt)): BookMessage {
  const fixed = { producer: 'p', version, bids: [], asks: [], time: receivedAt };
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
  expect(sampleBooks([book('A/B', 2_900), book('A/B', 3_000)], first.kept).books).toHaveLength(1);
});

test('drops redelivered books', () => {
  const { kept } = sampleBooks([book('A/B', 5_000)], new Map());
  expect(sampleBooks([book('A/B', 4_000), book('A/B', 5_000)], kept).books).toEqual([]);
});

test('drops books that are only repeated, until one changes', () => {
  const first = sampleBooks([book('A/B', 1_000, '7'), book('A/B', 2_000, '7'), book('C/D', 2_000, '7')], new Map());
  expect(first.books.map(({ symbol, receivedAt }) => [symbol, receivedAt])).toEqual([
    ['A/B', 1_000],
    ['C/D', 2_000],
  ]);
  const next = sampleBooks([book('A/B', 3_000, '7'), book('A/B', 3_500, '8'), book('A/B', 3_600, '9')], first.kept);
  expect(next.books.map(({ receivedAt }) => receivedAt)).toEqual([3_500]);
});

test('keeps the same books however they are split into batches', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 60 }), (given, cut) => {
      const books = given.toSorted((a, b) => a - b).map((time) => book('A/B', time, String(time % 7)));
      const whole = sampleBooks(books, new Map()).books;
      const head = sampleBooks(books.slice(0, cut), new Map());
      const tail = sampleBooks(books.slice(cut), head.kept);
      expect([...head.books, ...tail.books]).toEqual(whole);
    }),
  );
});
