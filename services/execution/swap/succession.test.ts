import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDrainStack, RESTING, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';
import type { Changes } from '../../../test/harness/virtual-stack.ts';
import type { Execution } from '../service.ts';

const SYMBOLS = ['XRP/ETH', 'ADA/ETH'];
/** Long enough that only what the swap causes is seen. */
const settings = { symbols: SYMBOLS, reconcileIntervalMs: 20_000 };
const SILENT = { kind: 'unknown', reason: 'timeout' } as const;
/** Of an activation that does not wait for the venue. */
const AT_ONCE_MS = 5;
let stack: DrainStack;
let old: Execution;
let isSilent: boolean;
/** Symbols of the requests of a silent venue. */
let asked: string[];

beforeEach(async () => {
  stack = createDrainStack();
  [isSilent, asked] = [false, []];
  old = await stack.active({ settings });
});

afterEach(() => stack.kill());

/** Starts the next process, and lets it rehearse. While it is silent, the venue does not answer its reconcile. */
async function armed(changes: Changes = {}): Promise<Execution> {
  const openOrders = async (symbol: string) => {
    if (isSilent) asked.push(symbol);
    return isSilent ? SILENT : await stack.venue.openOrders();
  };
  const balances = async () => (isSilent ? SILENT : await stack.venue.balances());
  const execution = stack.start({ settings, ...changes, at: { openOrders, balances, ...changes.at } });
  await stack.clock.advance(1_000);
  return execution;
}

/** Drains the old sender, and activates the next one. */
async function swapTo(next: Execution, betweenMs = 0): Promise<void> {
  await stack.drained(old, {}, 100);
  isSilent = true;
  await stack.clock.advance(betweenMs);
  expect(await next.activate(2)).toMatchObject({ accepted: true });
  await stack.clock.advance(AT_ONCE_MS);
}

describe('after a clean drain, a rehearsed process', () => {
  it('sends at once what came during the swap, each order once', async () => {
    const next = await armed();
    expect(next.sender()).toMatchObject({ role: 'armed', rehearsed: true });
    await stack.drained(old, {}, 100);
    const orders = ['first', 'second'].map((id) => stack.approve(id));
    for (const { decisionId } of orders) expect(await old.onApproval(decisionId)).toBe(false);
    isSilent = true;
    await next.activate(2);
    await stack.clock.advance(30);
    expect(next.sender()).toMatchObject({ role: 'active', maySend: true, obstacle: null, rehearsed: null });
    await stack.clock.advance(100);
    for (const { decisionId } of orders) void next.onApproval(decisionId);
    await stack.clock.advance(5_000);
    expect(stack.placed()).toEqual(orders.map(({ clientOrderId }) => clientOrderId));
  });

  it('reconciles beside it, at once', async () => {
    const next = await armed();
    await swapTo(next);
    expect([next.sender().role, asked]).toEqual(['active', SYMBOLS]);
  });

  it('books what was filled between the two, once', async () => {
    stack.fate = RESTING;
    const order = await stack.offered(old, 'resting', { type: 'LIMIT' }, 100);
    const next = await armed();
    await stack.drained(old, {}, 100);
    stack.venue.traded.push(stack.fillOf(order, 'between'));
    next.streamEvents.onFill(stack.fillOf(order, 'between'));
    old.streamEvents.onFill(stack.fillOf(order, 'between'));
    await next.activate(2);
    await stack.clock.advance(3_000);
    next.streamEvents.onFill(stack.fillOf(order, 'between'));
    await stack.clock.advance(1_000);
    expect(stack.record.fills.all.map(({ venueTradeId }) => venueTradeId)).toEqual(['between']);
  });

  it('sends nothing on an instrument on which an order rests, before it has asked for it', async () => {
    stack.fate = RESTING;
    const deadline = stack.clock.nowMs() + 60_000;
    await stack.offered(old, 'resting', { type: 'LIMIT', symbol: 'ADA/ETH', deadline }, 100);
    const next = await armed();
    await swapTo(next);
    const sell = { side: 'sell', type: 'IMMEDIATE_OR_CANCEL' } as const;
    const waiting = await stack.offered(next, 'exit', { ...sell, symbol: 'ADA/ETH' }, 50);
    const sent = await stack.offered(next, 'other', { ...sell, symbol: 'XRP/ETH' }, 50);
    expect(stack.placed().slice(1)).toEqual([sent.clientOrderId]);
    isSilent = false;
    await stack.clock.advance(8_000);
    expect(stack.placed().slice(2)).toEqual([waiting.clientOrderId]);
  });

  it('sends no entries while the record has a drift, and exits at once', async () => {
    const next = await armed();
    stack.record.drifting = new Set(['MX']);
    await swapTo(next);
    await stack.offered(next, 'entry', {}, 50);
    const exit = await stack.offered(next, 'exit', { side: 'sell' }, 50);
    expect(stack.placed()).toEqual([exit.clientOrderId]);
  });

  it('sends no entry on an instrument of which something is set apart', async () => {
    const next = await armed();
    const letter = { kind: 'Fill', id: 't1', symbol: 'XRP/ETH', problem: 'too large', payload: '{}' } as const;
    stack.record.deadLetters.set('Fill t1', letter);
    await swapTo(next);
    const entry = await stack.offered(next, 'entry', {}, 50);
    expect([stack.placed(), stack.stateOf(entry)]).toEqual([[], { kind: 'NeverSent', reason: 'SetApart' }]);
  });

  it('does not send a buy that risk wants out of the way of an exit', async () => {
    const next = await armed();
    await stack.drained(old, {}, 100);
    const entry = stack.approve('entry');
    const { clientOrderId, symbol } = entry;
    stack.record.cancels.add(0, [{ clientOrderId, symbol }]);
    await next.activate(2);
    await stack.clock.advance(200);
    expect([stack.placed(), stack.stateOf(entry)]).toEqual([[], { kind: 'NeverSent', reason: 'ExitFirst' }]);
  });

  it('sends no entries when nobody has compared for too long', async () => {
    const next = await armed();
    await stack.drained(old, {}, 100);
    const { released } = stack.record.fences;
    if (released !== undefined) stack.record.fences.released = { ...released, agoMs: 100_000 };
    isSilent = true;
    await next.activate(2);
    await stack.clock.advance(AT_ONCE_MS);
    await stack.offered(next, 'entry', {}, 50);
    const exit = await stack.offered(next, 'exit', { side: 'sell' }, 50);
    expect([next.sender().role, stack.placed()]).toEqual(['active', [exit.clientOrderId]]);
  });
});

