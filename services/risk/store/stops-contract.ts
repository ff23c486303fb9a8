import { beforeEach, describe, expect, it } from 'vitest';
import type { StopRules } from '../../shared/contracts/services/risk.ts';
import { parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { ReachedStop } from '../core/stops/stop-record.ts';
import type { Ruling } from '../core/rulings.ts';
import type { RiskStore, StopKey } from '../ports.ts';
import { approval, decisionsIn, NO_ACTION, NOW } from './contract-decisions.ts';

/** Tests how a store of risk keeps the stops of positions. */
export function stopsContract(
  name: string,
  create: () => Promise<{
    readonly store: Pick<
      RiskStore,
      'decideAll' | 'readAccount' | 'beginStop' | 'changeStopRules' | 'raiseStop' | 'triggerStop' | 'endStop'
    >;
    /** Sets what strategy cross holds of XRP/ETH. */
    readonly addPosition: (quantity: string) => Promise<void>;
  }>,
): void {
  describe(`the stops in ${name}`, () => {
    let subject: Awaited<ReturnType<typeof create>>;

    beforeEach(async () => {
      subject = await create();
    });

    const { decide, decideAll, accountNow } = decisionsIn(() => subject.store);

    const key = { strategy: 'cross', symbol: 'XRP/ETH', openedAtMs: NOW - 60_001 };
    const later = { ...key, openedAtMs: NOW };
    const d = parseDecimal;
    const rules = { stopLossPercent: d('5'), maxHoldingSeconds: 60 };
    const loss: ReachedStop = {
      kind: 'StopLoss',
      level: d('0.00133'),
      bid: d('0.001329'),
      entryPrice: d('0.0014'),
      atMs: NOW - 7,
    };
    const byTime: ReachedStop = { ...loss, kind: 'MaxHolding', level: undefined, bid: undefined, atMs: NOW };
    const trigger = async (one: StopKey, triggered: ReachedStop, highPrice?: Decimal) =>
      await subject.store.triggerStop({ ...one, triggered, highPrice });
    const stops = async () => (await subject.store.readAccount(NOW)).stops;

    it('begin once, and keep their first time', async () => {
      await subject.store.beginStop(key, rules);
      await subject.store.beginStop(later, rules);
      expect(await stops()).toEqual([{ ...key, highPrice: undefined, rules, triggered: undefined }]);
      expect((await accountNow()).stops).toEqual(await stops());
    });

    it('keep the highest price of their own position', async () => {
      await subject.store.beginStop(key, rules);
      for (const price of ['0.0014', '0.0015', '0.00145']) await subject.store.raiseStop(key, d(price));
      await subject.store.raiseStop(later, d('0.0016'));
      expect(await stops()).toMatchObject([{ highPrice: d('0.0015') }]);
    });

    const all = { ...rules, trailingStopPercent: d('0.000000000000000001'), takeProfitPercent: d('9999.99') };

    it.each<[string, StopRules | undefined, StopRules | undefined]>([
      ['all of them', all, all],
      ['one of them', { trailingStopPercent: d('12.5') }, { trailingStopPercent: d('12.5') }],
      ['none', undefined, undefined],
      ['an empty set', {}, undefined],
    ])('keep the rules of their own position as last changed: %s', async (_what, changed, expected) => {
      await subject.store.beginStop(key, rules);
      await subject.store.beginStop(later, all);
      await subject.store.changeStopRules(later, all);
      expect((await stops())[0]?.rules).toEqual(rules);
      await subject.store.raiseStop(key, d('0.0015'));
      await subject.store.changeStopRules(key, changed);
      expect((await stops()).map((one) => [one.rules, one.highPrice])).toEqual([[expected, d('0.0015')]]);
      expect((await accountNow()).stops).toEqual(await stops());
    });

    it('begin without any rule when their set is empty', async () => {
      await subject.store.beginStop(key, {});
      expect((await stops()).map((one) => one.rules)).toEqual([undefined]);
    });

    it('keep their rules once they have triggered', async () => {
      await subject.store.beginStop(key, rules);
      await trigger(key, loss);
      await subject.store.changeStopRules(key, undefined);
      expect(await stops()).toMatchObject([{ rules, triggered: loss }]);
    });

    it('trigger once: the first trigger stays as it is', async () => {
      expect(await trigger(key, loss)).toBe(false);
      await subject.store.beginStop(key, rules);
      expect(await trigger(later, loss)).toBe(false);
      expect(await stops()).toMatchObject([{ triggered: undefined }]);
      expect(await trigger(key, loss, d('0.0015'))).toBe(true);
      expect(await trigger(key, byTime)).toBe(false);
      await subject.store.raiseStop(key, d('0.0016'));
      await subject.store.endStop(key);
      expect(await stops()).toEqual([{ ...key, highPrice: d('0.0015'), rules, triggered: loss }]);
    });

    it('trigger without a price', async () => {
      await subject.store.beginStop(key, rules);
      expect(await trigger(key, { ...byTime, entryPrice: undefined })).toBe(true);
      expect(await stops()).toEqual([
        { ...key, highPrice: undefined, rules, triggered: { ...byTime, entryPrice: undefined } },
      ]);
    });

    it('end with their own position only', async () => {
      await subject.store.beginStop(key, rules);
      await subject.store.endStop(later);
      expect(await stops()).toHaveLength(1);
      await subject.store.endStop(key);
      expect(await stops()).toEqual([]);
    });

    const wants = { strategy: 'cross', symbol: 'XRP/ETH', stance: 'Long', barClose: NOW, changedAt: NOW - 5 } as const;
    const entry = (id: string, changedAt = wants.changedAt): Ruling => ({
      ...approval(id),
      wants: { ...wants, changedAt, barClose: changedAt },
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
    ])('%s the stop of a position that is closed, and no other', async (_what, ruling, count) => {
      const other = { ...key, strategy: 'other' };
      for (const one of [key, other]) await subject.store.beginStop(one, rules);
      await decide('one', () => ruling);
      const kept = await stops();
      expect([kept.length, kept.some(({ strategy }) => strategy === 'other')]).toEqual([count, true]);
    });

    it('stay through further orders of an entry that holds something already', async () => {
      await decide('one', () => entry('one'));
      await subject.addPosition('40');
      await subject.store.beginStop(key, rules);
      await subject.store.raiseStop(key, d('0.0015'));
      for (const id of ['two', 'three', 'four']) await decide(id, () => approval(id));
      expect(await stops()).toEqual([{ ...key, highPrice: d('0.0015'), rules, triggered: undefined }]);
      expect((await accountNow()).stops).toEqual(await stops());
    });

    it('end with the first order of the next stance, beside the dust of the position before', async () => {
      await decide('one', () => entry('one'));
      await subject.addPosition('0.3');
      await subject.store.beginStop(key, rules);
      await decide('two', () => entry('two', NOW + 9));
      expect(await stops()).toEqual([]);
    });

    it.each([
      ['older than', NOW - 5, 1],
      ['as old as', NOW, 1],
      ['newer than', NOW + 1, 0],
    ])('that triggered and an entry whose stance is %s the trigger', async (_what, changedAt, count) => {
      await subject.store.beginStop(key, rules);
      await trigger(key, byTime);
      await decide('one', () => entry('one', changedAt));
      expect(await stops()).toMatchObject(Array.from({ length: count }, () => ({ ...key, triggered: byTime })));
      expect(await stops()).toHaveLength(count);
    });

    it('that triggered stay when the stance of an entry is unknown', async () => {
      await subject.store.beginStop(key, rules);
      await trigger(key, loss);
      await decide('one', () => approval('one'));
      expect(await stops()).toMatchObject([{ triggered: loss }]);
    });

    it.each<[string, Ruling, number]>([
      ['a first entry', entry('two', NOW + 9), 0],
      ['a further order', approval('two'), 1],
    ])('are for the next decision of a transaction as %s leaves them', async (_what, ruling, left) => {
      await decide('one', () => entry('one'));
      await subject.addPosition('40');
      await subject.store.beginStop(key, rules);
      const seen: number[] = [];
      await decideAll(['two', 'probe'], (account, index) => {
        seen.push(account.stops.length);
        return index === 0 ? ruling : NO_ACTION;
      });
      expect(seen).toEqual([1, left]);
      expect(await stops()).toHaveLength(left);
    });
  });
}
