import { afterEach, beforeEach, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { Execution } from '../service.ts';
import { MemoryEpoch } from '../store/memory/memory-epoch.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';

let stack: VirtualStack;
let promoted: MemoryExecutionStore;
let old: Execution;
let next: Execution;

/** Two senders: one reaches the old primary, the other the one that was promoted in its place. */
beforeEach(async () => {
  stack = createVirtualStack();
  const sharedEpoch = new MemoryEpoch();
  old = await stack.active({ sharedEpoch });
  promoted = new MemoryExecutionStore();
  promoted.fence = stack.record.fence;
  next = stack.start({ sharedEpoch, store: promoted });
  await stack.clock.advance(1);
});

afterEach(() => stack.kill());

it('a sender on an old primary sends nothing half a second after the grant of its successor', async () => {
  await next.activate(2);
  await stack.clock.advance(500);
  await old.onApproval(stack.approve('late').decisionId);
  const nowMs = stack.clock.nowMs();
  const order = approvedOrder('current', { decidedAt: nowMs, deadline: nowMs + 10_000 });
  promoted.approvals.push(order);
  await stack.clock.advance(5_000);
  expect(stack.placed()).toEqual([order.clientOrderId]);
  expect([old.sender().role, next.sender().role]).toEqual(['fenced', 'active']);
  expect(old.checks.get('fence')?.()).toMatchObject({ reason: 'RecordStale' });
});
