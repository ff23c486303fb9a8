import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { intendedOrder, type ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

const d = parseDecimal;
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

async function offer(execution: Execution, id: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(id, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(1_000);
  return order;
}

const letters = (execution: Execution) => execution.checks.get('dead letters')?.();

it('a malformed row stops neither the activation nor the other orders, and its symbol takes no entries', async () => {
  const left = (id: string, symbol: string) => {
    const order = stack.approve(id, { symbol, decidedAt: 1, deadline: 1 });
    const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: stack.clock.nowMs() });
    stack.record.orders.set(order.clientOrderId, row);
    return order;
  };
  const bad = left('bad', 'ADA/ETH');
  const good = left('good', 'XRP/ETH');
  stack.record.malformed.add(bad.clientOrderId);
  const execution = await stack.active({ settings: { symbols: ['XRP/ETH', 'ADA/ETH'] } });
  await stack.clock.advance(5_000);
  expect(execution.sender().role).toBe('active');
  expect(stack.stateOf(good)).toEqual({ kind: 'NeverSent', reason: 'NeverArrived' });
  expect(letters(execution)?.message).toContain(`Row ${bad.clientOrderId}: malformed`);
  expect(stack.stateOf(await offer(execution, 'entry', { symbol: 'ADA/ETH' }))).toMatchObject({ reason: 'SetApart' });
  expect(stack.stateOf(await offer(execution, 'other'))?.kind).toBe('Filled');
  stack.record.malformed.clear();
  await stack.clock.advance(10_000);
  expect(letters(execution)?.ok).toBe(true);
  expect(stack.stateOf(bad)).toEqual({ kind: 'NeverSent', reason: 'NeverArrived' });
});

/** Leaves an order that rests at the venue for another minute, and whose row cannot be read. */
function unreadable(deadlineMs = stack.clock.nowMs() + 60_000) {
  const order = stack.approve('resting', { type: 'LIMIT', decidedAt: 1, deadline: deadlineMs });
  const { clientOrderId, symbol, side, price, quantity } = order;
  const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: stack.clock.nowMs() });
  stack.record.orders.set(clientOrderId, { ...intent, state: { kind: 'Open', venueOrderId: 'V1' } });
  stack.record.malformed.add(clientOrderId);
  const times = { acceptedAt: stack.clock.nowMs(), visibleAt: stack.clock.nowMs() };
  const request = { clientOrderId, symbol, side, price, quantity, type: 'LIMIT' } as const;
  const resting = { request, venueOrderId: 'V1', ...times, executed: d('0'), ended: false };
  stack.venue.placed.push(resting);
  return resting;
}

it('an open order whose row cannot be read is neither adopted nor quarantined', async () => {
  const resting = unreadable();
  const committed: string[] = [];
  await stack.active({
    store: {
      commitIntent: async (fence, intent) => {
        committed.push(intent.request.clientOrderId);
        return await stack.record.commitIntent(fence, intent);
      },
    },
  });
  await stack.clock.advance(5_000);
  expect([committed, [...stack.record.quarantined.keys()], resting.ended]).toEqual([[], [], false]);
});

describe('an open order whose row cannot be read is cancelled', () => {
  it('when it stands in the way of an exit', async () => {
    const { request } = unreadable();
    const execution = await stack.active();
    stack.record.cancels.add(stack.clock.nowMs(), [request]);
    await stack.clock.advance(1_000);
    expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([true]);
    expect(letters(execution)?.ok).toBe(false);
  });

  it('at its deadline', async () => {
    const resting = unreadable(stack.clock.nowMs() + 10_000);
    await stack.active();
    await stack.clock.advance(6_000);
    expect(resting.ended).toBe(false);
    await stack.clock.advance(2_000);
    expect(resting.ended).toBe(true);
  });

  it('when the process is stopped', async () => {
    const resting = unreadable();
    const execution = await stack.active();
    void execution.parts.find(({ name }) => name === 'fence')?.drain?.();
    await stack.clock.advance(100);
    expect(resting.ended).toBe(true);
  });
});
