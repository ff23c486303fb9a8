import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import { createExecutionMetrics } from '../metrics.ts';
import type { Execution } from '../service.ts';
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

describe('sweeps that fail each time', () => {
  let stack: VirtualStack;
  let problem: string | undefined;
  beforeEach(() => {
    stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
    problem = undefined;
  });
  afterEach(() => stack.kill());

  const store: Pick<ExecutionStore, 'openApprovals'> = {
    openApprovals: async (except) => {
      if (problem !== undefined) throw new Error(problem);
      return await stack.record.openApprovals(except);
    },
  };
  const checked = (execution: Execution) => execution.checks.get('sweep')?.();

  it('fail the check of the sender after half a minute, with the error, until one succeeds', async () => {
    const execution = await stack.active({ store });
    problem = 'canceling statement due to statement timeout';
    await stack.clock.advance(29_000);
    expect(checked(execution)).toMatchObject({ ok: true });
    await stack.clock.advance(3_000);
    expect(checked(execution)).toMatchObject({
      ok: false,
      reason: 'ApprovalsNotSwept',
      message: expect.stringMatching(/^no success for 3\d{4} ms: canceling statement due to statement timeout$/),
    });
    problem = undefined;
    await stack.clock.advance(1_500);
    expect(checked(execution)).toMatchObject({ ok: true });
  });

  it('fail no check of a process that is not the sender, and count from when it is', async () => {
    problem = 'Postgres is slow';
    const execution = stack.start({ store });
    await stack.clock.advance(60_000);
    expect(checked(execution)).toMatchObject({ ok: true });
    await execution.activate(stack.record.fence.epoch + 1);
    await stack.clock.advance(20_000);
    expect([execution.sender().role, checked(execution)?.ok]).toEqual(['active', true]);
    await stack.clock.advance(12_000);
    expect(checked(execution)).toMatchObject({ ok: false, reason: 'ApprovalsNotSwept' });
    stack.record.fence = { epoch: stack.record.fence.epoch + 1, holder: 'process-2' };
    await stack.clock.advance(2_000);
    expect([execution.sender().role, checked(execution)?.ok]).toEqual(['fenced', true]);
  });

  it('hold back no order that is announced, and no halt', async () => {
    const execution = await stack.active({ store });
    problem = 'Postgres is slow';
    await stack.clock.advance(60_000);
    expect(checked(execution)?.ok).toBe(false);
    const resting = { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 } as const;
    const orders = [stack.approve('sale', { ...resting, side: 'sell' }), stack.approve('buy', resting)];
    for (const { decisionId } of orders) void execution.onApproval(decisionId);
    await stack.clock.advance(500);
    expect(stack.placed()).toEqual(orders.map(({ clientOrderId }) => clientOrderId));
    expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([false, false]);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(5_000);
    expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([true, true]);
    expect(execution.sender().openOrders?.count).toBe(0);
  });
});
