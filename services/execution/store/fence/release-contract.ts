import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../../test/fixtures/approved-orders.ts';
import { intendedOrder, type OrderRecord } from '../../core/order-record.ts';
import { NOTHING_COMPARED, type ComparedAges } from '../../core/swap/compared-ages.ts';
import type { ExecutionStore } from '../../ports.ts';

const HELD = { epoch: 1, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };
const COMPARED: ComparedAges = { instruments: { 'XRP/ETH': 1_200, 'ADA/ETH': 0 }, balances: 30 };

function intentOf(decisionId: string, epoch: number): OrderRecord {
  return intendedOrder({ order: approvedOrder(decisionId), instrument: undefined, epoch, intendedAtMs: 1 });
}

export interface ReleaseSubject {
  readonly store: ExecutionStore;
  /** Releases the fence as a release of the product does that records no comparisons. */
  readonly releaseAsBefore: () => Promise<void>;
}

/** Tests how a holder hands the fence over. `create` returns an empty store. */
export function releaseContract(name: string, create: () => Promise<ReleaseSubject>): void {
  describe(`${name} as the record of a hand-over`, () => {
    let subject: ReleaseSubject;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      ({ store } = subject);
      await store.raiseFence(HELD);
    });

    it('releases the fence only for its holder and epoch, and keeps the epoch', async () => {
      expect(await store.releaseFence({ epoch: 1, holder: 'other' }, COMPARED)).toBe(false);
      expect(await store.releaseFence({ epoch: 2, holder: 'me' }, COMPARED)).toBe(false);
      expect(await store.readFence()).toEqual(HELD);
      expect(await store.releaseFence(HELD, COMPARED)).toBe(true);
      const released = { epoch: 1, holder: '' };
      expect(await store.readFence()).toEqual(released);
      await store.raiseFence({ epoch: 2, holder: 'next' });
      expect(await store.releaseFence(HELD, COMPARED)).toBe(false);
      expect(await store.readFence()).toEqual({ epoch: 2, holder: 'next' });
    });

    it('commits no intent of a holder that has let go, also when it holds a newer epoch', async () => {
      await store.releaseFence(HELD, NOTHING_COMPARED);
      expect(await store.commitIntent(TERMS, intentOf('d1', 1))).toBe('Fenced');
      await store.raiseFence({ epoch: 2, holder: 'me' });
      expect(await store.commitIntent(TERMS, intentOf('d2', 1))).toBe('Fenced');
      expect(await store.commitIntent({ ...TERMS, epoch: 2, holder: 'other' }, intentOf('d3', 2))).toBe('Fenced');
      expect((await store.loadOrders([])).orders).toEqual([]);
    });

    it('releases once more after a lost answer', async () => {
      await store.releaseFence(HELD, NOTHING_COMPARED);
      expect(await store.releaseFence(HELD, COMPARED)).toBe(true);
      expect(await store.raiseFence({ epoch: 2, holder: 'next' })).toMatchObject({ released: { compared: COMPARED } });
    });

    it('returns what was compared, and how long ago it was released, to the next holder only', async () => {
      await store.releaseFence(HELD, COMPARED);
      const { released } = await store.raiseFence({ epoch: 2, holder: 'next' });
      expect(released?.compared).toEqual(COMPARED);
      expect(Math.abs((released?.agoMs ?? -1) - 5_000)).toBeLessThanOrEqual(5_000);
      // It was not released in between.
      expect((await store.raiseFence({ epoch: 3, holder: 'other' })).released).toBeUndefined();
    });

    it('returns nothing of a holder that recorded no comparisons, although an older one did', async () => {
      await store.releaseFence(HELD, COMPARED);
      await store.raiseFence({ epoch: 2, holder: 'older release' });
      await subject.releaseAsBefore();
      const next = await store.raiseFence({ epoch: 3, holder: 'next' });
      expect(next).toMatchObject({ granted: true, before: { epoch: 2, holder: '' }, released: undefined });
    });
  });
}
