import { beforeEach, describe, expect, it } from 'vitest';
import {
  tradingStatesContract,
  type TradingStatesSubject,
} from '../../shared/postgres/trading-states/trading-states-contract.ts';
import type { ObservedRelease } from '../../shared/domain/release/active-release.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { APPROVAL_GRACE_MS } from '../../shared/domain/orders/approved.ts';
import type { Account } from '../core/account.ts';
import type { WantedStance } from '../core/stances/wanted-stance.ts';
import type { Ruling } from '../core/rulings.ts';
import type { RiskStore } from '../ports.ts';
import { approval, decisionsIn, NO_ACTION, NOW, type ContractOrder } from './contract-decisions.ts';
import { activationContract } from './activation/activation-contract.ts';
import { cancelsContract } from './cancels/cancels-contract.ts';
import { entriesContract } from './entries-contract.ts';
import { stopsContract } from './stops-contract.ts';

/** An empty store of the stack CONTRACT_STACK, and functions that write to it as execution and people do. */
export interface RiskStoreSubject extends TradingStatesSubject {
  readonly store: Omit<RiskStore, 'publish' | 'readInstruments'>;
  /** Replaces the row of the active release. It is `r1` at first. */
  readonly setActive: (active: ObservedRelease | undefined) => Promise<void>;
  readonly addOrder: (order: ContractOrder) => Promise<void>;
  /** Adds a position in XRP/ETH of strategy `cross`, and when the venue last rejected an exit of it. */
  readonly addPosition: (quantity: string, exitRefusedAtMs?: number) => Promise<void>;
  /** Records a reading of the venue, of 2 ETH in all, and whether ETH drifts. */
  readonly readVenue: (free: string, atMs: number, drifting: boolean) => Promise<void>;
}

/** Tests the behaviour of every store of risk: the one in Postgres and its twin in memory. */
export function riskStoreContract(name: string, create: () => Promise<RiskStoreSubject>): void {
  tradingStatesContract(name, create);
  entriesContract(name, create);
  stopsContract(name, create);
  cancelsContract(name, create);
  activationContract(name, create);

  describe(`${name} as a store of risk`, () => {
    let subject: RiskStoreSubject;

    beforeEach(async () => {
      subject = await create();
    });

    const { decideAll, decide, accountNow } = decisionsIn(() => subject.store);

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

    it('says which of some orders the venue rejected, and which were never sent, and why', async () => {
      await subject.addOrder({ clientOrderId: 'open', decisionId: 'd1', state: 'Open' });
      await subject.addOrder({ clientOrderId: 'refused', decisionId: 'd2', state: 'Rejected', code: '30004' });
      await subject.addOrder({ clientOrderId: 'other', decisionId: 'd3', state: 'Rejected', code: '30005' });
      await subject.addOrder({ clientOrderId: 'unsent', decisionId: 'd4', state: 'NeverSent', code: 'NotReconciled' });
      const asked = await subject.store.refusedOrders(['open', 'refused', 'unsent', 'absent']);
      expect(Object.fromEntries(asked)).toEqual({
        refused: { state: 'Rejected', code: '30004' },
        unsent: { state: 'NeverSent', code: 'NotReconciled' },
      });
    });

    it('knows what the venue has free and when, whether the asset drifts, and which exit it rejected', async () => {
      await subject.addPosition('30');
      expect((await accountNow()).positions).toMatchObject([{ strategy: 'cross', exitRefusedAtMs: undefined }]);
      await subject.addPosition('30', NOW - 9_000);
      await subject.readVenue('1.5', NOW - 4_000, true);
      const { positions, balances } = await accountNow();
      expect(positions).toMatchObject([
        { strategy: 'cross', symbol: 'XRP/ETH', quantity: parseDecimal('30'), exitRefusedAtMs: NOW - 9_000 },
      ]);
      const free = { amount: parseDecimal('1.5'), atMs: NOW - 4_000 };
      expect(balances).toMatchObject([{ asset: 'ETH', venueFree: free, drifting: true, reconciledAtMs: NOW - 4_000 }]);
      await subject.readVenue('2', NOW, false);
      expect((await accountNow()).balances).toMatchObject([
        { venueFree: { amount: parseDecimal('2'), atMs: NOW }, drifting: false },
      ]);
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
      await subject.store.beginStop({ strategy: 'cross', symbol: 'XRP/ETH', openedAtMs: NOW - 60_001 }, {});
      const rulings: readonly Ruling[] = [
        approval('exit', NOW + 5_000, NOW, 'sell'),
        { ...approval('entry'), wants },
        { ...NO_ACTION, wants: { ...wants, stance: 'Flat', barClose: NOW + 1, changedAt: NOW + 1 } },
        { ...NO_ACTION, wants: { ...wants, changedAt: NOW - 5 } },
        { ...NO_ACTION, wants: { ...wants, barClose: NOW + 1 } },
        approval('gone', NOW - APPROVAL_GRACE_MS),
        NO_ACTION,
      ];
      const ids = ['exit', 'entry', 'flat', 'older', 'same', 'gone', 'last'];
      const seen: Account[] = [];
      const outcomes = await decideAll(ids, (account, index) => {
        seen.push(account);
        return rulings[index] ?? NO_ACTION;
      });
      expect(outcomes.map(({ kind }) => kind)).toEqual([
        'New',
        'New',
        'NoAction',
        'NoAction',
        'NoAction',
        'New',
        'NoAction',
      ]);
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

    it.each([{ quantity: '0' }, { extra: 1 }])('keeps nothing of an approval that is none: %j', async (change) => {
      const outcome = await decide('one', () => {
        const ruling = approval('one');
        if (ruling.kind !== 'Decided' || ruling.decision.order === undefined) throw new Error('not an approval');
        return { ...ruling, decision: { ...ruling.decision, order: { ...ruling.decision.order, ...change } } };
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

    it('loads since when a live order, and an approval, waits', async () => {
      await decide('one', () => approval('one'));
      await subject.addOrder({ clientOrderId: 'live', decisionId: 'd1', state: 'Open' });
      const { liveOrders, openApprovals } = await subject.store.readAccount(NOW);
      expect(openApprovals.map(({ decidedAt }) => decidedAt)).toEqual([NOW]);
      expect(liveOrders.map(({ sinceMs = 0 }) => sinceMs > 0)).toEqual([true]);
    });

    it('loads only live orders', async () => {
      await subject.addOrder({ clientOrderId: 'live', decisionId: 'd1', state: 'Open' });
      await subject.addOrder({ clientOrderId: 'done', decisionId: 'd2', state: 'Filled' });
      const { liveOrders } = await accountNow();
      expect(liveOrders.map(({ clientOrderId, state }) => [clientOrderId, state])).toEqual([['live', 'Open']]);
    });
  });
}
