import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import { ORDER_TYPES } from '../../shared/domain/orders/order.ts';
import type { TradingState } from '../../shared/domain/trading-state.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { Observation } from '../core/observation.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import type { ExecutionStore, IntentOutcome } from '../ports.ts';
import { approvalsContract, type ApprovalsSubject } from './approvals-contract.ts';
import { endReportsContract } from './end-reports-contract.ts';
import { cancelsContract, type CancelsSubject } from './cancels-contract.ts';
import { riskReleaseContract, type RiskReleaseSubject } from './risk-release-contract.ts';
import {
  tradingStatesContract,
  type TradingStatesSubject,
} from '../../shared/postgres/trading-states/trading-states-contract.ts';

/** An empty store, and functions that write to it as other services and people do. */
export interface StoreSubject extends TradingStatesSubject, ApprovalsSubject, CancelsSubject, RiskReleaseSubject {
  readonly store: ExecutionStore;
  /** Makes the row of an order unreadable. */
  readonly malform: (clientOrderId: string) => Promise<void>;
  /** When the venue last rejected a sale of the order's position for lack of funds; undefined if not since a fill. */
  readonly exitRefusedAtMs: (order: OrderRecord) => Promise<number | undefined>;
}

const NOW_MS = 1_800_000_000_000;
const HELD = { epoch: 1, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };
const d = parseDecimal;

function intentOf(order: ApprovedOrder): OrderRecord {
  return intendedOrder({ order, instrument: { takerFee: d('0.001') }, epoch: 1, intendedAtMs: NOW_MS });
}

function fillOf(order: OrderRecord, venueTradeId: string, change: Partial<Fill> = {}): Fill {
  const { clientOrderId, symbol, side } = order.request;
  const known = { venueTradeId, venueOrderId: 'v1', clientOrderId, symbol, side };
  return {
    ...known,
    price: d('0.0014'),
    quantity: d('4'),
    fee: d('0.00001'),
    feeAsset: 'ETH',
    maker: false,
    time: NOW_MS,
    ...change,
  };
}

