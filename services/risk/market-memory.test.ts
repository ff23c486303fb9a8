import { expect, test } from 'vitest';
import { bookMessage } from '../shared/contracts/messages/book.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { MarketMemory } from './market-memory.ts';

const SYMBOL = 'XRP/ETH';

function book(bid: string | undefined, ask: string | undefined, receivedAt: number) {
  const levels = (price: string | undefined): [string, string][] => (price === undefined ? [] : [[price, '5']]);
  return bookMessage.parse({
    producer: 'p',
    seq: 1,
    symbol: SYMBOL,
    version: '1',
    bids: levels(bid),
    asks: levels(ask),
    time: receivedAt,
    receivedAt,
  });
}

test('a memory that has heard nothing fails its checks and knows no mark', () => {
  const memory = new MarketMemory([SYMBOL]);
  expect(memory.checkFeed(0, 1_000)).toMatchObject({ ok: false, reason: 'FeedMissing' });
  expect(memory.checkInstruments()).toMatchObject({ ok: false, reason: 'InstrumentUnknown' });
  expect(memory.view(SYMBOL)).toEqual({ instrument: undefined, book: undefined, lastTrade: undefined });
  expect(memory.marks().size).toBe(0);
});

test('the feed is stale by the age at which ws received the book', () => {
  const memory = new MarketMemory([SYMBOL]);
  memory.bookSeen(book('0.0014', '0.0016', 10_000));
  expect(memory.checkFeed(11_000, 1_000).ok).toBe(true);
  expect(memory.checkFeed(11_001, 1_000)).toMatchObject({ ok: false, reason: 'FeedStale' });
});

test('a mark is the middle of both sides; one side alone is no mark', () => {
  const memory = new MarketMemory([SYMBOL]);
  memory.bookSeen(book('0.0014', '0.0016', 1));
  expect(memory.marks().get(SYMBOL)).toBe(parseDecimal('0.0015'));
  memory.bookSeen(book(undefined, '0.0016', 2));
  expect(memory.marks().has(SYMBOL)).toBe(false);
});
