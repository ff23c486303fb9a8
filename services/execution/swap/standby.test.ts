import { afterEach, beforeEach, expect, it } from 'vitest';
import { RESTING } from '../../../test/faults/fates.ts';
import { createDrainStack, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';
import type { Execution } from '../service.ts';

let stack: DrainStack;

beforeEach(() => {
  stack = createDrainStack();
});

afterEach(() => stack.kill());

async function standby(): Promise<Execution> {
  const execution = await stack.active();
  await stack.drained(execution, {}, 100);
  expect(execution.sender().role).toBe('standby');
  return execution;
}

it('takes a higher epoch, sends again, and shows the times of its newest epoch', async () => {
  const execution = await stack.active();
  const first = await stack.offered(execution, 'first', {}, 100);
  const times = execution.sender();
  expect(times.firstSentMs).toBe(first.decidedAt);
  await stack.drained(execution, {}, 100);
  expect(execution.sender()).toMatchObject({ role: 'standby', lastSentMs: times.lastSentMs });
  expect(await execution.activate(1)).toMatchObject({ accepted: false });
  expect(await execution.activate(2)).toEqual({ accepted: true, epoch: 2, reason: 'Granted' });
  await stack.clock.advance(500);
  expect(execution.sender()).toMatchObject({ role: 'active', epoch: 2, firstSentMs: null, lastSentMs: null });
  const second = await stack.offered(execution, 'second', {}, 1_500);
  expect(stack.placed()).toEqual([first.clientOrderId, second.clientOrderId]);
  expect([...stack.record.orders.values()].map(({ epoch }) => epoch)).toEqual([1, 2]);
});

it('takes no epoch while it drains, not even the one that it holds', async () => {
  const execution = await stack.active();
  stack.fate = { ...RESTING, reply: 'lostBefore' };
  await stack.offered(execution, 'unknown', {}, 100);
  await stack.drained(execution, {}, 10);
  for (const epoch of [1, 2]) expect(await execution.activate(epoch)).toMatchObject({ accepted: false, epoch: 1 });
  expect(execution.sender().role).toBe('draining');
});

it('begins its second epoch with what the record has, and with no comparison of the first', async () => {
  stack.fate = RESTING;
  const execution = await stack.active();
  await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
  await stack.drained(execution, {}, 100);
  expect(execution.figures()).toMatchObject({ openOrders: 0, lastReconcileAgeMs: null });
  await stack.record.raiseFence({ epoch: 2, holder: 'other' });
  stack.venue.openOrders = async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' });
  expect(await execution.activate(3)).toMatchObject({ accepted: true });
  // Before any reconcile, so that a halt can cancel what rests.
  await stack.clock.advance(500);
  expect(execution.figures()).toMatchObject({ openOrders: 1 });
  await stack.clock.advance(2_500);
  expect(execution.sender().role).toBe('activating');
  expect(execution.figures()).toMatchObject({ openOrders: 1, lastReconcileAgeMs: null });
});

it('sends no order again that it sent in an earlier epoch, although the record lost its row', async () => {
  const execution = await stack.active();
  const order = await stack.offered(execution, 'sent', {}, 100);
  await stack.drained(execution, {}, 100);
  stack.record.orders.delete(order.clientOrderId);
  stack.record.identity = { ...stack.record.identity, commits: 0 };
  stack.venue.order = async () => await Promise.resolve({ kind: 'notFound' });
  await stack.clock.advance(600);
  await execution.activate(2);
  await stack.clock.advance(15_000);
  expect(stack.placed()).toEqual([order.clientOrderId]);
});

it('counts a record that went back while it was waiting at its next grant', async () => {
  const execution = await standby();
  const before = stack.approve('before');
  // More commits were lost than the identity of the last grant shows.
  stack.record.identity = { ...stack.record.identity, timeline: 2 };
  await stack.clock.advance(1_000);
  stack.record.identity = { ...stack.record.identity, timeline: 1 };
  await stack.clock.advance(1_000);
  await execution.activate(2);
  await stack.clock.advance(8_000);
  expect(stack.stateOf(before)).toEqual({ kind: 'NeverSent', reason: 'RecordWentBack' });
});

it('records nothing and cancels nothing while another one sends, except in a halt', async () => {
  stack.fate = RESTING;
  const execution = await stack.active();
  await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
  await stack.drained(execution, {}, 100);
  await stack.record.raiseFence({ epoch: 2, holder: 'other' });
  await stack.clock.advance(60_000);
  expect([execution.sender().role, stack.venue.placed[0]?.ended]).toEqual(['standby', false]);
  expect(stack.record.snapshots.size).toBeLessThanOrEqual(1);
  stack.record.restrict('console', 'Halted');
  await stack.clock.advance(2_500);
  expect(stack.venue.placed[0]?.ended).toBe(true);
});

it('confirms a halt only when no request that its successor signed before it can arrive any more', async () => {
  const execution = await standby();
  await stack.record.raiseFence({ epoch: 2, holder: 'other' });
  await stack.clock.advance(10_000);
  stack.record.restrict('console', 'Halted');
  await stack.clock.advance(1_000);
  expect(execution.sender().openOrders).toBeNull();
  await stack.clock.advance(1_500);
  expect(execution.sender().openOrders).toMatchObject({ count: 0 });
});

it('stops without touching the fence of its successor', async () => {
  const execution = await standby();
  await stack.record.raiseFence({ epoch: 2, holder: 'other' });
  void Promise.all(execution.parts.map(async (part) => await part.drain?.()));
  await stack.clock.advance(100);
  expect(stack.record.fence).toEqual({ epoch: 2, holder: 'other' });
  expect(await execution.activate(3)).toMatchObject({ accepted: false });
});
