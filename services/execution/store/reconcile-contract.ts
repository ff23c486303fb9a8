import { beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { Valuation } from '../core/portfolio.ts';
import type { ExecutionStore, VenueAmounts } from '../ports.ts';

/** An empty store, and what other services and people read in it. */
export interface ReconcileSubject {
  readonly store: ExecutionStore;
  /** When each asset was last compared with the venue. UTC milliseconds. */
  readonly comparedAt: () => Promise<ReadonlyMap<string, number>>;
  /** What the venue reported as free of each asset, and when. */
  readonly freeAt: () => Promise<ReadonlyMap<string, readonly [Decimal, number]>>;
  /** Asks to book a transfer as a person does: author `ada`, reason `why`. */
  readonly transfer: (asset: string, amount: string) => Promise<void>;
  readonly countSnapshots: () => Promise<number>;
}

const NOW_MS = 1_800_000_000_000;
const d = parseDecimal;

function held(...assets: readonly string[]): ReadonlyMap<string, ReturnType<typeof d>> {
  return new Map(assets.map((asset) => [asset, d('2')]));
}

function reported(...assets: readonly string[]): ReadonlyMap<string, VenueAmounts> {
  return new Map(assets.map((asset) => [asset, { total: d('2'), free: d('1.5') }]));
}

/** Tests what a reconcile and the snapshots leave behind. Risk refuses entries by the time of the comparison. */
export function reconcileContract(name: string, create: () => Promise<ReconcileSubject>): void {
  describe(`${name} as the record of a reconcile`, () => {
    let subject: ReconcileSubject;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });

    const book = async (...assets: string[]) => await store.bookTransfers(new Set(assets));

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

    it('books each transfer once, and a wrong one can be reversed', async () => {
      await store.openLedger(held('ETH'));
      expect(await book('ETH')).toEqual({ booked: [], waiting: [] });
      await subject.transfer('ETH', '0.5');
      await subject.transfer('MX', '3');
      const { booked, waiting } = await book('MX', 'ETH');
      expect(waiting).toEqual([]);
      expect(booked).toMatchObject([
        { asset: 'ETH', amount: d('0.5'), author: 'ada', reason: 'why' },
        { asset: 'MX', amount: d('3') },
      ]);
      expect(await book('MX', 'ETH')).toEqual({ booked: [], waiting: [] });
      expect(await store.readLedger()).toEqual(
        new Map([
          ['ETH', d('2.5')],
          ['MX', d('3')],
        ]),
      );
      await subject.transfer('ETH', '-0.5');
      await book('ETH');
      expect((await store.readLedger()).get('ETH')).toBe(d('2'));
    });

    it('books no transfer of an unknown asset, and lets it hold up no other, however many there are', async () => {
      for (let count = 0; count < 101; count += 1) await subject.transfer('EHT', '0.5');
      await subject.transfer('ETH', '0.5');
      const first = await book('ETH');
      expect([first.booked.length, first.waiting.length]).toEqual([1, 99]);
      expect(first.waiting[0]).toMatchObject({ asset: 'EHT', amount: d('0.5'), author: 'ada' });
      expect(await store.readLedger()).toEqual(new Map([['ETH', d('0.5')]]));
      expect((await book('EHT')).booked).toHaveLength(100);
    });

    it('counts a transfer that is booked before the opening as part of it', async () => {
      await subject.transfer('ETH', '0.5');
      await subject.transfer('XRP', '-3');
      await book('ETH', 'XRP');
      expect(await store.openLedger(held('ETH'))).toBe(true);
      const ledger = await store.readLedger();
      expect([ledger.get('ETH'), ledger.get('XRP') ?? d('0')]).toEqual([d('2'), d('0')]);
    });

    it('leaves the ledger as it is', async () => {
      await store.openLedger(held('ETH'));
      await store.recordVenueBalances(new Map([['ETH', { total: d('3'), free: d('3') }]]), NOW_MS, []);
      expect(await store.readLedger()).toEqual(held('ETH'));
    });

    it('quarantines an order once, and keeps when it was first seen', async () => {
      const report: OrderReport = {
        venueOrderId: 'v9',
        clientOrderId: 'foreign',
        symbol: 'XRP/ETH',
        side: 'buy',
        price: d('1'),
        quantity: d('1'),
        executed: d('0'),
        status: 'New',
        resting: true,
      };
      expect(await store.insertQuarantine(report, NOW_MS)).toEqual({ isNew: true, seenMs: NOW_MS });
      const later = { ...report, executed: d('0.5') };
      expect(await store.insertQuarantine(later, NOW_MS + 5)).toEqual({ isNew: false, seenMs: NOW_MS });
      const other = { ...report, venueOrderId: 'v10' };
      expect(await store.insertQuarantine(other, NOW_MS + 9)).toEqual({ isNew: true, seenMs: NOW_MS + 9 });
    });

    it('keeps one snapshot for each time and symbol', async () => {
      const line = (symbol: string): Valuation => ({
        symbol,
        quantity: d('10'),
        mark: d('1'),
        realised: d('0'),
        unrealised: d('0'),
      });
      await store.insertSnapshots(NOW_MS, [line('XRP/ETH'), line('ADA/ETH')]);
      await store.insertSnapshots(NOW_MS, [line('XRP/ETH')]);
      expect(await subject.countSnapshots()).toBe(2);
      await store.insertSnapshots(NOW_MS + 60_000, [line('XRP/ETH')]);
      expect(await subject.countSnapshots()).toBe(3);
    });
  });
}
