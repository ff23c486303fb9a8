import { beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import type { Valuation } from '../core/portfolio.ts';
import type { ExecutionStore } from '../ports.ts';
import { fillsReadContract, type FillsReadSubject } from './fills/fills-read-contract.ts';
import { comparisonContract, type ComparisonSubject } from './ledger/comparison-contract.ts';

/** An empty store, and what other services and people read in it. */
export interface ReconcileSubject extends ComparisonSubject, FillsReadSubject {
  /** Asks to book a transfer as a person does: author `ada`, reason `why`. */
  readonly transfer: (asset: string, amount: string) => Promise<void>;
  readonly countSnapshots: () => Promise<number>;
  /** Clears a letter as a person does. */
  readonly clearByHand: (letter: Pick<DeadLetter, 'kind' | 'id'>) => Promise<void>;
}

const NOW_MS = 1_800_000_000_000;
const d = parseDecimal;

function held(...assets: readonly string[]): ReadonlyMap<string, ReturnType<typeof d>> {
  return new Map(assets.map((asset) => [asset, d('2')]));
}

/** Tests what a reconcile and the snapshots leave behind. Risk refuses entries by the time of the comparison. */
export function reconcileContract(name: string, create: () => Promise<ReconcileSubject>): void {
  comparisonContract(name, create);
  fillsReadContract(name, create);
  describe(`${name} as the record of a reconcile`, () => {
    let subject: ReconcileSubject;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });

    const book = async (...assets: string[]) => await store.bookTransfers(new Set(assets));

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

    describe('knows which letters a person has cleared', () => {
      const letter = { kind: 'Fill', id: 'a', symbol: 'XRP/ETH', payload: '{}', problem: 'p' } as const;
      const cleared = async (...ids: string[]) => [...(await store.clearedDeadLetters('Fill', ids))];

      it('of a kind, and not those that are open again', async () => {
        for (const id of ['a', 'b', 'c']) await store.keepDeadLetter({ ...letter, id });
        await store.keepDeadLetter({ ...letter, kind: 'Order' });
        await subject.clearByHand({ kind: 'Fill', id: 'a' });
        await subject.clearByHand({ kind: 'Fill', id: 'b' });
        await store.keepDeadLetter({ ...letter, id: 'b' });
        expect(await cleared('a', 'b', 'c', 'never')).toEqual(['a']);
        expect(await store.clearedDeadLetters('Order', ['a'])).toEqual(new Set());
        expect(await cleared()).toEqual([]);
      });

      it('and not those that were cleared because they are over, unless a person clears them then', async () => {
        await store.keepDeadLetter(letter);
        await store.clearDeadLetter(letter);
        expect([await store.openDeadLetters(), await cleared('a')]).toEqual([[], []]);
        await subject.clearByHand(letter);
        expect(await cleared('a')).toEqual(['a']);
      });

      it('also after they were over before', async () => {
        await store.keepDeadLetter(letter);
        await store.clearDeadLetter(letter);
        await store.keepDeadLetter(letter);
        await subject.clearByHand(letter);
        expect(await cleared('a')).toEqual(['a']);
      });

      it('and leaves it so when the thing is processed later', async () => {
        await store.keepDeadLetter(letter);
        await subject.clearByHand(letter);
        await store.clearDeadLetter(letter);
        await store.clearDeadLetter({ kind: 'Fill', id: 'never' });
        expect(await cleared('a', 'never')).toEqual(['a']);
      });
    });
  });
}
