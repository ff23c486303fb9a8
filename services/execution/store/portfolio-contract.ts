import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { manualTrade } from '../../../test/fixtures/manual-trades.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { intendedOrder } from '../core/order-record.ts';
import { portfolioFigures } from '../core/portfolio.ts';
import type { ExecutionStore } from '../ports.ts';
import type { ManualTradesSubject } from './manual-trades-contract.ts';

const d = parseDecimal;
const NOW_MS = 1_800_000_000_000;
const HELD = { epoch: 1, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };

/** Tests what the record says of profit, and of the fees that are not part of it. */
export function portfolioContract(
  name: string,
  create: () => Promise<Pick<ManualTradesSubject, 'store' | 'trade'>>,
): void {
  describe(`${name} as the record of profit`, () => {
    let subject: Pick<ManualTradesSubject, 'store' | 'trade'>;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
      await store.raiseFence(HELD);
    });

    /** Buys 10 for 1 each and sells them for 1.01 each, so that 0.1 is won before fees. */
    async function roundTrip(fee: Pick<Fill, 'fee' | 'feeAsset'>): Promise<void> {
      for (const [side, price] of [
        ['buy', d('1')],
        ['sell', d('1.01')],
      ] as const) {
        const approval = approvedOrder(`${side} ${fee.feeAsset}`, { side, price, quantity: d('10') });
        const terms = { order: approval, instrument: { takerFee: d('0.01') }, epoch: 1, intendedAtMs: NOW_MS };
        const { request } = intendedOrder(terms);
        expect(await store.commitIntent(TERMS, intendedOrder(terms))).toBe('Committed');
        const { clientOrderId, symbol, quantity } = request;
        const ids = { venueTradeId: clientOrderId, venueOrderId: clientOrderId, clientOrderId };
        const fill = { ...ids, symbol, side, price, quantity, ...fee, maker: false, time: NOW_MS };
        const observation = { kind: 'FillSeen', fill } as const;
        await store.recordObservation({ key: { ...ids, venueOrderId: '' }, observation, epoch: 1, atMs: NOW_MS });
      }
    }

    const figures = async () => portfolioFigures(await store.loadPortfolio(), new Map());

    it.each(['ETH', 'XRP'])('has no fee beside the profit that contains the fees in %s', async (feeAsset) => {
      await roundTrip({ fee: d('0.1'), feeAsset });
      expect((await store.loadPortfolio()).thirdAssetFees).toEqual(new Map());
    });

    it('shows the loss of a round trip whose fees are in quote', async () => {
      await roundTrip({ fee: d('0.1'), feeAsset: 'ETH' });
      expect(await figures()).toEqual({ 'position.XRP/ETH': '0', 'realised.XRP/ETH': '-0.1 ETH' });
    });

    it('names the fees of the same round trip beside its profit when they are in a third asset', async () => {
      await roundTrip({ fee: d('0.1'), feeAsset: 'MX' });
      expect((await store.loadPortfolio()).thirdAssetFees).toEqual(new Map([['MX', d('0.2')]]));
      expect(await figures()).toEqual({
        'position.XRP/ETH': '0',
        'realised.XRP/ETH': '0.1 ETH',
        'thirdAssetFees.MX': '0.2 MX',
      });
    });

    it('counts the fee of a trade by hand, and not one in an asset of its own pair', async () => {
      await subject.trade(manualTrade({ side: 'buy', symbol: 'MX/ETH', fee: d('3'), feeAsset: 'MX' }));
      await subject.trade(manualTrade({ side: 'buy', fee: d('2'), feeAsset: 'MX' }));
      const known = { symbols: new Set(['XRP/ETH', 'MX/ETH']), assets: new Set(['XRP', 'ETH', 'MX']) };
      expect((await store.bookManualTrades(known, new Set())).refused).toEqual([]);
      expect((await store.loadPortfolio()).thirdAssetFees).toEqual(new Map([['MX', d('2')]]));
    });
  });
}
