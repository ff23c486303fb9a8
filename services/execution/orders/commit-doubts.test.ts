import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { ExecutionStore } from '../ports.ts';

let stack: VirtualStack;
/** What happens to the next commits: undefined for none. */
let fate: 'LostAnswer' | 'Late' | 'NeverArrives' | undefined;
let readable: boolean;

beforeEach(() => {
  stack = createVirtualStack();
  fate = undefined;
  readable = true;
});

afterEach(() => stack.kill());

const LOST = 'connection lost during COMMIT';

async function active() {
  const { record, clock } = stack;
  const commitIntent: ExecutionStore['commitIntent'] = async (fence, order) => {
    const now = fate;
    fate = undefined;
    if (now === 'Late') void clock.sleep(1_500).then(async () => await record.commitIntent(fence, order));
    const outcome = now === undefined || now === 'LostAnswer' ? await record.commitIntent(fence, order) : undefined;
    if (now !== undefined || outcome === undefined) throw new Error(LOST);
    return outcome;
  };
  const loadOrders: ExecutionStore['loadOrders'] = async (ids) => {
    if (!readable) throw new Error('the database is unavailable');
    return await record.loadOrders(ids);
  };
  // One instrument is silent, and no reconcile runs: nothing else may be needed.
  const at = {
    openOrders: async (symbol: string) =>
      symbol === 'GONE/ETH' ? ({ kind: 'unknown', reason: 'timeout' } as const) : await stack.venue.openOrders(),
  };
  const settings = { symbols: ['GONE/ETH', 'XRP/ETH'], reconcileIntervalMs: 600_000 };
  return await stack.active({ store: { commitIntent, loadOrders }, at, settings });
}

describe('an order whose commit is not answered', () => {
  it('is not sent, ends at once when its row is there, and its instrument takes entries again', async () => {
    const execution = await active();
    fate = 'LostAnswer';
    const order = stack.approve('lost');
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(20);
    expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'CommitUnknown' });
    const next = stack.approve('next');
    void execution.onApproval(next.decisionId);
    await stack.clock.advance(500);
    expect(stack.placed()).toEqual([next.clientOrderId]);
    expect(execution.figures()).toMatchObject({ openOrders: 0, unknownOrders: 0 });
  });

  it('ends when the row can be read, and until then its instrument takes exits only', async () => {
    const execution = await active();
    fate = 'LostAnswer';
    readable = false;
    const order = stack.approve('lost', { symbol: 'XRP/ETH' });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(500);
    expect(execution.sender().obstacle?.message).toMatch(/unknown outcome: no buys on XRP\/ETH|GONE/);
    const entry = stack.approve('entry');
    const exit = stack.approve('exit', { side: 'sell' });
    for (const { decisionId } of [entry, exit]) void execution.onApproval(decisionId);
    await stack.clock.advance(500);
    expect(stack.stateOf(entry)).toEqual({ kind: 'NeverSent', reason: 'UnknownOrders' });
    expect(stack.placed()).toEqual([exit.clientOrderId]);
    readable = true;
    await stack.clock.advance(1_200);
    expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'CommitUnknown' });
  });

  it('ends when the commit takes effect after the row was read', async () => {
    const execution = await active();
    fate = 'Late';
    const order = stack.approve('late', { deadline: stack.clock.nowMs() + 1_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(1_400);
    expect(stack.stateOf(order)).toBeUndefined();
    await stack.clock.advance(2_200);
    expect(stack.stateOf(order)).toMatchObject({ kind: 'NeverSent' });
    expect(stack.placed()).toEqual([]);
  });

  it('is offered again when the commit never took effect', async () => {
    const execution = await active();
    fate = 'NeverArrives';
    const order = stack.approve('again');
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(3_500);
    expect(stack.placed()).toEqual([order.clientOrderId]);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    await stack.clock.advance(12_000);
    const next = stack.approve('next');
    void execution.onApproval(next.decisionId);
    await stack.clock.advance(500);
    expect(stack.stateOf(next)?.kind).toBe('Filled');
  });
});
