import { beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Ruling } from '../core/rulings.ts';
import type { RiskStore } from '../ports.ts';
import { approval, decisionsIn, NO_ACTION, NOW } from './contract-decisions.ts';

/** Tests how a store of risk counts the approved entries of a stance. */
export function entriesContract(
  name: string,
  create: () => Promise<{ readonly store: Pick<RiskStore, 'decideAll' | 'readAccount'> }>,
): void {
  describe(`the approved entries in ${name}`, () => {
    let subject: Awaited<ReturnType<typeof create>>;

    beforeEach(async () => {
      subject = await create();
    });

    const { decide, accountNow } = decisionsIn(() => subject.store);

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
}
