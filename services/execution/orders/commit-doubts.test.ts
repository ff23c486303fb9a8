import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { ExecutionStore } from '../ports.ts';

const FATES = ['LostAnswer', 'Late', 'NeverArrives', 'SlowAnswer', 'SlowLostAnswer'] as const;
/** Approvals at several times between two reads of the rows in doubt. */
const OFFSETS_MS = Array.from({ length: 10 }, (_, index) => 100 * index);

let stack: VirtualStack;
/** What happens to the next commits, in order; nothing to those after them. */
let fates: (typeof FATES)[number][];
/** Client order IDs of the commits so far, answered or not. */
let committed: string[];
let readable: boolean;
/** How long a read of rows takes. */
let readMs: number;

beforeEach(() => {
  stack = createVirtualStack();
  fates = [];
  committed = [];
  readable = true;
  readMs = 0;
});

afterEach(() => stack.kill());

const LOST = 'connection lost during COMMIT';

async function active() {
  const { record: rows, clock } = stack;
  const commitIntent: ExecutionStore['commitIntent'] = async (fence, order) => {
    committed.push(order.request.clientOrderId);
    const fate = fates.shift();
    if (fate === 'Late') void clock.sleep(1_500).then(async () => await rows.commitIntent(fence, order));
    if (fate === 'Late' || fate === 'NeverArrives') throw new Error(LOST);
    const outcome = await rows.commitIntent(fence, order);
    // As slow as a statement may be while its order is still sent: the rows in doubt are read in the meantime.
    if (fate === 'SlowAnswer' || fate === 'SlowLostAnswer') await clock.sleep(400);
    if (fate === 'LostAnswer' || fate === 'SlowLostAnswer') throw new Error(LOST);
    return outcome;
  };
  const loadOrders: ExecutionStore['loadOrders'] = async (ids) => {
    if (!readable) throw new Error('the database is unavailable');
    if (readMs > 0) await clock.sleep(readMs / 2);
    const found = await rows.loadOrders(ids);
    if (readMs > 0) await clock.sleep(readMs / 2);
    return found;
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
    fates = ['LostAnswer'];
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
    fates = ['LostAnswer'];
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
    fates = ['Late'];
    // The sweep after its pause comes when the row is there.
    const order = stack.approve('late', { deadline: stack.clock.nowMs() + 1_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(1_400);
    expect(stack.stateOf(order)).toBeUndefined();
    await stack.clock.advance(2_200);
    expect(stack.stateOf(order)).toMatchObject({ kind: 'NeverSent' });
    expect(stack.placed()).toEqual([]);
  });

  it.each(
    OFFSETS_MS.flatMap((ms) => [
      { ms, takesMs: 0 },
      { ms, takesMs: 600 },
    ]),
  )('is sent once, and recorded as sent, when the next answer is slow, $ms ms on, read in $takesMs ms', async (run) => {
    const execution = await active();
    const { ms, takesMs } = run;
    readMs = takesMs;
    await stack.clock.advance(ms);
    fates = ['NeverArrives', 'SlowAnswer'];
    const order = stack.approve('again');
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(4_000);
    expect(stack.placed()).toEqual([order.clientOrderId]);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    expect(stack.record.positions.held('XRP/ETH')).toBe(order.quantity);
  });

  it.each(OFFSETS_MS)('is not sent when the next answer is lost too, %d ms on', async (ms) => {
    const execution = await active();
    await stack.clock.advance(ms);
    fates = ['NeverArrives', 'SlowLostAnswer'];
    const order = stack.approve('again');
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(4_000);
    expect(stack.placed()).toEqual([]);
    expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'CommitUnknown' });
  });

  it('is recorded as sent exactly if the venue has it, whatever happens to its commits and to the reads', async () => {
    const runs = record({
      first: constantFrom('NeverArrives', 'Late'),
      next: array(constantFrom(...FATES), { maxLength: 2 }),
      readMs: nat(600),
      offsetMs: nat(999),
    });
    await assert(
      asyncProperty(runs, async (run) => {
        stack = createVirtualStack();
        const execution = await active();
        await stack.clock.advance(run.offsetMs);
        fates = [run.first, ...run.next];
        readMs = run.readMs;
        const order = stack.approve('any');
        void execution.onApproval(order.decisionId);
        await stack.clock.advance(20_000);
        const end = stack.placed().length === 1 ? 'Filled' : 'NeverSent';
        stack.kill();
        expect(stack.placed().length).toBeLessThanOrEqual(1);
        expect(stack.stateOf(order)?.kind).toBe(end);
        expect(execution.figures()).toMatchObject({ openOrders: 0, unknownOrders: 0 });
      }),
      { numRuns: 40 },
    );
  });

  it.each(OFFSETS_MS)('ends as soon as the next commit finds its row, %d ms on', async (ms) => {
    const execution = await active();
    await stack.clock.advance(ms);
    fates = ['Late'];
    const order = stack.approve('late');
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(1_500);
    while (committed.length < 2 && stack.stateOf(order)?.kind !== 'NeverSent') await stack.clock.advance(10);
    await stack.clock.advance(10);
    expect(stack.stateOf(order)?.kind).toBe(stack.placed().length === 1 ? 'Filled' : 'NeverSent');
  });

  it('is offered again when the commit never took effect', async () => {
    const execution = await active();
    fates = ['NeverArrives'];
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
