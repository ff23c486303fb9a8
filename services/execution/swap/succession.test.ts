import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RESTING } from '../../../test/faults/fates.ts';
import {
  AT_ONCE_MS,
  createSuccessionStack,
  SYMBOLS,
  type SuccessionStack,
} from '../../../test/harness/execution/succession-stack.ts';

let stack: SuccessionStack;

beforeEach(async () => {
  stack = await createSuccessionStack();
});

afterEach(() => stack.kill());

describe('after a clean drain, a rehearsed process', () => {
  it('sends at once what came during the swap, each order once', async () => {
    const next = await stack.armed();
    expect(next.sender()).toMatchObject({ role: 'armed', rehearsed: true });
    await stack.drained(stack.old, {}, 100);
    const orders = ['first', 'second'].map((id) => stack.approve(id));
    for (const { decisionId } of orders) expect(await stack.old.onApproval(decisionId)).toBe(false);
    stack.silence(true);
    await next.activate(2);
    await stack.clock.advance(30);
    expect(next.sender()).toMatchObject({ role: 'active', maySend: true, obstacle: null, rehearsed: null });
    await stack.clock.advance(100);
    for (const { decisionId } of orders) void next.onApproval(decisionId);
    await stack.clock.advance(5_000);
    expect(stack.placed()).toEqual(orders.map(({ clientOrderId }) => clientOrderId));
  });

  it('reconciles beside it, at once', async () => {
    const next = await stack.armed();
    expect(await stack.swapTo(next)).toBe(true);
    expect([next.sender().role, stack.asked]).toEqual(['active', SYMBOLS]);
  });

  it('books what was filled between the two, once', async () => {
    stack.fate = RESTING;
    const order = await stack.offered(stack.old, 'resting', { type: 'LIMIT' }, 100);
    const next = await stack.armed();
    await stack.drained(stack.old, {}, 100);
    stack.venue.traded.push(stack.fillOf(order, 'between'));
    next.streamEvents.onFill(stack.fillOf(order, 'between'));
    stack.old.streamEvents.onFill(stack.fillOf(order, 'between'));
    await next.activate(2);
    await stack.clock.advance(3_000);
    next.streamEvents.onFill(stack.fillOf(order, 'between'));
    await stack.clock.advance(1_000);
    expect(stack.record.fills.all.map(({ venueTradeId }) => venueTradeId)).toEqual(['between']);
  });

  it('sends nothing on an instrument on which an order rests, before it has asked for it', async () => {
    stack.fate = RESTING;
    const deadline = stack.clock.nowMs() + 60_000;
    await stack.offered(stack.old, 'resting', { type: 'LIMIT', symbol: 'ADA/ETH', deadline }, 100);
    const next = await stack.armed();
    expect(await stack.swapTo(next)).toBe(true);
    const sell = { side: 'sell', type: 'IMMEDIATE_OR_CANCEL' } as const;
    const waiting = await stack.offered(next, 'exit', { ...sell, symbol: 'ADA/ETH' }, 50);
    const sent = await stack.offered(next, 'other', { ...sell, symbol: 'XRP/ETH' }, 50);
    expect(stack.placed().slice(1)).toEqual([sent.clientOrderId]);
    stack.silence(false);
    await stack.clock.advance(8_000);
    expect(stack.placed().slice(2)).toEqual([waiting.clientOrderId]);
  });

  it('sends no entries while the record has a drift, and exits at once', async () => {
    const next = await stack.armed();
    stack.record.drifting = new Set(['MX']);
    expect(await stack.swapTo(next)).toBe(true);
    await stack.offered(next, 'entry', {}, 50);
    const exit = await stack.offered(next, 'exit', { side: 'sell' }, 50);
    expect(stack.placed()).toEqual([exit.clientOrderId]);
  });

  it('sends no entry on an instrument of which something is set apart', async () => {
    const next = await stack.armed();
    const letter = { kind: 'Fill', id: 't1', symbol: 'XRP/ETH', problem: 'too large', payload: '{}' } as const;
    stack.record.deadLetters.set('Fill t1', letter);
    await stack.drained(stack.old, {}, 100);
    // It waits for the sender, so that it is sent before a reconcile could read the letter.
    const entry = stack.approve('entry');
    await next.activate(2);
    await stack.clock.advance(30);
    expect([stack.placed(), stack.stateOf(entry)]).toEqual([[], { kind: 'NeverSent', reason: 'SetApart' }]);
  });

  it('does not send a buy that risk wants out of the way of an exit', async () => {
    const next = await stack.armed();
    await stack.drained(stack.old, {}, 100);
    const entry = stack.approve('entry');
    const { clientOrderId, symbol } = entry;
    stack.record.cancels.add(0, [{ clientOrderId, symbol }]);
    await next.activate(2);
    await stack.clock.advance(200);
    expect([stack.placed(), stack.stateOf(entry)]).toEqual([[], { kind: 'NeverSent', reason: 'ExitFirst' }]);
  });

  it('sends no entries when nobody has compared for too long', async () => {
    const next = await stack.armed();
    await stack.drained(stack.old, {}, 100);
    const { released } = stack.record.fences;
    if (released !== undefined) stack.record.fences.released = { ...released, agoMs: 100_000 };
    stack.silence(true);
    await next.activate(2);
    await stack.clock.advance(AT_ONCE_MS);
    await stack.offered(next, 'entry', {}, 50);
    const exit = await stack.offered(next, 'exit', { side: 'sell' }, 50);
    expect([next.sender().role, stack.placed()]).toEqual(['active', [exit.clientOrderId]]);
  });
});
