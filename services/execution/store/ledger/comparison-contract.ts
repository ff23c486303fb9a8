import { beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { ExecutionStore, VenueAmounts } from '../../ports.ts';

/** An empty store, and what risk reads of it. */
export interface ComparisonSubject {
  readonly store: ExecutionStore;
  /** When each asset was last compared with the venue. UTC milliseconds. */
  readonly comparedAt: () => Promise<ReadonlyMap<string, number>>;
  /** What the venue reported as free of each asset, and when. */
  readonly freeAt: () => Promise<ReadonlyMap<string, readonly [Decimal, number]>>;
}

const NOW_MS = 1_800_000_000_000;
const d = parseDecimal;

function held(...assets: readonly string[]): ReadonlyMap<string, Decimal> {
  return new Map(assets.map((asset) => [asset, d('2')]));
}

function reported(...assets: readonly string[]): ReadonlyMap<string, VenueAmounts> {
  return new Map(assets.map((asset) => [asset, { total: d('2'), free: d('1.5') }]));
}

/** Tests what a comparison with the venue leaves behind. Risk bounds exits and refuses entries by it. */
export function comparisonContract(name: string, create: () => Promise<ComparisonSubject>): void {
  describe(`${name} as the record of comparisons with the venue`, () => {
    let subject: ComparisonSubject;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });

    it('has compared nothing before the first reading, although the ledger is open', async () => {
      expect(await subject.comparedAt()).toEqual(new Map());
      await store.openLedger(held('ETH'));
      expect(await subject.comparedAt()).toEqual(new Map());
    });

    it('notes the time of each reading for the assets of the venue and of the ledger', async () => {
      await store.openLedger(held('ETH'));
      await store.recordVenueBalances(reported('MX'), NOW_MS, []);
      expect(await subject.comparedAt()).toEqual(new Map(['ETH', 'MX'].map((asset) => [asset, NOW_MS])));
      await store.recordVenueBalances(reported('ETH', 'MX', 'XRP'), NOW_MS + 5, []);
      expect(await subject.comparedAt()).toEqual(new Map(['ETH', 'MX', 'XRP'].map((asset) => [asset, NOW_MS + 5])));
    });

    it('compares an asset that the venue no longer reports too', async () => {
      await store.recordVenueBalances(reported('MX', 'ETH'), NOW_MS, []);
      await store.recordVenueBalances(reported('ETH'), NOW_MS + 5, []);
      expect(await subject.comparedAt()).toEqual(new Map(['ETH', 'MX'].map((asset) => [asset, NOW_MS + 5])));
    });

    it('keeps what the venue has free, with the time of the reading, and nothing of an asset it no longer reports', async () => {
      await store.openLedger(held('ETH'));
      expect(await subject.freeAt()).toEqual(new Map());
      await store.recordVenueBalances(reported('MX', 'XRP'), NOW_MS, ['ADA']);
      const none = [ZERO, NOW_MS];
      const some = [d('1.5'), NOW_MS];
      expect(await subject.freeAt()).toEqual(
        new Map([
          ['ADA', none],
          ['ETH', none],
          ['MX', some],
          ['XRP', some],
        ]),
      );
      const locked = new Map([['MX', { total: d('2'), free: ZERO }]]);
      await store.recordVenueBalances(locked, NOW_MS + 5, []);
      expect([...(await subject.freeAt()).values()]).toEqual(Array.from({ length: 4 }, () => [ZERO, NOW_MS + 5]));
    });

    it('leaves an asset as it is that the venue reported unreadably, with its drift and its age', async () => {
      await store.openLedger(held('ETH', 'XRP'));
      await store.recordVenueBalances(reported('ETH', 'XRP'), NOW_MS, ['ETH', 'XRP']);
      const unread = new Map([...reported('XRP'), ['ETH', undefined] as const, ['SCAM', undefined] as const]);
      await store.recordVenueBalances(unread, NOW_MS + 5, []);
      expect(await store.driftingAssets()).toEqual(new Set(['ETH']));
      expect((await subject.comparedAt()).get('ETH')).toBe(NOW_MS);
      expect((await subject.freeAt()).get('ETH')).toEqual([d('1.5'), NOW_MS]);
      expect((await subject.comparedAt()).get('XRP')).toBe(NOW_MS + 5);
      expect((await subject.comparedAt()).has('SCAM')).toBe(false);
    });

    it('knows which assets drifted in the last comparison, and no others', async () => {
      expect(await store.driftingAssets()).toEqual(new Set());
      await store.openLedger(held('ETH', 'XRP'));
      await store.recordVenueBalances(reported('ETH', 'MX'), NOW_MS, ['XRP', 'MX']);
      expect(await store.driftingAssets()).toEqual(new Set(['XRP', 'MX']));
      await store.recordVenueBalances(reported('ETH', 'MX', 'XRP'), NOW_MS + 5, ['ETH']);
      expect(await store.driftingAssets()).toEqual(new Set(['ETH']));
      await store.recordVenueBalances(reported('MX'), NOW_MS + 5, []);
      expect(await store.driftingAssets()).toEqual(new Set());
    });

    it('keeps the drift of an asset that neither the venue nor the ledger has', async () => {
      await store.recordVenueBalances(reported('ETH'), NOW_MS, ['ADA']);
      expect(await store.driftingAssets()).toEqual(new Set(['ADA']));
      expect(await subject.comparedAt()).toEqual(new Map(['ADA', 'ETH'].map((asset) => [asset, NOW_MS])));
    });
  });
}
