import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { DeadLetters } from './dead-letters.ts';
import { createApprovalSweep } from './approval-sweep.ts';

it('offers approvals that can be read, and counts one that cannot be read once', async () => {
  const clock = virtualClock();
  const good = approvedOrder('good');
  const store: Pick<ExecutionStore, 'openApprovals'> = {
    openApprovals: async (except) => {
      expect(except).toContain('paused');
      const malformed = [{ decisionId: 'bad', problem: 'no price', payload: { side: 'buy' } }].filter(
        (row) => !except.includes(row.decisionId),
      );
      return await Promise.resolve({ orders: [good], malformed });
    },
  };
  const offered: ApprovedOrder[] = [];
  const approvals = { onSwept: (order: ApprovedOrder) => void offered.push(order), paused: () => ['paused'] };
  const metrics = createExecutionMetrics(new Registry());
  const ending = new AbortController();
  const log = createLogger({ name: 'test', level: 'silent' });
  const record = new MemoryExecutionStore();
  const deadLetters = new DeadLetters({ store: record, metrics, log });
  const fence = { takesApprovals: true };
  const sweep = createApprovalSweep({ store, approvals, deadLetters, fence, metrics, clock, log });
  const running = sweep.run(ending.signal);
  await clock.advance(10_500);
  ending.abort(new Error('the test ends'));
  await running;
  expect(offered.length).toBeGreaterThanOrEqual(10);
  expect([...record.deadLetters.values()]).toEqual([
    { kind: 'Approval', id: 'bad', symbol: '', payload: '{"side":"buy"}', problem: 'no price' },
  ]);
  expect((await metrics.malformedApprovals.get()).values[0]?.value).toBe(1);
});
