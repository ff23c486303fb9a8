import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { rulesOf, type Lane } from '../core/budget/lanes.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { SharedBudget } from '../ports.ts';
import type { Execution } from '../service.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';

const LIMITS = { ordersPerSecond: 5, queries: { tokens: 500, windowMs: 10_000 } };
let stack: VirtualStack;
let budget: MemoryBudget;
/** What happened, in order. */
let steps: string[];

beforeEach(() => {
  stack = createVirtualStack();
  budget = new MemoryBudget(stack.clock);
  steps = [];
});

afterEach(() => stack.kill());

async function active(
  take: SharedBudget['take'] = budget.take,
  { commitMs = 0, ordersPerSecond = 5 } = {},
): Promise<Execution> {
  const noted: SharedBudget['take'] = async (request) => {
    if (request.bucket === 'orders') steps.push('token asked');
    return await take(request);
  };
  const execution = await stack.active({
    settings: { ordersPerSecond },
    budget: { take: noted },
    store: {
      commitIntent: async (fence, order) => {
        steps.push('commit begins');
        if (commitMs > 0) await stack.clock.sleep(commitMs);
        const outcome = await stack.record.commitIntent(fence, order);
        steps.push('committed');
        return outcome;
      },
    },
  });
  steps = [];
  return execution;
}

/** Uses up the tokens of a lane, as another process does. */
async function useUp(lane: Lane): Promise<void> {
  const request = { ...rulesOf(lane, LIMITS), tokens: 1, limitedForMs: 0, bannedForMs: 0 };
  while ((await budget.take(request)).granted);
}

function offer(execution: Execution, id: string, change: Partial<ApprovedOrder> = {}): ApprovedOrder {
  const order = stack.approve(id, change);
  void execution.onApproval(order.decisionId);
  return order;
}

const placedAfter = async (ms: number): Promise<number> => {
  await stack.clock.advance(ms);
  return stack.placed().length;
};

describe('an order', () => {
  it('takes its token in one round trip, while its intent is committed', async () => {
    const execution = await active(budget.take, { commitMs: 50 });
    offer(execution, 'one');
    await stack.clock.advance(200);
    expect(steps).toEqual(['token asked', 'commit begins', 'committed']);
    expect(stack.placed()).toHaveLength(1);
  });

  it('waits for its turn before its intent is committed, so that its signature is fresh', async () => {
    const execution = await active();
    for (const id of ['a', 'b', 'c', 'd']) offer(execution, id);
    expect(await placedAfter(500)).toBe(3);
    expect(stack.record.orders.size).toBe(3);
    expect(await placedAfter(1_000)).toBe(4);
  });

  it('that another process outran waits after its commit, and is sent in time', async () => {
    const execution = await active();
    await useUp('cancel');
    await stack.clock.advance(800);
    const order = offer(execution, 'one');
    await stack.clock.advance(100);
    expect([stack.placed(), stack.stateOf(order)?.kind]).toEqual([[], 'Intended']);
    expect(await placedAfter(200)).toBe(1);
  });

  it('that another process outran for too long is not sent, and frees its funds', async () => {
    const execution = await active();
    await useUp('cancel');
    const order = offer(execution, 'one');
    await stack.clock.advance(100);
    expect([stack.placed(), stack.stateOf(order)]).toEqual([[], { kind: 'NeverSent', reason: 'BudgetSpent' }]);
  });
});

describe('an entry', () => {
  it('that would wait past its deadline is never sent, and says why', async () => {
    const execution = await active();
    for (const id of ['a', 'b', 'c']) offer(execution, id);
    await stack.clock.advance(10);
    const late = offer(execution, 'late', { deadline: stack.clock.nowMs() + 500 });
    const intime = offer(execution, 'intime', { deadline: stack.clock.nowMs() + 1_500 });
    await stack.clock.advance(100);
    expect(stack.stateOf(late)).toEqual({ kind: 'NeverSent', reason: 'BudgetSpent' });
    expect(stack.stateOf(intime)).toBeUndefined();
    await stack.clock.advance(1_000);
    expect(stack.placed()).toContain(intime.clientOrderId);
  });

  it('that waits for its turn is not sent once a halt is active', async () => {
    const execution = await active();
    for (const id of ['a', 'b', 'c', 'd']) offer(execution, id);
    await stack.clock.advance(100);
    stack.record.restrict('desk', 'Halted');
    expect(await placedAfter(3_000)).toBe(3);
  });
});

