import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

const d = parseDecimal;
let stack: VirtualStack;

afterEach(() => stack.kill());

describe('exits', () => {
  beforeEach(() => {
    const exit = approvedOrder('exit').clientOrderId;
    const calm = { travelMs: 1, hiddenMs: 0, fills: [10], tellings: [0] };
    stack = createVirtualStack((id) => ({ ...calm, reply: id === exit ? 'ok' : 'lostBefore' }));
  });

  it('do not wait for entries whose requests are not answered', async () => {
    const execution = await stack.active();
    const deadline = stack.clock.nowMs() + 4_000;
    const entries = Array.from({ length: 6 }, (_, n) => stack.approve(`entry${n}`, { symbol: `A${n}/ETH`, deadline }));
    const exit = stack.approve('exit', { side: 'sell', deadline });
    // The stream is read one by one: an entry that is being sent does not hold back the exit behind it.
    for (const { decisionId } of [...entries, exit]) await execution.onApproval(decisionId);
    await stack.clock.advance(2_500);
    expect(stack.stateOf(exit)?.kind).toBe('Filled');
  });

  it('leave their turn to entries that wait', async () => {
    const execution = await stack.active();
    const deadline = stack.clock.nowMs() + 60_000;
    const entry = stack.approve('entry', { symbol: 'ADA/ETH', deadline });
    const exits = Array.from({ length: 20 }, (_, n) => stack.approve(`exit${n}`, { side: 'sell', deadline }));
    for (const { decisionId } of [...exits, entry]) void execution.onApproval(decisionId);
    await stack.clock.advance(12_000);
    expect(stack.record.orders.has(entry.clientOrderId)).toBe(true);
  });
});

describe('an approval that cannot be recorded', () => {
  const huge = (change: Partial<ApprovedOrder> = {}) =>
    stack.approve('huge', { price: d('99999999999'), quantity: d('99999999999'), ...change });

  beforeEach(() => {
    stack = createVirtualStack();
  });

  it('ends without an order, and is set apart with its payload until it has ended', async () => {
    let ends = false;
    const execution = await stack.active({
      store: {
        commitIntent: async (fence, order) => {
          if (order.decisionId === 'huge' && !ends) throw new Error('the database is unavailable');
          return await stack.record.commitIntent(fence, order);
        },
      },
    });
    const order = huge();
    const fine = stack.approve('fine');
    for (const { decisionId } of [order, fine]) void execution.onApproval(decisionId);
    await stack.clock.advance(500);
    expect(stack.stateOf(fine)?.kind).toBe('Filled');
    expect(execution.checks.get('dead letters')?.()).toMatchObject({ ok: false, reason: 'SetApart' });
    expect([...stack.record.deadLetters.values()]).toMatchObject([
      { kind: 'Approval', id: 'huge', problem: /^OutOfRange/, payload: /"quantity":"99999999999"/ },
    ]);
    ends = true;
    await stack.clock.advance(3_000);
    expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'Unprocessable' });
    expect(stack.record.orders.get(order.clientOrderId)?.reserved).toBe(d('0'));
    expect(execution.checks.get('dead letters')?.().ok).toBe(true);
  });

  it('is tried less and less often, and holds back no other', async () => {
    let tries = 0;
    const execution = await stack.active({
      settings: { reconcileIntervalMs: 600_000 },
      store: {
        commitIntent: async (fence, order) => {
          if (order.decisionId !== 'stuck') return await stack.record.commitIntent(fence, order);
          tries += 1;
          await stack.clock.sleep(900);
          throw new Error('the database is unavailable');
        },
      },
    });
    const stuck = stack.approve('stuck', { symbol: 'ADA/ETH', deadline: stack.clock.nowMs() + 600_000 });
    void execution.onApproval(stuck.decisionId);
    await stack.clock.advance(60_000);
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(15);
    const fine = stack.approve('fine');
    void execution.onApproval(fine.decisionId);
    await stack.clock.advance(1_500);
    expect(stack.stateOf(fine)?.kind).toBe('Filled');
  });
});
