import { describe, expect, test } from 'vitest';
import { checkFeeds, type FeedView } from './feed-check.ts';
import { checkInstruments, type InstrumentView } from './instrument-check.ts';

const fresh: FeedView = { symbol: 'XRP/ETH', depthAgeMs: 80, depthHeard: true, synced: true, tradeAgeMs: null };

describe('feed check', () => {
  test.each<[string, FeedView[], string, RegExp]>([
    ['fresh', [fresh], 'Ok', /^XRP\/ETH: depth 80 ms ago, no trade yet$/],
    ['a quiet market', [{ ...fresh, tradeAgeMs: 900_000 }], 'Ok', /last trade 900000 ms ago/],
    ['a silent channel', [{ ...fresh, depthAgeMs: 5_001 }], 'FeedStale', /no depth for 5001 ms, allowed are 5000 ms/],
    ['one of two', [fresh, { ...fresh, symbol: 'ADA/ETH', depthAgeMs: 6_000 }], 'FeedStale', /^ADA\/ETH: no depth for/],
    ['never heard', [{ ...fresh, depthHeard: false }], 'FeedStale', /no depth yet, for 80 ms/],
    ['no book', [{ ...fresh, synced: false }], 'BookNotBuilt', /^XRP\/ETH: depth comes/],
    ['nothing to watch', [], 'FeedStale', /no symbol is subscribed/],
  ])('%s', (_what, feeds, reason, message) => {
    const verdict = checkFeeds(feeds, 5_000);
    expect(verdict.reason).toBe(reason);
    expect(verdict.ok).toBe(reason === 'Ok');
    expect(verdict.message).toMatch(message);
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
    ['all tradable', {}, 'Ok', /^$/],
    ['no list yet', { listed: undefined, problem: 'connect refused' }, 'InstrumentsUnknown', /connect refused/],
    [
      'a symbol that is not there',
      { symbols: ['XRP/ETH', 'XPR/ETH'] },
      'SymbolUnknown',
      /^spec\.instruments: .*XPR\/ETH; correct/,
    ],
    [
      'a closed one',
      { listed: new Map([...(view.listed ?? []), ['ADA/ETH', { tradable: false, reason: 'status 2' }]]) },
      'SymbolNotTradable',
      /^spec\.instruments: .*ADA\/ETH \(status 2\); take it out/,
    ],
    ['an old list', { ageMs: 1_800_001, problem: '503' }, 'InstrumentsStale', /1800 s old: 503/],
  ])('%s', (_what, change, reason, message) => {
    const verdict = checkInstruments({ ...view, ...change });
    expect(verdict.reason).toBe(reason);
    expect(verdict.ok).toBe(reason === 'Ok');
    expect(verdict.message).toMatch(message);
  });
});