describe('an exit', () => {
  it('is sent at once while entries wait for their turn', async () => {
    const execution = await active();
    for (const id of ['a', 'b', 'c', 'd', 'e']) offer(execution, id);
    await stack.clock.advance(100);
    const exit = offer(execution, 'exit', { side: 'sell' });
    await stack.clock.advance(50);
    expect(stack.placed()).toHaveLength(4);
    expect(stack.placed().at(-1)).toBe(exit.clientOrderId);
  });

  it.each<[string, () => Promise<Execution>]>([
    ['two orders a second are allowed', async () => await active(budget.take, { ordersPerSecond: 2 })],
    [
      'Redis does not answer, so that the own share is two orders a second',
      async () => await active(async () => await Promise.reject(new Error('Connection is closed.'))),
    ],
  ])('is sent before entries that waited before it, when %s', async (_when, start) => {
    const execution = await start();
    for (const id of ['a', 'b', 'c']) offer(execution, id);
    await stack.clock.advance(100);
    const exit = offer(execution, 'exit', { side: 'sell' });
    await stack.clock.advance(920);
    expect(stack.placed()).toHaveLength(2);
    expect(stack.placed().at(-1)).toBe(exit.clientOrderId);
    expect(await placedAfter(2_200)).toBe(4);
  });

  it('waits for its turn until its deadline, and ends then', async () => {
    const execution = await active();
    for (const id of ['a', 'b', 'c', 'd']) offer(execution, id, { side: 'sell' });
    await stack.clock.advance(100);
    const exit = offer(execution, 'exit', { side: 'sell', deadline: stack.clock.nowMs() + 500 });
    await stack.clock.advance(450);
    expect(stack.stateOf(exit)).toBeUndefined();
    await stack.clock.advance(1_000);
    expect(stack.stateOf(exit)).toEqual({ kind: 'NeverSent', reason: 'Expired' });
  });

  it('keeps entries back while it waits for its turn, and no longer', async () => {
    const execution = await active();
    for (const id of ['a', 'b', 'c', 'd', 'e']) offer(execution, id, { side: 'sell' });
    expect(await placedAfter(950)).toBe(4);
    const entry = offer(execution, 'entry');
    expect(await placedAfter(60)).toBe(5);
    expect(stack.placed()).not.toContain(entry.clientOrderId);
    const next = offer(execution, 'next');
    await stack.clock.advance(20);
    expect(stack.placed()).toContain(next.clientOrderId);
  });

  it('is sent while Redis does not answer', async () => {
    const execution = await active(async () => await new Promise(() => {}));
    const exit = offer(execution, 'exit', { side: 'sell' });
    await stack.clock.advance(300);
    expect(stack.placed()).toEqual([exit.clientOrderId]);
    expect(execution.figures()).toMatchObject({ budgetShared: 'false' });
  });
});

it('a process that starts while another one met a ban sends no request until it has passed', async () => {
  const request = { ...rulesOf('query', LIMITS), tokens: 0, limitedForMs: 20_000, bannedForMs: 20_000 };
  await budget.take(request);
  const execution = stack.start({ budget });
  await stack.clock.advance(1);
  await execution.activate(1);
  await stack.clock.advance(10_000);
  expect(execution.sender()).toMatchObject({ role: 'activating' });
  expect(execution.figures()).toMatchObject({ venueRequests: 0 });
  await stack.clock.advance(12_000);
  expect(execution.sender()).toMatchObject({ role: 'active' });
});

it('a halt cancels every order by the lane of cancellations, five a second', async () => {
  stack.kill();
  stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [0] }));
  budget = new MemoryBudget(stack.clock);
  const execution = await active();
  for (let index = 0; index < 9; index += 1) offer(execution, `rest-${index}`, { type: 'LIMIT' });
  await stack.clock.advance(4_000);
  expect(stack.placed()).toHaveLength(9);
  stack.record.restrict('desk', 'Halted');
  await stack.clock.advance(4_500);
  expect(execution.sender().openOrders).toMatchObject({ count: 0 });
});
