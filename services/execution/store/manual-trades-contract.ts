import { beforeEach, describe, expect, it } from 'vitest';
import { manualTrade } from '../../../test/fixtures/manual-trades.ts';
import { formatDecimal, parseDecimal } from '../../shared/domain/decimal.ts';
import type { KnownNames, ManualTrade } from '../core/reconcile/manual-trade.ts';
import type { ExecutionStore } from '../ports.ts';

/** An empty store, and what people write to it and read in it. */
export interface ManualTradesSubject {
  readonly store: ExecutionStore;
  /** Asks to book a trade as a person does. The ID is ignored. */
  readonly trade: (trade: ManualTrade) => Promise<void>;
  /** Deletes the trades that are not booked, as a person does. */
  readonly forget: () => Promise<void>;
  /** Fees paid so far, by asset. */
  readonly fees: () => Promise<ReadonlyMap<string, string>>;
}

const d = parseDecimal;
const KNOWN: KnownNames = { symbols: new Set(['XRP/ETH']), assets: new Set(['XRP', 'ETH', 'MX']) };
const REMOVED: KnownNames = { ...KNOWN, symbols: new Set(['BTC/USDT']) };
const NO_IDS: ReadonlySet<string> = new Set();
const NONE = { booked: [], refused: [], waiting: [] };
const BUY = { side: 'buy', price: d('0.0014') } as const;