describe('a process reconciles before its first order', () => {
  it.each<[string, (next: Execution) => Promise<unknown> | void]>([
    ['when the fence was not released', async () => await Promise.resolve()],
    [
      'when the old sender had compared nothing',
      async () => {
        await stack.drained(old, {}, 100);
        stack.record.fences.released = undefined;
      },
    ],
    [
      'when a clock went back',
      async () => {
        await stack.drained(old, {}, 100);
        const { released } = stack.record.fences;
        if (released !== undefined) stack.record.fences.released = { ...released, agoMs: -1 };
      },
    ],
    [
      'when the record went back',
      async () => {
        await stack.drained(old, {}, 100);
        stack.record.identity = { ...stack.record.identity, timeline: 2 };
        await stack.clock.advance(1_000);
      },
    ],
    [
      'when its last rehearsal is too old',
      async () => {
        await stack.drained(old, {}, 100);
        isSilent = true;
        await stack.clock.advance(130_000);
      },
    ],
  ])('%s', async (_title, prepare) => {
    const next = await armed();
    await prepare(next);
    isSilent = true;
    await next.activate(2);
    await stack.clock.advance(4_000);
    expect(next.sender().role).toBe('activating');
    isSilent = false;
    await stack.clock.advance(3_000);
    expect(next.sender().role).toBe('active');
  });

  it('when it could not rehearse', async () => {
    isSilent = true;
    const next = await armed();
    expect(next.sender()).toMatchObject({ role: 'armed', rehearsed: false });
    await swapTo(next);
    expect(next.sender().role).toBe('activating');
  });

  it('and waits until nothing of a sender that crashed in its drain can arrive', async () => {
    const next = await armed();
    stack.fate = { ...RESTING, reply: 'lostAfter' };
    await stack.offered(old, 'unknown', {}, 10);
    await stack.drained(old, {}, 10);
    await next.activate(2);
    await stack.clock.advance(1_400);
    expect(next.sender().role).toBe('activating');
    await stack.clock.advance(1_000);
    expect(next.sender().role).toBe('active');
    expect(old.sender().role).toBe('fenced');
  });
});
