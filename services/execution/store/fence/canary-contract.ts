import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../../test/fixtures/approved-orders.ts';
import type { CanaryTerms } from '../../../shared/contracts/control.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { intendedOrder, type OrderRecord } from '../../core/order-record.ts';
import { NOTHING_COMPARED } from '../../core/swap/compared-ages.ts';
import type { ExecutionStore, IntentOutcome } from '../../ports.ts';

const CANARY: CanaryTerms = { since: 2, maxNotional: parseDecimal('10.5'), symbols: ['XRP/ETH', 'ADA/ETH'] };
const HELD = { epoch: 2, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };

function intentOf(id: string, side: 'buy' | 'sell'): OrderRecord {
  const order = approvedOrder(id, { side });
  return intendedOrder({ order, instrument: { takerFee: parseDecimal('0.001') }, epoch: 2, intendedAtMs: 1 });
}

/** Tests how the record keeps the canary of an epoch. `create` returns an empty store. */
export function canaryContract(name: string, create: () => Promise<ExecutionStore>): void {
  describe(`${name} as the record of a canary`, () => {
    let store: ExecutionStore;

    beforeEach(async () => {
      store = await create();
    });

    it('is granted with the epoch, and read with the fence', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      expect(await store.readFence()).toEqual({ ...HELD, canary: CANARY });
      await store.raiseFence({ epoch: 3, holder: 'me', canary: { since: 2, maxNotional: CANARY.maxNotional } });
      expect((await store.readFence()).canary).toEqual({ since: 2, maxNotional: CANARY.maxNotional });
    });

    it('counts in its epoch only: a grant without one has none, and neither has a grant that is refused', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      await store.raiseFence({ epoch: 1, holder: 'late' });
      await store.raiseFence({ epoch: 2, holder: 'other' });
      expect((await store.readFence()).canary).toEqual(CANARY);
      await store.raiseFence({ epoch: 3, holder: 'next' });
      expect((await store.readFence()).canary).toBeUndefined();
    });

    it('is changed and lifted by its holder, in the same epoch', async () => {
      await store.raiseFence(HELD);
      expect(await store.raiseFence({ ...HELD, canary: CANARY })).toMatchObject({ granted: true });
      expect((await store.readFence()).canary).toEqual(CANARY);
      const less = { ...CANARY, maxNotional: parseDecimal('1') };
      await store.raiseFence({ ...HELD, canary: less });
      expect((await store.readFence()).canary).toEqual(less);
      await store.raiseFence(HELD);
      expect(await store.readFence()).toEqual(HELD);
    });

    it.each<['buy' | 'sell', number | undefined, IntentOutcome]>([
      ['buy', undefined, 'OutsideCanary'],
      ['buy', 1, 'OutsideCanary'],
      ['buy', 3, 'OutsideCanary'],
      ['buy', 2, 'Committed'],
      ['sell', undefined, 'Committed'],
      ['sell', 1, 'Committed'],
    ])('lets a %s of the canary %s end as %s', async (side, counted, outcome) => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      const order = intentOf('d1', side);
      expect(await store.commitIntent({ ...TERMS, counted }, order)).toBe(outcome);
      expect((await store.loadOrders([])).orders).toEqual(outcome === 'Committed' ? [order] : []);
    });

    it('takes a buy that it does not count when it is never sent, or found at the venue', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      const never: OrderRecord = { ...intentOf('d1', 'buy'), state: { kind: 'NeverSent', reason: 'OutsideCanary' } };
      const found: OrderRecord = { ...intentOf('d2', 'buy'), state: { kind: 'Open', venueOrderId: 'v1' } };
      expect([await store.commitIntent(TERMS, never), await store.commitIntent(TERMS, found)]).toEqual([
        'Committed',
        'Committed',
      ]);
    });

    it('takes any buy once it is lifted, and in an epoch without one', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      await store.raiseFence(HELD);
      expect(await store.commitIntent(TERMS, intentOf('d1', 'buy'))).toBe('Committed');
      await store.raiseFence({ ...HELD, canary: CANARY });
      const next = { epoch: 3, holder: 'next' };
      await store.raiseFence(next);
      expect(await store.commitIntent({ ...TERMS, ...next }, { ...intentOf('d2', 'buy'), epoch: 3 })).toBe('Committed');
    });

    it('names a halt before the canary, and lets nothing through in a halt', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      await store.setTradingState({ source: 'desk', state: 'Halted', author: '', reason: '', revision: 1 });
      expect(await store.commitIntent(TERMS, intentOf('d1', 'buy'))).toBe('Halted');
      expect(await store.commitIntent({ ...TERMS, counted: 2 }, intentOf('d2', 'buy'))).toBe('Halted');
    });

    it('names another release of risk before the canary, whether it counted the buy or not', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      for (const counted of [undefined, 2])
        expect(await store.commitIntent({ ...HELD, counted, approvedBy: 'next' }, intentOf('d1', 'buy'))).toBe(
          'OtherRelease',
        );
    });

    it('is not carried over by a hand-over', async () => {
      await store.raiseFence({ ...HELD, canary: CANARY });
      expect(await store.releaseFence(HELD, NOTHING_COMPARED)).toBe(true);
      await store.raiseFence({ epoch: 3, holder: 'next' });
      expect((await store.readFence()).canary).toBeUndefined();
    });
  });
}