/** Tests how a trade by hand enters positions and ledger. */
export function manualTradesContract(name: string, create: () => Promise<ManualTradesSubject>): void {
  describe(`${name} as the record of trades by hand`, () => {
    let subject: ManualTradesSubject;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });

    async function ask(...changes: readonly Partial<ManualTrade>[]): Promise<void> {
      for (const change of changes) await subject.trade(manualTrade(change));
    }

    /** Symbol, quantity, cost and realised profit of each position. */
    async function positions(): Promise<readonly string[]> {
      const { positions: held } = await store.loadPortfolio();
      return held.map(({ symbol, quantity, cost, realised }) =>
        [symbol, ...[quantity, cost, realised].map(formatDecimal)].join(' '),
      );
    }

    async function ledger(): Promise<Readonly<Record<string, string>>> {
      const amounts = [...(await store.readLedger())].filter(([, amount]) => amount !== 0n);
      return Object.fromEntries(amounts.map(([asset, amount]) => [asset, formatDecimal(amount)]));
    }

    const reasons = async (known = KNOWN) =>
      (await store.bookManualTrades(known, NO_IDS)).refused.map(({ problem }) => problem);

    it('has the symbols of which a strategy holds something, until the last of it is sold', async () => {
      const known = { ...KNOWN, symbols: new Set(['XRP/ETH', 'MX/ETH']) };
      const held = async (...changes: readonly Partial<ManualTrade>[]) => {
        await ask(...changes);
        expect((await store.bookManualTrades(known, NO_IDS)).refused).toEqual([]);
        return await store.heldSymbols();
      };
      expect(await held()).toEqual(new Set());
      expect(await held(BUY, { ...BUY, strategy: 'other' }, { ...BUY, symbol: 'MX/ETH' })).toEqual(known.symbols);
      expect(await held({}, { symbol: 'MX/ETH' })).toEqual(new Set(['XRP/ETH']));
      expect(await held({ strategy: 'other' })).toEqual(new Set());
    });

    it('books a trade once, in position, ledger and fees', async () => {
      expect(await store.bookManualTrades(KNOWN, NO_IDS)).toEqual(NONE);
      await ask(BUY);
      await ask({ fee: d('0.001') });
      const { booked, refused } = await store.bookManualTrades(KNOWN, NO_IDS);
      expect(refused).toEqual([]);
      const { id: first, ...bought } = manualTrade(BUY);
      const { id: second, ...sold } = manualTrade({ fee: d('0.001') });
      expect([first, second]).toEqual(['1', '1']);
      expect(booked).toMatchObject([bought, sold]);
      expect(await positions()).toEqual(['XRP/ETH 0 0 0.029']);
      expect(await ledger()).toEqual({ ETH: '0.029' });
      expect(await subject.fees()).toEqual(new Map([['ETH', '0.001']]));
      expect(await store.bookManualTrades(KNOWN, NO_IDS)).toEqual(NONE);
      expect(await ledger()).toEqual({ ETH: '0.029' });
    });

    it('books once what several processes book at the same time', async () => {
      await ask(...Array.from({ length: 6 }, () => BUY));
      const results = await Promise.all([1, 2, 3].map(async () => await store.bookManualTrades(KNOWN, NO_IDS)));
      expect(results.flatMap(({ booked }) => booked)).toHaveLength(6);
      expect(results.flatMap(({ refused }) => refused)).toEqual([]);
      expect(await positions()).toEqual(['XRP/ETH 300 0.42 0']);
    });

    it('books in the order in which people asked, however many rows there are', async () => {
      await ask(...Array.from({ length: 12 }, () => [BUY, {}]).flat());
      const { booked, refused } = await store.bookManualTrades(KNOWN, NO_IDS);
      expect([booked.length, refused]).toEqual([24, []]);
      expect(await positions()).toEqual(['XRP/ETH 0 0 0.36']);
    });

    it('sets a sale of more than is held apart, books the others, and books it once enough is held', async () => {
      await ask({ quantity: d('80') }, BUY);
      const { booked, refused } = await store.bookManualTrades(KNOWN, NO_IDS);
      expect(booked).toMatchObject([BUY]);
      const problem = 'the strategy trend holds 0 XRP in XRP/ETH: the trade would leave -80';
      expect(refused).toMatchObject([{ trade: { side: 'sell', quantity: d('80'), author: 'ada' }, problem }]);
      expect(await ledger()).toEqual({ XRP: '50', ETH: '-0.07' });
      expect(await reasons()).toEqual(['the strategy trend holds 50 XRP in XRP/ETH: the trade would leave -30']);
      await ask(BUY);
      // The sale is older: it is tried before the second buy.
      expect((await store.bookManualTrades(KNOWN, NO_IDS)).booked).toMatchObject([BUY]);
      expect((await store.bookManualTrades(KNOWN, NO_IDS)).booked).toMatchObject([{ side: 'sell' }]);
      expect(await positions()).toEqual(['XRP/ETH 20 0.028 0.048']);
    });

    it('lets trades that cannot be booked hold up no other, however many there are', async () => {
      await ask(...Array.from({ length: 120 }, () => ({ strategy: 'other' })), BUY);
      const { booked, refused } = await store.bookManualTrades(KNOWN, NO_IDS);
      expect([booked.length, refused.length]).toEqual([1, 120]);
      await subject.forget();
      expect(await store.bookManualTrades(KNOWN, NO_IDS)).toEqual(NONE);
    });

    it('gives each its turn, however many cannot be booked, and names those of before that wait for theirs', async () => {
      await ask(...Array.from({ length: 2_000 }, () => ({ strategy: 'other' })), BUY);
      const apart = new Set<string>();
      const counts: (readonly number[])[] = [];
      for (let call = 0; call < 3; call += 1) {
        const { booked, refused, waiting } = await store.bookManualTrades(KNOWN, apart);
        for (const { trade } of refused) apart.add(trade.id);
        counts.push([booked.length, refused.length, waiting.length, apart.size]);
      }
      expect(counts).toEqual([
        [0, 1_000, 0, 1_000],
        [0, 1_000, 1_000, 2_000],
        [1, 999, 1_001, 2_000],
      ]);
      await subject.forget();
      expect(await store.bookManualTrades(KNOWN, apart)).toEqual(NONE);
    });

    it('books a sale of a symbol that is no longer configured, and its reversal', async () => {
      await ask(BUY);
      await store.bookManualTrades(KNOWN, NO_IDS);
      await ask({});
      expect((await store.bookManualTrades(REMOVED, NO_IDS)).booked).toHaveLength(1);
      expect(await positions()).toEqual(['XRP/ETH 0 0 0.03']);
      await ask({ side: 'buy' });
      expect((await store.bookManualTrades(REMOVED, NO_IDS)).booked).toHaveLength(1);
      expect(await positions()).toEqual(['XRP/ETH 50 0.1 0.03']);
    });

    it('books nothing in a symbol that is neither configured nor held', async () => {
      await ask(BUY);
      const problem = 'XRP/ETH is not configured, and the strategy trend has no position in it';
      expect(await reasons(REMOVED)).toEqual([problem]);
      expect([await positions(), await ledger()]).toEqual([[], {}]);
    });

    it('keeps the positions of two strategies apart', async () => {
      await ask(BUY, { ...BUY, strategy: 'other', quantity: d('10') });
      await store.bookManualTrades(KNOWN, NO_IDS);
      await ask({ quantity: d('55') });
      expect(await reasons()).toEqual(['the strategy trend holds 50 XRP in XRP/ETH: the trade would leave -5']);
      expect(await ledger()).toMatchObject({ XRP: '60' });
    });

    it('books a fee in a third asset in the ledger, and none in an unknown asset', async () => {
      await ask({ ...BUY, fee: d('3'), feeAsset: 'MX' }, { ...BUY, fee: d('3'), feeAsset: 'MXX' });
      expect(await reasons()).toEqual(['MXX, the asset of the fee, is unknown']);
      expect(await positions()).toEqual(['XRP/ETH 50 0.07 0']);
      expect(await ledger()).toEqual({ XRP: '50', ETH: '-0.07', MX: '-3' });
      expect(await subject.fees()).toEqual(new Map([['MX', '3']]));
    });

    it('books a trade whole or not at all', async () => {
      await store.openLedger(new Map([['ETH', d('-99999999999999999999')]]));
      await ask({ ...BUY, price: d('1') });
      expect((await reasons())[0]).toMatch(/OutOfRange|overflow/);
      expect([await positions(), (await ledger())['XRP']]).toEqual([[], undefined]);
    });

    it('counts a trade that is booked before the opening as part of it', async () => {
      await ask(BUY);
      await store.bookManualTrades(KNOWN, NO_IDS);
      expect(await store.openLedger(new Map([['XRP', d('50')]]))).toBe(true);
      expect(await ledger()).toEqual({ XRP: '50' });
    });
  });
}
