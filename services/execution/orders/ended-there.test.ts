import { afterEach, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';

let stack: VirtualStack;

afterEach(() => stack.kill());

it('an order that the venue calls filled, whose fills it hides, is reported and not cancelled each second', async () => {
  stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [] }));
  const { venue, clock } = stack;
  let cancels = 0;
  let hidden = true;
  const fills = venue.fills.bind(venue);
  const execution = await stack.active({
    settings: { reconcileIntervalMs: 10_000 },
    at: {
      fills: async (symbol, range) =>
        hidden ? { kind: 'ok', value: { fills: [], unread: [], complete: true } } : await fills(symbol, range),
      cancel: async () => {
        cancels += 1;
        return await Promise.resolve({ kind: 'notFound' });
      },
    },
  });
  venue.listener = undefined;
  const order = stack.approve('hidden', { deadline: clock.nowMs() + 3_000 });
  void execution.onApproval(order.decisionId);
  await clock.advance(50_000);
  expect(execution.checks.get('unknowns')?.().ok).toBe(true);
  await clock.advance(20_000);
  expect(execution.checks.get('unknowns')?.()).toMatchObject({
    ok: false,
    reason: 'EndedAtVenue',
    message: expect.stringContaining(order.clientOrderId) as string,
  });
  await clock.advance(1_200_000);
  expect(cancels).toBeGreaterThan(15);
  expect(cancels).toBeLessThan(40);
  hidden = false;
  await clock.advance(60_000);
  expect(stack.stateOf(order)?.kind).toBe('Filled');
  expect(execution.checks.get('unknowns')?.().ok).toBe(true);
}, 20_000);

it('an order that has no answer or cannot be recorded holds back no other', async () => {
  stack = createVirtualStack(() => ({ reply: 'lostAfter', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [] }));
  const { venue, clock, record } = stack;
  const query = venue.order.bind(venue);
  const silent = approvedOrder('silent').clientOrderId;
  const unrecorded = approvedOrder('unrecorded').clientOrderId;
  const execution = await stack.active({
    settings: { reconcileIntervalMs: 600_000 },
    at: {
      order: async (symbol, id) => {
        if (id !== silent) return await query(symbol, id);
        await clock.sleep(60_000);
        return { kind: 'unknown', reason: 'timeout' };
      },
    },
    store: {
      recordObservation: async (observation) => {
        if (observation.key.clientOrderId === unrecorded) throw new Error('the database is unavailable');
        return await record.recordObservation(observation);
      },
    },
  });
  for (const id of ['silent', 'unrecorded']) void execution.onApproval(stack.approve(id, { side: 'sell' }).decisionId);
  await clock.advance(2_500);
  const other = stack.approve('other', { side: 'sell' });
  void execution.onApproval(other.decisionId);
  await clock.advance(2_500);
  expect(stack.stateOf(other)?.kind).toBe('Filled');
});
