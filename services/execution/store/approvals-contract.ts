import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { intendedOrder, type ApprovedOrder } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';

/** An empty store, and functions that write to it as risk does. */
export interface ApprovalsSubject {
  readonly store: ExecutionStore;
  readonly approve: (order: ApprovedOrder) => Promise<void>;
  /** Makes an approval unreadable. */
  readonly malformApproval: (decisionId: string) => Promise<void>;
}

const HELD = { epoch: 1, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };

/** Tests how a store finds what risk has approved. */
export function approvalsContract(name: string, create: () => Promise<ApprovalsSubject>): void {
  describe(`${name} as the record of approvals`, () => {
    let subject: ApprovalsSubject;
    let store: ExecutionStore;

    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });

    async function commit(order: ApprovedOrder): Promise<void> {
      await store.raiseFence(HELD);
      const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: order.decidedAt });
      expect(await store.commitIntent(TERMS, row)).toBe('Committed');
    }

    it('lists approvals without an order, oldest first, except those to leave out', async () => {
      const older = approvedOrder('d1');
      const newer = approvedOrder('d2', { decidedAt: older.decidedAt + 1 });
      await subject.approve(newer);
      await subject.approve(older);
      expect(await store.openApprovals([])).toEqual({ orders: [older, newer], malformed: [] });
      expect((await store.openApprovals(['d1'])).orders).toEqual([newer]);
      expect(await store.findApproval('d1')).toEqual(older);
      expect(await store.findApproval('d2')).toEqual(newer);
      await commit(older);
      expect((await store.openApprovals([])).orders).toEqual([newer]);
      expect(await store.findApproval('d1')).toBeUndefined();
      expect(await store.findApproval('d9')).toBeUndefined();
    });

    it('finds the decision of an order by its ID, whether the order has a row or not', async () => {
      const approval = approvedOrder('d1');
      const { clientOrderId, strategy, deadline: deadlineMs, riskHash } = approval;
      expect(await store.findDecision(clientOrderId)).toBeUndefined();
      await subject.approve(approvedOrder('d2', { strategy: 'other' }));
      await subject.approve(approval);
      const decision = { decisionId: 'd1', strategy, deadlineMs, riskHash, approval };
      expect(await store.findDecision(clientOrderId)).toEqual(decision);
      await commit(approval);
      expect(await store.findDecision(clientOrderId)).toEqual(decision);
    });

    it('finds the decision of an approval that cannot be parsed, and lists it as malformed', async () => {
      const approval = approvedOrder('d1');
      const { clientOrderId, strategy, deadline: deadlineMs, riskHash } = approval;
      await subject.approve(approval);
      await subject.malformApproval('d1');
      const decision = { decisionId: 'd1', strategy, deadlineMs, riskHash, approval: undefined };
      expect(await store.findDecision(clientOrderId)).toEqual(decision);
      expect(await store.findApproval('d1')).toBeUndefined();
      expect(await store.openApprovals([])).toMatchObject({ orders: [], malformed: [{ decisionId: 'd1' }] });
      expect(await store.openApprovals(['d1'])).toEqual({ orders: [], malformed: [] });
    });

    it('lists recent exits before recent entries', async () => {
      const decidedAt = Date.now() - 5_000;
      const entry = approvedOrder('entry', { decidedAt });
      const exits = [1, 2].map((n) => approvedOrder(`exit${n}`, { side: 'sell', decidedAt: decidedAt + n }));
      for (const order of [entry, ...exits]) await subject.approve(order);
      expect((await store.openApprovals([])).orders).toEqual([...exits, entry]);
    });
  });
}
