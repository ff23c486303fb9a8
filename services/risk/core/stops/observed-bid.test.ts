import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { confirmedBids, observeBid, type ObservableBook, type ObservedBid } from './observed-bid.ts';

const d = parseDecimal;
const MAX_AGE_MS = 2_000;

function book(version: number, bid: string | undefined, receivedAt: number): ObservableBook {
  return { version: String(version), bid: bid === undefined ? undefined : d(bid), receivedAt };
}

function observed(books: readonly ObservableBook[]): ObservedBid | undefined {
  return books.reduce<ObservedBid | undefined>((before, next) => observeBid(before, next, MAX_AGE_MS), undefined);
}

const at = (books: readonly ObservableBook[], nowMs: number, openedAtMs = 0) =>
  confirmedBids(observed(books), { openedAtMs, nowMs, maxFeedAgeMs: MAX_AGE_MS });

describe('two bids', () => {
  it.each<[string, readonly ObservableBook[], [string, string] | undefined]>([
    ['one book', [book(1, '9', 0)], undefined],
    ['a second version', [book(1, '9', 0), book(2, '8', 5)], ['8', '9']],
    ['a second version with the same bid', [book(1, '9', 0), book(2, '9', 5)], ['9', '9']],
    ['another bid in the same version', [book(1, '9', 0), book(1, '8', 5)], ['8', '9']],
    ['the same book, repeated within a second', [book(1, '9', 0), book(1, '9', 999)], undefined],
    ['the same book, confirmed after a second', [book(1, '9', 0), book(1, '9', 1_000)], ['9', '9']],
    ['the same book, repeated often for a second', [0, 300, 600, 900, 1_200].map((ms) => book(1, '9', ms)), ['9', '9']],
    ['only the last two of three', [book(1, '5', 0), book(2, '9', 5), book(3, '8', 9)], ['8', '9']],
    ['a pause of the age limit', [book(1, '9', 0), book(2, '8', 2_000)], ['8', '9']],
    ['a longer pause', [book(1, '9', 0), book(2, '8', 2_001)], undefined],
    ['a clock that was set back', [book(1, '9', 10), book(2, '8', 9)], undefined],
    ['a book without a bid', [book(1, '9', 0), book(2, '8', 5), book(3, undefined, 6)], undefined],
    ['a book after one without a bid', [book(1, '9', 0), book(2, undefined, 5), book(3, '8', 6)], undefined],
  ])('of %s', (_what, books, expected) => {
    const last = books.at(-1)?.receivedAt ?? 0;
    expect(at(books, last)).toEqual(expected === undefined ? undefined : { low: d(expected[0]), high: d(expected[1]) });
  });

  it('count as long as the last book is fresh, also one that only repeats', () => {
    const books = [book(1, '9', 0), book(2, '8', 5), book(2, '8', 900)];
    expect(at(books, 2_900)).toEqual({ low: d('8'), high: d('9') });
    expect(at(books, 2_901)).toBeUndefined();
  });

  it('count for a position when both were observed since it was opened', () => {
    const books = [book(1, '9', 100), book(2, '8', 105), book(2, '8', 900)];
    expect(at(books, 900, 100)).toEqual({ low: d('8'), high: d('9') });
    expect(at(books, 900, 101)).toBeUndefined();
  });

  it('count for a position that was opened in the future of a clock that was set back', () => {
    expect(at([book(1, '9', 100), book(2, '8', 105)], 105, 106)).toEqual({ low: d('8'), high: d('9') });
  });
});

it('never lets a single book move both bounds, whatever the sequence', () => {
  const step = fc.record({ bid: fc.integer({ min: 90, max: 110 }), ms: fc.integer({ min: 1, max: 1_500 }) });
  let confirmed = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 30 }), fc.nat(29), (steps, index) => {
      let receivedAt = 0;
      let state: ObservedBid | undefined;
      steps.forEach(({ bid, ms }, number) => {
        receivedAt += ms;
        const isBad = number === index;
        state = observeBid(state, book(number, isBad ? '1' : String(bid), receivedAt), MAX_AGE_MS);
        const bids = confirmedBids(state, { openedAtMs: 0, nowMs: receivedAt, maxFeedAgeMs: MAX_AGE_MS });
        if (bids === undefined) return;
        confirmed += 1;
        expect(bids.high).toBeGreaterThanOrEqual(d('90'));
      });
    }),
  );
  expect(confirmed).toBeGreaterThan(100);
});
