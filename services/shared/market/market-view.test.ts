import { expect, test } from 'vitest';
import { bookMessage } from '../contracts/messages/book.ts';
import { parseDecimal } from '../domain/decimal.ts';
import { instrumentMessage } from '../contracts/messages/instrument.ts';
import { tradeMessage } from '../contracts/messages/trade.ts';
import { MarketView } from './market-view.ts';

const SYMBOL = 'XRP/ETH';
const RULES = instrumentMessage.parse({
  symbol: SYMBOL,
  base: 'XRP',
  quote: 'ETH',
  tickSize: '0.0000001',
  lotSize: '0.01',
  minQuantity: '0.01',
  minNotional: '0.001',
  maxNotional: '1000',
  makerFee: '0',
  takerFee: '0.0005',
});

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

test('an empty view fails its checks and has no marks', () => {
  const view = new MarketView([SYMBOL]);
  expect(view.checkFeed(0, 1_000)).toMatchObject({ ok: false, reason: 'FeedMissing' });
  expect(view.checkInstruments()).toMatchObject({ ok: false, reason: 'InstrumentUnknown' });
  expect(view.snapshot(SYMBOL)).toEqual({ instrument: undefined, book: undefined, lastTrade: undefined });
  expect(view.marks().size).toBe(0);
});

test('judges the age of a feed by when ws received the book', () => {
  const view = new MarketView([SYMBOL]);
  view.onBook(book('0.0014', '0.0016', 10_000));
  expect(view.checkFeed(11_000, 1_000).ok).toBe(true);
  expect(view.checkFeed(11_001, 1_000)).toMatchObject({ ok: false, reason: 'FeedStale' });
  expect(view.checkFeed(9_000, 1_000).ok).toBe(true);
  expect(view.checkFeed(8_999, 1_000)).toMatchObject({
    reason: 'FeedStale',
    message: expect.stringContaining('the order book is 1001 ms in the future'),
  });
});

test('is degraded while some pairs have no fresh book or no rules, and fails when none has', () => {
  const view = new MarketView([SYMBOL, 'ADA/ETH']);
  view.onBook(book('0.0014', '0.0016', 10_000));
  expect(view.checkFeed(10_500, 1_000)).toEqual({
    ok: true,
    reason: 'FeedMissing',
    message: 'ADA/ETH: no order book received yet',
  });
  expect(view.checkFeed(11_001, 1_000)).toEqual({
    ok: false,
    reason: 'FeedStale',
    message:
      'XRP/ETH: the order book is 1001 ms old; risk.maxFeedAgeMs allows 1000; ADA/ETH: no order book received yet',
  });
  expect(view.checkInstruments()).toMatchObject({ ok: false, reason: 'InstrumentUnknown' });
  view.onInstruments(new Map([[SYMBOL, RULES]]));
  expect(view.checkInstruments()).toEqual({
    ok: true,
    reason: 'InstrumentUnknown',
    message: 'ADA/ETH: ws has not published the trading rules yet',
  });
});

test('marks a symbol at the mid price, and only while both sides are known', () => {
  const view = new MarketView([SYMBOL]);
  view.onBook(book('0.0014', '0.0016', 1));
  expect(view.marks().get(SYMBOL)).toBe(parseDecimal('0.0015'));
  view.onBook(book(undefined, '0.0016', 2));
  expect(view.marks().has(SYMBOL)).toBe(false);
});

test('marks no symbol at a book that is too old, or of the future, whose age is unknown', () => {
  const view = new MarketView([SYMBOL]);
  view.onBook(book('0.0014', '0.0016', 10_000));
  const isMarked = (nowMs: number): boolean => view.marks({ nowMs, maxAgeMs: 1_000 }).has(SYMBOL);
  expect([8_999, 9_000, 11_000, 11_001].map(isMarked)).toEqual([false, true, true, false]);
  expect(view.marks().has(SYMBOL)).toBe(true);
});

test('keeps the last mid price of a symbol, to value holdings, while its book lacks a side', () => {
  const view = new MarketView([SYMBOL]);
  view.onBook(book('0.0014', '0.0016', 1));
  view.onBook(book(undefined, '0.0016', 2));
  expect(view.lastMids()).toEqual(new Map([[SYMBOL, parseDecimal('0.0015')]]));
  view.onBook(book('0.0016', '0.0018', 3));
  expect(view.lastMids()).toEqual(new Map([[SYMBOL, parseDecimal('0.0017')]]));
});

test('dates the last trade by the venue, however late ws learned of it', () => {
  const view = new MarketView([SYMBOL]);
  const trade = { producer: 'p', seq: 1, symbol: SYMBOL, price: '0.0015', quantity: '1', takerSide: 'buy' };
  view.onTrade(tradeMessage.parse({ ...trade, time: 1_000, receivedAt: 90_000 }));
  expect(view.snapshot(SYMBOL).lastTrade).toEqual({ price: parseDecimal('0.0015'), tradedAt: 1_000 });
  view.onTrade(tradeMessage.parse({ ...trade, time: 91_000, receivedAt: 90_900 }));
  expect(view.snapshot(SYMBOL).lastTrade?.tradedAt).toBe(90_900);
});

test('keeps the rules of a symbol when a later read lacks it', () => {
  const view = new MarketView([SYMBOL]);
  view.onInstruments(new Map([[SYMBOL, RULES]]));
  view.onInstruments(new Map());
  expect(view.instrument(SYMBOL)).toEqual(RULES);
  expect(view.checkInstruments().ok).toBe(true);
});

test('has the best bid of a book that is recent enough', () => {
  const view = new MarketView(['XRP/ETH']);
  expect(view.bestBid('XRP/ETH', 0)).toBeUndefined();
  view.onBook(book('0.0014', '0.0015', 1_000));
  expect(view.bestBid('XRP/ETH', 1_000)).toBe(parseDecimal('0.0014'));
  expect(view.bestBid('XRP/ETH', 1_001)).toBeUndefined();
  expect(view.bestBid('BTC/ETH', 0)).toBeUndefined();
  view.onBook(book(undefined, '0.0015', 1_000));
  expect(view.bestBid('XRP/ETH', 0)).toBeUndefined();
});
