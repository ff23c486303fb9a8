import { beforeEach, describe, expect, it } from 'vitest';
import type { CancelReason } from '../../core/exits/cancel-request.ts';
import type { RiskStore } from '../../ports.ts';
import { approval, decisionsIn, NOW, type ContractOrder } from '../contract-decisions.ts';

interface CancelsSubject {
  readonly store: Pick<RiskStore, 'decideAll' | 'readAccount' | 'requestCancels'>;
  readonly addOrder: (order: ContractOrder) => Promise<void>;
}

/** Tests how a store of risk keeps the requested cancellations. */
export function cancelsContract(name: string, create: () => Promise<CancelsSubject>): void {
  describe(`the requested cancellations in ${name}`, () => {
    let subject: CancelsSubject;

    beforeEach(async () => {
      subject = await create();
    });

    const { accountNow, decide } = decisionsIn(() => subject.store);
    const request = async (atMs: number, ids: readonly string[], reason: CancelReason = 'SelfTrade') =>
      await subject.store.requestCancels(
        atMs,
        ids.map((clientOrderId) => ({ clientOrderId, symbol: 'XRP/ETH', reason })),
      );
    const requested = async () =>
      (await subject.store.readAccount(NOW)).cancelRequests
        .toSorted((a, b) => (a.clientOrderId < b.clientOrderId ? -1 : 1))
        .map(({ clientOrderId, requestedAtMs }) => [clientOrderId, requestedAtMs - NOW]);

    it('are part of the account, inside a decision and outside, with the time of the first request', async () => {
      expect(await requested()).toEqual([]);
      await request(NOW - 7, ['one', 'two']);
      await request(NOW, ['two', 'three'], 'Leaving');
      const first = { clientOrderId: 'one', symbol: 'XRP/ETH', requestedAtMs: NOW - 7 };
      expect((await accountNow()).cancelRequests).toContainEqual(first);
      expect(await requested()).toEqual([
        ['one', -7],
        ['three', 0],
        ['two', -7],
      ]);
    });

    it('end a minute after their order, when others are added; those of live orders stay', async () => {
      await subject.addOrder({ clientOrderId: 'live', decisionId: 'd1', state: 'Open' });
      await subject.addOrder({ clientOrderId: 'ended', decisionId: 'd2', state: 'Filled' });
      await request(NOW - 60_001, ['live', 'ended']);
      await request(NOW - 60_000, ['young']);
      expect((await requested()).map(([id]) => id)).toEqual(['ended', 'live', 'young']);
      await request(NOW, ['next']);
      expect((await requested()).map(([id]) => id)).toEqual(['live', 'next', 'young']);
    });

    it('may name an approval that has no order yet, and stay as long as that', async () => {
      await decide('one', () => approval('one'));
      await request(NOW - 60_001, ['one', 'gone']);
      await request(NOW, ['next']);
      expect(await requested()).toEqual([
        ['next', 0],
        ['one', -60_001],
      ]);
    });
  });
}