/** Tests the behaviour of every ExecutionStore: the one in Postgres and its twin in memory. */
export function storeContract(name: string, create: () => Promise<StoreSubject>): void {
  tradingStatesContract(name, create);
  approvalsContract(name, create);
  cancelsContract(name, create);
  endReportsContract(name, create);
  riskReleaseContract(name, create);
  describe(`${name} as an execution store`, () => {
    let subject: StoreSubject;
    let store: ExecutionStore;
    const first = intentOf(approvedOrder('d1'));

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });

    async function observe(order: OrderRecord, observation: Observation, venueOrderId = '') {
      const clientOrderId = venueOrderId === '' ? order.request.clientOrderId : '';
      const key = { clientOrderId, venueOrderId };
      return await store.recordObservation({ key, observation, epoch: 1, atMs: NOW_MS });
    }

    async function committed(order = first): Promise<OrderRecord> {
      await store.raiseFence(HELD);
      expect(await store.commitIntent(TERMS, order)).toBe('Committed');
      return order;
    }

    /** Returns everything that a failed write must leave unchanged. */
    async function books() {
      const { orders, fills, positions } = await store.loadPortfolio();
      const held = positions.filter(({ quantity }) => quantity !== ZERO);
      const ledger = [...(await store.readLedger())].filter(([, amount]) => amount !== ZERO);
      return { orders, fills, held, ledger: new Map(ledger) };
    }

    it('grants only higher epochs, each to one holder, and accepts a repeat of the holder', async () => {
      expect(await store.readFence()).toEqual({ epoch: 0, holder: '' });
      expect(await store.raiseFence({ epoch: 3, holder: 'a' })).toMatchObject({ granted: true, before: { epoch: 0 } });
      const rejected = { granted: false, before: { epoch: 3, holder: 'a' } };
      expect(await store.raiseFence({ epoch: 3, holder: 'b' })).toMatchObject(rejected);
      expect(await store.raiseFence({ epoch: 2, holder: 'b' })).toMatchObject(rejected);
      expect(await store.raiseFence({ epoch: 3, holder: 'a' })).toMatchObject({ granted: true });
      expect(await store.readFence()).toEqual({ epoch: 3, holder: 'a' });
    });

    it('identifies the record: its commits grow with each intent, and a grant returns what the one before saw', async () => {
      const empty = await store.recordIdentity();
      expect(empty).toEqual({ systemId: expect.any(String), timeline: 1, commits: 0 });
      expect(await store.raiseFence(HELD)).toMatchObject({ granted: true, identityBefore: undefined });
      expect(await store.commitIntent(TERMS, first)).toBe('Committed');
      expect(await store.commitIntent(TERMS, intentOf(approvedOrder('d2')))).toBe('Committed');
      expect(await store.recordIdentity()).toEqual({ ...empty, commits: 2 });
      expect(await store.raiseFence({ epoch: 2, holder: 'b' })).toMatchObject({ granted: true, identityBefore: empty });
      const next = await store.raiseFence({ epoch: 3, holder: 'c' });
      expect(next.identityBefore).toEqual({ ...empty, commits: 2 });
    });

    it('commits an intent only for the holder of the fence, and once per decision and client order ID', async () => {
      await committed();
      expect(await store.commitIntent(TERMS, first)).toBe('Duplicate');
      const { clientOrderId } = first.request;
      expect(await store.commitIntent(TERMS, intentOf(approvedOrder('d1', { clientOrderId: 'x' })))).toBe('Duplicate');
      expect(await store.commitIntent(TERMS, intentOf(approvedOrder('d2', { clientOrderId })))).toBe('Duplicate');
      await store.raiseFence({ epoch: 2, holder: 'other' });
      expect(await store.commitIntent(TERMS, intentOf(approvedOrder('d3')))).toBe('Fenced');
      expect(await store.commitIntent({ ...TERMS, epoch: 2 }, intentOf(approvedOrder('d3')))).toBe('Fenced');
      expect((await store.loadOrders([])).orders.map(({ decisionId }) => decisionId)).toEqual(['d1']);
    });

    it('returns a stored order as it was committed', async () => {
      await committed();
      expect((await store.loadOrders([])).orders).toEqual([first]);
    });

    it.each(ORDER_TYPES)('keeps an order of the type %s, and returns it among the live ones', async (type) => {
      const order = await committed(intentOf(approvedOrder('typed', { type })));
      const { orders, malformed } = await store.loadOrders([]);
      expect({ types: orders.map(({ request }) => request.type), malformed }).toEqual({ types: [type], malformed: [] });
      expect(orders).toEqual([order]);
    });

    it('keeps when an order is quoted again, and that another is not', async () => {
      const requote = { above: d('0.0014005'), fromMs: NOW_MS + 5_000, untilMs: NOW_MS + 60_000 };
      const again = await committed(intentOf(approvedOrder('again', { type: 'LIMIT_MAKER', requote })));
      const plain = await committed(intentOf(approvedOrder('plain')));
      const { orders } = await store.loadOrders([]);
      expect(new Set(orders)).toEqual(new Set([again, plain]));
      expect(orders.map(({ requote: kept }) => kept).filter((kept) => kept !== undefined)).toEqual([requote]);
    });

    it('records a fill with its position and postings, and ignores a repeated one', async () => {
      const order = await committed();
      const fill = fillOf(order, 't1');
      const change = await observe(order, { kind: 'FillSeen', fill });
      expect(change?.order).toMatchObject({ filled: d('4'), state: { kind: 'PartiallyFilled', venueOrderId: 'v1' } });
      expect((await observe(order, { kind: 'FillSeen', fill }))?.events).toEqual([]);
      const { fills, held, ledger } = await books();
      expect(fills).toBe(1);
      expect(held).toMatchObject([{ symbol: 'XRP/ETH', quantity: d('4') }]);
      expect(ledger).toEqual(
        new Map([
          ['XRP', d('4')],
          ['ETH', d('-0.00561')],
        ]),
      );
    });

    it('notes that the venue rejected an exit for lack of funds, until a fill of the position', async () => {
      const refused = { kind: 'Refused', code: '30005', lacksFunds: true } as const;
      const exit = async (id: string, observation: Observation) => {
        const order = intentOf(approvedOrder(id, { side: 'sell' }));
        await store.commitIntent(TERMS, order);
        return (await observe(order, observation))?.order.state;
      };
      const buy = await committed();
      await exit('early', refused);
      expect(await subject.exitRefusedAtMs(buy)).toBeUndefined();
      await observe(buy, { kind: 'FillSeen', fill: fillOf(buy, 't1') });
      await exit('other reason', { kind: 'Refused', code: '30002' });
      const entry = intentOf(approvedOrder('entry'));
      await store.commitIntent(TERMS, entry);
      await observe(entry, refused);
      expect(await subject.exitRefusedAtMs(buy)).toBeUndefined();
      expect(await exit('exit', refused)).toEqual({ kind: 'Rejected', code: '30005' });
      expect(await subject.exitRefusedAtMs(buy)).toBe(NOW_MS);
      await observe(buy, { kind: 'FillSeen', fill: fillOf(buy, 't2') });
      expect(await subject.exitRefusedAtMs(buy)).toBeUndefined();
    });

    it('finds an order by its venue order ID where ours is missing, and no foreign order', async () => {
      const order = await committed();
      await observe(order, { kind: 'Accepted', venueOrderId: 'v1' });
      const fill = fillOf(order, 't1', { clientOrderId: '' });
      expect((await observe(order, { kind: 'FillSeen', fill }, 'v1'))?.order.filled).toBe(d('4'));
      expect(await observe(order, { kind: 'FillSeen', fill }, 'v2')).toBeUndefined();
    });

    it('uses the venue order ID only where ours is missing', async () => {
      const order = await committed();
      await observe(order, { kind: 'Accepted', venueOrderId: 'v1' });
      const observation = { kind: 'FillSeen', fill: fillOf(order, 't1') } as const;
      const key = { clientOrderId: 'foreign', venueOrderId: 'v1' };
      expect(await store.recordObservation({ key, observation, epoch: 1, atMs: NOW_MS })).toBeUndefined();
      expect((await books()).fills).toBe(0);
    });

    it('writes nothing of a fill that cannot be computed or true, and then books the right one', async () => {
      const order = await committed();
      const before = await books();
      const seen = async (change = {}) => await observe(order, { kind: 'FillSeen', fill: fillOf(order, 't1', change) });
      for (const change of [
        { price: d('99999999999999999999') },
        { price: d('-1') },
        { side: 'sell' },
        { symbol: 'A/B' },
      ])
        await expect(seen(change)).rejects.toBeInstanceOf(UnprocessableError);
      expect(await books()).toEqual(before);
      expect((await seen())?.order.filled).toBe(d('4'));
    });

    it('records a trade between two of our orders for both, each once', async () => {
      const buy = await committed();
      const sell = intentOf(approvedOrder('d2', { side: 'sell' }));
      expect(await store.commitIntent(TERMS, sell)).toBe('Committed');
      const fills = [fillOf(buy, 't1'), fillOf(sell, 't1', { venueOrderId: 'v2', quantity: d('3') })];
      for (const _delivery of [1, 2]) {
        for (const [index, order] of [buy, sell].entries()) {
          const fill = fills[index] ?? fillOf(order, 't9');
          const change = await observe(order, { kind: 'FillSeen', fill });
          expect(change?.order).toMatchObject({ filled: fill.quantity, tradeIds: new Set(['t1']) });
        }
      }
      const { fills: recorded, held, ledger } = await books();
      expect(recorded).toBe(2);
      expect(held).toMatchObject([{ symbol: 'XRP/ETH', quantity: d('1') }]);
      // One bought 4 and one sold 3 at 0.0014, and both paid a fee.
      expect(ledger).toEqual(
        new Map([
          ['XRP', d('1')],
          ['ETH', d('-0.00142')],
        ]),
      );
      expect(await store.recordedTrades('XRP/ETH', ['t1'])).toEqual(new Set(fills.map(tradeKeyOf)));
      const filled = new Map((await store.loadOrders([])).orders.map((order) => [order.decisionId, order.filled]));
      expect(filled).toEqual(
        new Map([
          ['d1', d('4')],
          ['d2', d('3')],
        ]),
      );
    });

    it('distinguishes trades with the same ID by their symbol', async () => {
      const order = await committed();
      await observe(order, { kind: 'FillSeen', fill: fillOf(order, 't1') });
      expect(await store.recordedTrades('XRP/ETH', ['t1', 't2'])).toEqual(new Set(['t1 v1']));
      expect(await store.recordedTrades('LTC/BTC', ['t1'])).toEqual(new Set());
      expect(await store.recordedOrders(['v1', 'v2'])).toEqual(new Set(['v1']));
      expect(await store.fillWatermark('XRP/ETH')).toBe(NOW_MS);
      expect(await store.fillWatermark('LTC/BTC')).toBeUndefined();
    });

    it('returns the times of each so many recorded fills of a symbol, oldest first', async () => {
      const order = await committed();
      for (const id of ['t3', 't1', 't2', 't4', 't5'])
        await observe(order, {
          kind: 'FillSeen',
          fill: { ...fillOf(order, id), quantity: d('0.1'), time: NOW_MS + Number(id.slice(1)) },
        });
      const times = async (fromMs: number, every: number, count = 9) =>
        (await store.fillTimes('XRP/ETH', { fromMs, every, count })).map((time) => time - NOW_MS);
      expect(await times(NOW_MS, 1)).toEqual([1, 2, 3, 4, 5]);
      expect(await times(NOW_MS + 2, 2)).toEqual([3, 5]);
      expect([await times(NOW_MS, 2, 1), await times(NOW_MS, 6)]).toEqual([[2], []]);
      expect(await store.fillTimes('LTC/BTC', { fromMs: 0, every: 1, count: 9 })).toEqual([]);
    });

    it('loads live orders, and ended ones by their ID', async () => {
      const order = await committed();
      await observe(order, { kind: 'NotSent', reason: 'Expired' });
      expect((await store.loadOrders([])).orders).toEqual([]);
      expect((await store.loadOrders([order.request.clientOrderId])).orders).toMatchObject([
        { state: { kind: 'NeverSent', reason: 'Expired' } },
      ]);
    });

    it('loads the other orders beside a malformed row, of which nothing can be recorded', async () => {
      const good = await committed();
      const bad = intentOf(approvedOrder('d2'));
      expect(await store.commitIntent(TERMS, bad)).toBe('Committed');
      const { clientOrderId } = bad.request;
      await subject.malform(clientOrderId);
      const { orders, malformed } = await store.loadOrders([]);
      expect(orders).toEqual([good]);
      const known = { clientOrderId, symbol: 'XRP/ETH', deadlineMs: bad.deadlineMs };
      expect(malformed).toMatchObject([{ ...known, problem: /./ }]);
      expect(JSON.stringify(malformed[0]?.row, (_key, one: unknown) => (typeof one === 'bigint' ? '' : one))).toContain(
        clientOrderId,
      );
      const refused = observe(bad, { kind: 'NotSent', reason: 'Expired' });
      await expect(refused).rejects.toBeInstanceOf(UnprocessableError);
    });

    it('keeps a dead letter until it is cleared, and opens it again', async () => {
      const letter: DeadLetter = {
        kind: 'Fill',
        id: 'XRP/ETH T1 V1',
        symbol: 'XRP/ETH',
        payload: '{"a":1}',
        problem: 'p',
      };
      const other: DeadLetter = { ...letter, kind: 'Row' };
      const open = async () =>
        (await store.openDeadLetters()).map((one) => ({ ...one, payload: JSON.parse(one.payload) }));
      await store.keepDeadLetter(letter);
      await store.keepDeadLetter(other);
      await store.keepDeadLetter({ ...letter, problem: 'q' });
      expect(await open()).toEqual([
        { ...letter, payload: { a: 1 }, problem: 'q' },
        { ...other, payload: { a: 1 } },
      ]);
      await store.clearDeadLetter(letter);
      expect((await open()).map(({ kind }) => kind)).toEqual(['Row']);
      await store.keepDeadLetter(letter);
      expect((await open()).map(({ kind }) => kind)).toEqual(['Row', 'Fill']);
      await store.clearDeadLetter({ kind: 'Fill', id: 'unknown' });
      expect(await open()).toHaveLength(2);
    });

    it('opens the ledger once, with the venue balances minus what is already posted', async () => {
      const order = await committed();
      await observe(order, { kind: 'FillSeen', fill: fillOf(order, 't1') });
      expect(
        await store.openLedger(
          new Map([
            ['ETH', d('10')],
            ['XRP', d('4')],
          ]),
        ),
      ).toBe(true);
      expect((await books()).ledger).toEqual(
        new Map([
          ['XRP', d('4')],
          ['ETH', d('10')],
        ]),
      );
      expect(await store.openLedger(new Map([['ETH', d('99')]]))).toBe(false);
      expect((await store.readLedger()).get('ETH')).toBe(d('10'));
    });

    describe('an intent under a trading state', () => {
      const buy = intentOf(approvedOrder('buy'));
      const sell = intentOf(approvedOrder('sell', { side: 'sell' }));
      const never: OrderRecord = { ...buy, state: { kind: 'NeverSent', reason: 'Halted' } };

      beforeEach(async () => void (await store.raiseFence(HELD)));

      const restrict = async (source: string, state: TradingState, revision = 1) =>
        await store.setTradingState({ source, state, author: '', reason: '', revision });

      it.each<[TradingState, IntentOutcome, IntentOutcome]>([
        ['Active', 'Committed', 'Committed'],
        ['Reducing', 'Reducing', 'Committed'],
        ['Flattening', 'Flattening', 'Committed'],
        ['Halted', 'Halted', 'Halted'],
      ])('of %s ends as %s for a buy and as %s for a sale', async (state, ofBuy, ofSell) => {
        await restrict('spec', state);
        expect([await store.commitIntent(TERMS, buy), await store.commitIntent(TERMS, sell)]).toEqual([ofBuy, ofSell]);
        const committed = [ofBuy, ofSell].filter((outcome) => outcome === 'Committed');
        expect((await store.loadOrders([])).orders).toHaveLength(committed.length);
      });

      it('obeys the most restrictive source until it is lifted', async () => {
        await restrict('spec', 'Reducing');
        await restrict('desk', 'Halted');
        await restrict('spec', 'Active', 2);
        expect(await store.commitIntent(TERMS, sell)).toBe('Halted');
        await restrict('desk', 'Active', 2);
        expect(await store.commitIntent(TERMS, sell)).toBe('Committed');
      });

      it('is committed when the order is found at the venue', async () => {
        await restrict('spec', 'Halted');
        const found = { ...buy, state: { kind: 'Open', venueOrderId: 'v1' } } as const;
        expect(await store.commitIntent(TERMS, found)).toBe('Committed');
      });

      it('is committed when it is never sent', async () => {
        await restrict('spec', 'Halted');
        expect(await store.commitIntent(TERMS, never)).toBe('Committed');
        expect(await store.commitIntent(TERMS, never)).toBe('Duplicate');
        expect((await store.loadOrders([never.request.clientOrderId])).orders).toEqual([never]);
      });

      it('obeys a row by hand, also from before the first grant and across grants', async () => {
        await subject.haltByHand('desk', true);
        await store.raiseFence({ epoch: 2, holder: 'me' });
        expect(await store.commitIntent({ ...TERMS, epoch: 2 }, buy)).toBe('Halted');
        expect(await store.commitIntent(TERMS, buy)).toBe('Fenced');
      });
    });
  });
}
