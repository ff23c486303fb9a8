import { describe, expect, test } from 'vitest';
import { checkFeeds, type FeedView } from './feed-check.ts';
import { checkInstruments, type InstrumentView } from './instrument-check.ts';

const fresh: FeedView = { symbol: 'XRP/ETH', depthAgeMs: 80, depthReceived: true, synced: true, tradeAgeMs: null };

describe('feed check', () => {
  test.each<[string, FeedView[], string, RegExp]>([
    ['reports the ages of a fresh feed', [fresh], 'Ok', /^XRP\/ETH: depth 80 ms ago, no trade yet$/],
    ['accepts a quiet market', [{ ...fresh, tradeAgeMs: 900_000 }], 'Ok', /last trade 900000 ms ago/],
    ['names a silent channel', [{ ...fresh, depthAgeMs: 5_001 }], 'FeedStale', /no depth for 5001 ms, limit 5000 ms/],
    [
      'names the stale one of two symbols',
      [fresh, { ...fresh, symbol: 'ADA/ETH', depthAgeMs: 6_000 }],
      'FeedStale',
      /^ADA\/ETH: no depth for/,
    ],
    ['fails before the first depth', [{ ...fresh, depthReceived: false }], 'FeedStale', /no depth yet after 80 ms/],
    ['fails without a book', [{ ...fresh, synced: false }], 'BookNotBuilt', /^XRP\/ETH: depth arrives/],
    ['fails without symbols', [], 'FeedStale', /no symbol is subscribed/],
  ])('%s', (_name, feeds, reason, message) => {
    const result = checkFeeds(feeds, 5_000);
    expect(result.reason).toBe(reason);
    expect(result.ok).toBe(reason === 'Ok');
    expect(result.message).toMatch(message);
  });
});

describe('instruments check', () => {
  const view: InstrumentView = {
    symbols: ['XRP/ETH', 'ADA/ETH'],
    listed: new Map([
      ['XRP/ETH', { tradable: true, reason: '' }],
      ['ADA/ETH', { tradable: true, reason: '' }],
    ]),
    ageMs: 0,
    problem: '',
  };

  test.each<[string, Partial<InstrumentView>, string, RegExp]>([
    ['passes when all symbols are tradable', {}, 'Ok', /^$/],
    [
      'gives the cause when there is no list yet',
      { listed: undefined, problem: 'connect refused' },
      'InstrumentsUnknown',
      /connect refused/,
    ],
    [
      'names a symbol that the venue does not list',
      { symbols: ['XRP/ETH', 'XPR/ETH'] },
      'SymbolUnknown',
      /^spec\.instruments: .*XPR\/ETH; correct/,
    ],
    [
      'names a symbol that is closed for trading',
      { listed: new Map([...(view.listed ?? []), ['ADA/ETH', { tradable: false, reason: 'status 2' }]]) },
      'SymbolNotTradable',
      /^spec\.instruments: .*ADA\/ETH \(status 2\); remove it/,
    ],
    [
      'rejects a list older than 30 minutes',
      { ageMs: 1_800_001, problem: '503' },
      'InstrumentsStale',
      /1800 s old: 503/,
    ],
  ])('%s', (_name, change, reason, message) => {
    const result = checkInstruments({ ...view, ...change });
    expect(result.reason).toBe(reason);
    expect(result.ok).toBe(reason === 'Ok');
    expect(result.message).toMatch(message);
  });
});
