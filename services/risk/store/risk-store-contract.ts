import { beforeEach, describe, expect, it } from 'vitest';
import type { Side } from '../../shared/domain/side.ts';
import type { Account } from '../core/account.ts';
import type { WantedStance } from '../core/stances/wanted-stance.ts';
import {
  tradingStatesContract,
  type TradingStatesSubject,
} from '../../shared/postgres/trading-states/trading-states-contract.ts';
import { parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { TriggeredStop } from '../core/stops/stop-record.ts';
import { APPROVAL_GRACE_MS } from '../../shared/domain/orders/approved.ts';
import type { Outcome, RiskStore, Rule, Ruling, StopKey } from '../ports.ts';

/** The terms of an order of execution. */
export interface ContractOrder {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly state: 'Open' | 'Filled';
}

/** An empty store of the stack CONTRACT_STACK, and functions that write to it as execution and people do. */
export interface RiskStoreSubject extends TradingStatesSubject {
  readonly store: Omit<RiskStore, 'publish' | 'readInstruments'>;
  readonly addOrder: (order: ContractOrder) => Promise<void>;
}

export const CONTRACT_STACK = 'demo-1a2b3c4d';
const NOW = 1_800_000_000_000;
const NO_ACTION = { kind: 'NoAction', reason: 'Flat' } as const;

/** Tests the behaviour of every store of risk: the one in Postgres and its twin in memory. */
export function riskStoreContract(name: string, create: () => Promise<RiskStoreSubject>): void {
  tradingStatesContract(name, create);

  describe(`${name} as a store of risk`, () => {
    let subject: RiskStoreSubject;

    beforeEach(async () => {
      subject = await create();
    });

    async function decideAll(ids: readonly string[], rule: Rule, nowMs = NOW): Promise<readonly Outcome[]> {
      const subjects = ids.map((decisionId) => ({ decisionId, strategy: 'cross', symbol: 'XRP/ETH' }));
      return await subject.store.decideAll({ stack: CONTRACT_STACK, release: 'r1', nowMs }, subjects, rule);
    }

    async function decide(decisionId: string, rule: Rule, nowMs = NOW): Promise<Outcome> {
      const [outcome] = await decideAll([decisionId], rule, nowMs);
      if (outcome === undefined) throw new Error('a decision has no outcome');
      return outcome;
    }

    function approval(decisionId: string, deadline = NOW + 5_000, decidedAt = NOW, side: Side = 'buy'): Ruling {
      const order = {
        decisionId,
        stack: CONTRACT_STACK,
        strategy: 'cross',
        clientOrderId: decisionId.replaceAll(/[^a-z0-9]/g, ''),
        symbol: 'XRP/ETH',
        side,
        type: 'LIMIT',
        price: '0.0014',
        quantity: '100',
        deadline,
        decidedAt,
        riskHash: 'h',
        release: 'r1',
      } as const;
      return { kind: 'Decided', decision: { code: 'Approved', detail: '', inputs: { feedAgeMs: 3 }, order } };
    }

    async function accountNow(): Promise<Account> {
      let seen: Account | undefined;
      await decide('probe', (account) => {
        seen = account;
        return NO_ACTION;
      });
      if (seen === undefined) throw new Error('the rule was not called');
      return seen;
    }

    /** Terms of approvals only: an account in memory may have more of them than is stored apart. */
    const sorted = (account: Account | undefined) => ({
      ...account,
      openApprovals: account?.openApprovals
        .map(({ clientOrderId, side, price, quantity }) => ({ clientOrderId, side, price, quantity }))
        .toSorted((a, b) => (a.clientOrderId < b.clientOrderId ? -1 : 1)),
    });

    const openApprovals = async () => (await accountNow()).openApprovals.map((one) => one.clientOrderId).toSorted();

    it('decides once, and returns the stored order without calling the rule again', async () => {
      expect((await decide('one', () => approval('one'))).kind).toBe('New');
      const repeated = await decide('one', () => {
        throw new Error('the rule was called twice');
      });
      expect(repeated).toMatchObject({ kind: 'Repeated', order: { decisionId: 'one', price: '0.0014' } });
    });

    it('decides a refused signal once, without an order', async () => {
      const decision = { code: 'FeedStale', detail: 'old', inputs: { feedAgeMs: 9_000 }, order: undefined };
      const refusal: Ruling = { kind: 'Decided', decision };
      expect(await decide('one', () => refusal)).toEqual({ kind: 'New', decision });
      expect(await decide('one', () => approval('one'))).toEqual({ kind: 'Repeated', order: undefined });
      expect(await openApprovals()).toEqual([]);
    });

    it('keeps no record when no action is needed, and decides again', async () => {
      expect(await decide('one', () => NO_ACTION)).toEqual(NO_ACTION);
      expect((await decide('one', () => approval('one'))).kind).toBe('New');
    });

    it('keeps no record of a rule that throws', async () => {
      const broken = await decide('one', () => {
        throw new Error('broken rule');
      });
      expect(broken).toEqual({ kind: 'Failed', error: new Error('broken rule') });
      expect(await openApprovals()).toEqual([]);
      expect((await decide('one', () => approval('one'))).kind).toBe('New');
    });

    it('decides several in their order, each on the account that the ones before it leave', async () => {
      const wants = { strategy: 'cross', symbol: 'XRP/ETH', stance: 'Long', barClose: NOW, changedAt: NOW } as const;
      await subject.store.beginStop({ strategy: 'cross', symbol: 'XRP/ETH', openedAtMs: NOW - 60_001 });
      const rulings: readonly Ruling[] = [
        approval('exit', NOW + 5_000, NOW, 'sell'),
        { ...approval('entry'), wants },
        { ...NO_ACTION, wants: { ...wants, stance: 'Flat', barClose: NOW + 1, changedAt: NOW + 1 } },
        { ...NO_ACTION, wants: { ...wants, changedAt: NOW - 5 } },
        approval('gone', NOW - APPROVAL_GRACE_MS),
        NO_ACTION,
      ];
      const ids = ['exit', 'entry', 'flat', 'older', 'gone', 'last'];
      const seen: Account[] = [];
      const outcomes = await decideAll(ids, (account, index) => {
        seen.push(account);
        return rulings[index] ?? NO_ACTION;
      });
      expect(outcomes.map(({ kind }) => kind)).toEqual(['New', 'New', 'NoAction', 'NoAction', 'New', 'NoAction']);
      expect(
        seen.map(({ openApprovals: open, entriesLastSecond, stances, stops, entryAttempts }) => [
          open.map(({ clientOrderId }) => clientOrderId).toSorted(),
          entriesLastSecond,
          stances.map(({ stance }) => stance),
          stops.length,
          entryAttempts.map(({ count }) => count),
        ]),
      ).toEqual([
        [[], 0, [], 1, []],
        [['exit'], 0, [], 1, []],
        [['entry', 'exit'], 1, ['Long'], 0, [1]],
        [['entry', 'exit'], 1, ['Flat'], 0, []],
        [['entry', 'exit'], 1, ['Flat'], 0, []],
        [['entry', 'exit'], 2, ['Flat'], 0, [1]],
      ]);
      expect(sorted(await accountNow())).toEqual(sorted(seen.at(-1)));
    });

    it('decides an ID once that occurs twice, and those that are stored not again', async () => {
      await decide('before', () => approval('before'));
      const outcomes = await decideAll(['before', 'new', 'new'], (_account, index) =>
        index === 1 ? approval('new') : NO_ACTION,
      );
      expect(outcomes).toMatchObject([
        { kind: 'Repeated', order: { decisionId: 'before' } },
        { kind: 'New', decision: { order: { decisionId: 'new' } } },
        { kind: 'Repeated', order: { decisionId: 'new' } },
      ]);
    });

    it('keeps nothing of a rule that throws, and decides the others', async () => {
      const outcomes = await decideAll(['one', 'two', 'three'], (account, index) => {
        if (index === 1) throw new Error('broken rule');
        return approval(account.openApprovals.length === 0 ? 'one' : 'three');
      });
      expect(outcomes.map(({ kind }) => kind)).toEqual(['New', 'Failed', 'New']);
      expect(await openApprovals()).toEqual(['one', 'three']);
    });

    it('keeps nothing of an approval that execution could not read', async () => {
      const outcome = await decide('one', () => {
        const ruling = approval('one');
        if (ruling.kind !== 'Decided' || ruling.decision.order === undefined) throw new Error('not an approval');
        return { ...ruling, decision: { ...ruling.decision, order: { ...ruling.decision.order, quantity: '0' } } };
      });
      expect(outcome.kind).toBe('Failed');
      expect((await decide('one', () => approval('one'))).kind).toBe('New');
    });

    it('serializes concurrent decisions, so that each counts the approvals before its own', async () => {
      const seen: number[] = [];
      await Promise.all(
        ['a', 'b', 'c', 'd'].map(
          async (decisionId) =>
            await decide(decisionId, (account) => {
              seen.push(account.entriesLastSecond);
              return approval(decisionId);
            }),
        ),
      );
      expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    });

    it('counts the approved entries of the last second, and no exits', async () => {
      await decide('before', () => approval('before', NOW, NOW - 1_000), NOW - 1_000);
      await decide('within', () => approval('within', NOW, NOW - 999), NOW - 999);
      await decide('exit', () => approval('exit', NOW, NOW, 'sell'));
      expect((await accountNow()).entriesLastSecond).toBe(1);
    });

    it('keeps the stance that a rule accepts, whether or not it decides an order', async () => {
      const wants = (stance: 'Long' | 'Flat', barClose: number, strategy = 'cross'): WantedStance => ({
        strategy,
        symbol: 'XRP/ETH',
        stance,
        barClose,
        changedAt: barClose - 1_500,
      });
      await decide('one', () => ({ ...approval('one'), wants: wants('Long', NOW - 3_001) }));
      expect((await accountNow()).stances).toEqual([wants('Long', NOW - 3_001)]);
      expect(await decide('two', () => ({ ...NO_ACTION, wants: wants('Flat', NOW - 2_000) }))).toEqual(NO_ACTION);
      await decide('three', () => ({ ...NO_ACTION, wants: wants('Long', NOW, 'other') }));
      const { stances } = await subject.store.readAccount(NOW);
      expect(stances.toSorted((a, b) => (a.strategy < b.strategy ? -1 : 1))).toEqual([
        wants('Flat', NOW - 2_000),
        wants('Long', NOW, 'other'),
      ]);
    });

    it('never replaces a stance by one of an older bar or of the same', async () => {
      const wants = { strategy: 'cross', symbol: 'XRP/ETH', stance: 'Long', barClose: NOW, changedAt: NOW } as const;
      await decide('one', () => ({ ...NO_ACTION, wants }));
      await decide('two', () => ({ ...NO_ACTION, wants: { ...wants, stance: 'Flat', changedAt: NOW - 5 } }));
      await decide('three', () => ({ ...NO_ACTION, wants: { ...wants, stance: 'Flat', barClose: NOW - 1 } }));
      expect((await accountNow()).stances).toEqual([wants]);
    });

    it('keeps the stance of a repeated decision as the first one left it', async () => {
      const wants = { strategy: 'cross', symbol: 'XRP/ETH', stance: 'Long', barClose: NOW, changedAt: NOW } as const;
      await decide('one', () => ({ ...approval('one'), wants }));
      await decide('one', () => ({ ...NO_ACTION, wants: { ...wants, stance: 'Flat', barClose: NOW + 1 } }));
      expect((await accountNow()).stances).toEqual([wants]);
    });

    it('keeps no stance of a rule that throws', async () => {
      const broken = await decide('one', () => {
        throw new Error('broken rule');
      });
      expect(broken).toEqual({ kind: 'Failed', error: new Error('broken rule') });
      expect((await accountNow()).stances).toEqual([]);
    });

    describe('entries', () => {
      const wants = {
        strategy: 'cross',
        symbol: 'XRP/ETH',
        stance: 'Long',
        barClose: NOW,
        changedAt: NOW - 7,
      } as const;
      const pair = { strategy: 'cross', symbol: 'XRP/ETH' };
      const attempts = async () => (await subject.store.readAccount(NOW)).entryAttempts;

      it('count from the first approved one of their stance, which sets the quantity', async () => {
        expect(await attempts()).toEqual([]);
        await decide('one', () => ({ ...approval('one'), wants }));
        const first = { ...pair, changedAt: NOW - 7, count: 1, lastAtMs: NOW, quantity: parseDecimal('100') };
        expect(await attempts()).toEqual([first]);
        const smaller = approval('two') as Extract<Ruling, { kind: 'Decided' }>;
        const order = { ...smaller.decision.order!, quantity: '40' };
        await decide('two', () => ({ ...smaller, decision: { ...smaller.decision, order } }), NOW + 5);
        expect(await attempts()).toEqual([{ ...first, count: 2, lastAtMs: NOW + 5 }]);
        expect((await accountNow()).entryAttempts).toEqual(await attempts());
      });

      it('count once when their decision is repeated', async () => {
        for (const _ of [1, 2]) await decide('one', () => ({ ...approval('one'), wants }));
        expect(await attempts()).toMatchObject([{ count: 1 }]);
      });

      it('of one stance end with it, and a later bar of it keeps them', async () => {
        await decide('one', () => ({ ...approval('one'), wants }));
        await decide('two', () => ({ ...NO_ACTION, wants: { ...wants, barClose: NOW + 1 } }));
        expect(await attempts()).toMatchObject([{ changedAt: NOW - 7, count: 1 }]);
        await decide('three', () => ({ ...NO_ACTION, wants: { ...wants, barClose: NOW + 2, changedAt: NOW + 2 } }));
        expect(await attempts()).toEqual([]);
        await decide('four', () => approval('four'));
        expect(await attempts()).toMatchObject([{ changedAt: NOW + 2, count: 1 }]);
      });

      it.each<[string, Ruling]>([
        ['an exit', approval('two', NOW + 5_000, NOW, 'sell')],
        ['a refusal', { kind: 'Decided', decision: { code: 'FeedStale', detail: '', inputs: {}, order: undefined } }],
        ['no action', NO_ACTION],
      ])('do not include %s', async (_what, ruling) => {
        await decide('one', () => ({ ...approval('one'), wants }));
        await decide('two', () => ruling);
        expect(await attempts()).toMatchObject([{ count: 1 }]);
      });

      it('belong to their own strategy and symbol', async () => {
        await decide('one', () => ({ ...NO_ACTION, wants: { ...wants, strategy: 'other' } }));
        await decide('two', () => ({ ...NO_ACTION, wants: { ...wants, symbol: 'BTC/ETH' } }));
        await decide('three', () => approval('three'));
        expect(await attempts()).toEqual([]);
      });
    });

    it('loads the type of live orders and of approvals', async () => {
      await decide('one', () => approval('one'));
      await subject.addOrder({ clientOrderId: 'live', decisionId: 'd1', state: 'Open' });
      const { liveOrders, openApprovals } = await accountNow();
      expect([...liveOrders, ...openApprovals].map(({ type }) => type)).toEqual(['LIMIT', 'LIMIT']);
    });

    it('counts an approval without an order until the end of the grace period', async () => {
      const end = NOW - APPROVAL_GRACE_MS;
      await decide('late', () => approval('late', end + 1));
      await decide('over', () => approval('over', end));
      expect(await openApprovals()).toEqual(['late']);
    });

    it('counts an approval until its decision has an order, under whichever client order ID', async () => {
      await decide('one', () => approval('one'));
      await decide('two', () => approval('two'));
      await subject.addOrder({ clientOrderId: 'another', decisionId: 'one', state: 'Open' });
      expect(await openApprovals()).toEqual(['two']);
    });

    it('loads the newest state of each source with the account', async () => {
      const { store } = subject;
      await store.setTradingState({ source: 'spec', state: 'Reducing', author: 'ada', reason: 'why', revision: 1 });
      await subject.haltByHand('desk', true);
      await subject.haltByHand('desk', false);
      expect((await accountNow()).tradingStates.map(({ source, state }) => [source, state])).toEqual([
        ['desk', 'Active'],
        ['spec', 'Reducing'],
      ]);
    });

    it('reads the account outside a decision as a decision sees it', async () => {
      await decide('one', () => approval('one'));
      await subject.addOrder({ clientOrderId: 'live', decisionId: 'd1', state: 'Open' });
      await subject.haltByHand('desk', true);
      const read = await subject.store.readAccount(NOW);
      expect(read).toEqual(await accountNow());
      expect([read.liveOrders.length, read.openApprovals.length, read.tradingStates.length]).toEqual([1, 1, 1]);
      expect((await subject.store.readAccount(NOW + 60_000)).openApprovals).toEqual([]);
    });

    describe('stops', () => {
      const key = { strategy: 'cross', symbol: 'XRP/ETH', openedAtMs: NOW - 60_001 };
      const later = { ...key, openedAtMs: NOW };
      const d = parseDecimal;
      const loss: TriggeredStop = {
        kind: 'StopLoss',
        level: d('0.00133'),
        bid: d('0.001329'),
        entryPrice: d('0.0014'),
        atMs: NOW - 7,
      };
      const byTime: TriggeredStop = { ...loss, kind: 'MaxHolding', level: undefined, bid: undefined, atMs: NOW };
      const trigger = async (one: StopKey, triggered: TriggeredStop, highPrice?: Decimal) =>
        await subject.store.triggerStop({ ...one, triggered, highPrice });
      const stops = async () => (await subject.store.readAccount(NOW)).stops;

      it('begin once, and keep their first time', async () => {
        await subject.store.beginStop(key);
        await subject.store.beginStop(later);
        expect(await stops()).toEqual([{ ...key, highPrice: undefined, triggered: undefined }]);
        expect((await accountNow()).stops).toEqual(await stops());
      });

      it('keep the highest price of their own position', async () => {
        await subject.store.beginStop(key);
        for (const price of ['0.0014', '0.0015', '0.00145']) await subject.store.raiseStop(key, d(price));
        await subject.store.raiseStop(later, d('0.0016'));
        expect(await stops()).toMatchObject([{ highPrice: d('0.0015') }]);
      });

      it('trigger once: the first trigger stays as it is', async () => {
        expect(await trigger(key, loss)).toBe(false);
        await subject.store.beginStop(key);
        expect(await trigger(later, loss)).toBe(false);
        expect(await stops()).toMatchObject([{ triggered: undefined }]);
        expect(await trigger(key, loss, d('0.0015'))).toBe(true);
        expect(await trigger(key, byTime)).toBe(false);
        await subject.store.raiseStop(key, d('0.0016'));
        await subject.store.endStop(key);
        expect(await stops()).toEqual([{ ...key, highPrice: d('0.0015'), triggered: loss }]);
      });

      it('trigger without a price', async () => {
        await subject.store.beginStop(key);
        expect(await trigger(key, { ...byTime, entryPrice: undefined })).toBe(true);
        expect(await stops()).toEqual([
          { ...key, highPrice: undefined, triggered: { ...byTime, entryPrice: undefined } },
        ]);
      });

      it('end with their own position only', async () => {
        await subject.store.beginStop(key);
        await subject.store.endStop(later);
        expect(await stops()).toHaveLength(1);
        await subject.store.endStop(key);
        expect(await stops()).toEqual([]);
      });

      it.each<[string, Ruling, number]>([
        ['an approved entry ends', approval('one'), 1],
        ['an approved exit leaves', approval('one', NOW + 5_000, NOW, 'sell'), 2],
        [
          'a refused entry leaves',
          { kind: 'Decided', decision: { code: 'FeedStale', detail: '', inputs: {}, order: undefined } },
          2,
        ],
        ['no action leaves', NO_ACTION, 2],
      ])('%s the stop of its position, and no other', async (_what, ruling, count) => {
        const other = { ...key, strategy: 'other' };
        for (const one of [key, other]) await subject.store.beginStop(one);
        await trigger(key, loss);
        await decide('one', () => ruling);
        const kept = await stops();
        expect([kept.length, kept.some(({ strategy }) => strategy === 'other')]).toEqual([count, true]);
      });
    });

    it('loads only live orders', async () => {
      await subject.addOrder({ clientOrderId: 'live', decisionId: 'd1', state: 'Open' });
      await subject.addOrder({ clientOrderId: 'done', decisionId: 'd2', state: 'Filled' });
      const { liveOrders } = await accountNow();
      expect(liveOrders.map(({ clientOrderId, state }) => [clientOrderId, state])).toEqual([['live', 'Open']]);
    });
  });
}
