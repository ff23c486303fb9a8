import { describe, expect, test } from 'vitest';
import { checkFeeds, type FeedView } from './feed-check.ts';
import { checkInstruments, type InstrumentView } from './instrument-check.ts';
import type { ReadinessResult } from './readiness-result.ts';

const fresh: FeedView = {
  symbol: 'XRP/ETH',
  depthAgeMs: 80,
  depthReceived: true,
  synced: true,
  offStep: '',
  tradeAgeMs: null,
};

describe('feed check', () => {
  const stale: FeedView = { ...fresh, symbol: 'ADA/ETH', depthAgeMs: 6_000 };

  test.each<[string, FeedView[], string, RegExp]>([
    ['reports the ages of a fresh feed', [fresh], 'Ok', /^XRP\/ETH: depth 80 ms ago, no trade yet$/],
    ['accepts a quiet market', [{ ...fresh, tradeAgeMs: 900_000 }], 'Ok', /last trade 900000 ms ago/],
    ['names a silent channel', [{ ...fresh, depthAgeMs: 5_001 }], 'FeedStale', /no depth for 5001 ms, limit 5000 ms/],
    [
      'names all when none is fresh',
      [{ ...fresh, synced: false }, stale],
      'BookNotBuilt',
      /^XRP.*ADA\/ETH: no depth for/,
    ],
    ['fails before the first depth', [{ ...fresh, depthReceived: false }], 'FeedStale', /no depth yet after 80 ms/],
    ['fails without a book', [{ ...fresh, synced: false }], 'BookNotBuilt', /^XRP\/ETH: depth arrives/],
    [
      'names a level off the steps',
      [{ ...fresh, synced: false, offStep: '1.0051 is off the tick 0.001' }],
      'BookNotBuilt',
      /^XRP\/ETH: the venue sends .*: 1\.0051 is off/,
    ],
    ['fails without symbols', [], 'FeedStale', /no symbol is subscribed/],
  ])('%s', (_name, feeds, reason, message) => {
    const result = checkFeeds(feeds, 5_000);
    expect(result.reason).toBe(reason);
    expect(result.ok).toBe(reason === 'Ok');
    expect(result.message).toMatch(message);
  });

  test('passes with the problem of one pair while another is fresh', () => {
    const message = 'ADA/ETH: no depth for 6000 ms, limit 5000 ms';
    expect(checkFeeds([fresh, stale], 5_000)).toEqual({ ok: true, reason: 'FeedStale', message });
    const unbuilt = { ...stale, depthAgeMs: 10, synced: false };
    expect(checkFeeds([unbuilt, fresh], 5_000)).toMatchObject({ ok: true, reason: 'BookNotBuilt' });
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

  const closed = { tradable: false, reason: 'status 2' };
  const open = { tradable: true, reason: '' };

  test.each<[string, Partial<InstrumentView>, Pick<ReadinessResult, 'ok' | 'reason'>, RegExp]>([
    ['passes when all symbols are tradable', {}, { ok: true, reason: 'Ok' }, /^$/],
    [
      'fails with the cause while there is no list yet',
      { listed: undefined, problem: 'connect refused' },
      { ok: false, reason: 'InstrumentsUnknown' },
      /connect refused/,
    ],
    [
      'is degraded by a symbol that the venue does not list',
      { symbols: ['XRP/ETH', 'XPR/ETH'] },
      { ok: true, reason: 'SymbolUnknown' },
      /^spec\.instruments: XPR\/ETH: .*correct/,
    ],
    [
      'fails when it lists none',
      { symbols: ['XPR/ETH'] },
      { ok: false, reason: 'SymbolUnknown' },
      /^spec\.instruments: XPR\/ETH: /,
    ],
    [
      'is degraded by a symbol that is closed for trading',
      { listed: new Map([...(view.listed ?? []), ['ADA/ETH', closed]]) },
      { ok: true, reason: 'SymbolNotTradable' },
      /^spec\.instruments: ADA\/ETH: .*\(status 2\); remove it/,
    ],
    [
      'does not fail when every pair is closed, because what is held must be sold once it opens',
      { symbols: ['ADA/ETH'], listed: new Map([['ADA/ETH', closed]]) },
      { ok: true, reason: 'SymbolNotTradable' },
      /ADA\/ETH/,
    ],
    [
      'names a pair that is unknown and one that is closed',
      { listed: new Map([['ADA/ETH', closed], ['X/Y', open]]) }, // prettier-ignore
      { ok: true, reason: 'SymbolUnknown' },
      /XRP\/ETH: the venue does not list.*ADA\/ETH: not tradable/,
    ],
    [
      'is degraded by a list older than 30 minutes',
      { ageMs: 1_800_001, problem: '503' },
      { ok: true, reason: 'InstrumentsStale' },
      /1800 s old: 503/,
    ],
  ])('%s', (_name, change, expected, message) => {
    const result = checkInstruments({ ...view, ...change });
    expect(result).toMatchObject(expected);
    expect(result.message).toMatch(message);
  });
});
