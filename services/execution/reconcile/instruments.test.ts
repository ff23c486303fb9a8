import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import { intendedOrder, type ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

const TRADED = 'XRP/ETH';
const GONE = 'GONE/ETH';
const UNLISTED: VenueFailure = { kind: 'rejected', code: '10007', message: 'bad symbol', pair: 'Unlisted' };
const SILENT: VenueFailure = { kind: 'unknown', reason: 'timeout' };
let stack: VirtualStack;
/** How the venue answers for the pair GONE/ETH; undefined: as for any other. */
let answer: VenueFailure | undefined;

beforeEach(() => {
  stack = createVirtualStack();
  answer = undefined;
});

afterEach(() => stack.kill());

/** A venue with two pairs, of which the second answers as the test says. */
function twoPairs(): Changes {
  const { venue } = stack;
  return {
    settings: { symbols: [GONE, TRADED] },
    at: {
      openOrders: async (symbol) => {
        const open = await venue.openOrders();
        if (symbol === GONE && answer !== undefined) return answer;
        return open.kind === 'ok' ? { ...open, value: open.value.filter((one) => one.symbol === symbol) } : open;
      },
      order: async (symbol, id) => (symbol === GONE && answer !== undefined ? answer : await venue.order(symbol, id)),
      fills: async (symbol, range) => {
        if (symbol === GONE && answer !== undefined) return answer;
        const reply = await venue.fills(symbol, range);
        if (reply.kind !== 'ok') return reply;
        const fills = reply.value.fills.filter((one) => one.symbol === symbol);
        return { ...reply, value: { ...reply.value, fills } };
      },
    },
  };
}

async function offer(execution: Execution, id: string, change: Partial<ApprovedOrder> = {}, ms = 500) {
  const order = stack.approve(id, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(ms);
  return order;
}

function reconcileCheck(execution: Execution) {
  return execution.checks.get('reconcile')?.();
}

describe('a pair that the venue does not have', () => {
  it('at the start keeps no other pair from being traded, and the check names it with the answer', async () => {
    answer = UNLISTED;
    const execution = await stack.active(twoPairs());
    expect(execution.sender()).toMatchObject({ role: 'active', maySend: true, obstacle: { reason: 'NotReconciled' } });
    expect(reconcileCheck(execution)).toMatchObject({ ok: false, reason: 'PairRefused' });
    const exit = await offer(execution, 'exit', { side: 'sell' });
    const entry = await offer(execution, 'entry');
    expect([exit, entry].map((order) => stack.stateOf(order)?.kind)).toEqual(['Filled', 'Filled']);
    await stack.clock.advance(60_000);
    const check = reconcileCheck(execution);
    expect(check).toMatchObject({ ok: false, reason: 'PairRefused' });
    expect(check?.message).toMatch(
      /^GONE\/ETH: open orders: the venue refuses the pair: Unlisted, code 10007 \(bad symbol\), for 6\d s, not compared/,
    );
    expect(check?.message).not.toContain(TRADED);
    expect(execution.figures()).toMatchObject({ 'reconcileAgeMs.GONE/ETH': null });
    expect(execution.figures()['lastReconcileAgeMs']).toBeLessThan(5_000);
  });

  it('takes no order, not even an exit, and says why at the deadline', async () => {
    answer = UNLISTED;
    const execution = await stack.active(twoPairs());
    const orders = [
      await offer(execution, 'exit', { symbol: GONE, side: 'sell' }),
      await offer(execution, 'entry', { symbol: GONE }),
    ];
    await stack.clock.advance(12_000);
    for (const order of orders) expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'NotReconciled' });
    expect(stack.placed()).toEqual([]);
  });

  it.each([UNLISTED, SILENT])('any more leaves the balances of the others compared ($kind)', async (reply) => {
    const execution = await stack.active(twoPairs());
    answer = reply;
    await stack.clock.advance(620_000);
    expect(stack.clock.nowMs() - (stack.record.comparedAt.get('XRP') ?? 0)).toBeLessThan(10_000);
    expect(execution.figures()['reconcileAgeMs.GONE/ETH']).toBeGreaterThan(610_000);
    expect(execution.figures()['lastReconcileAgeMs']).toBeLessThan(10_000);
    const exit = await offer(execution, 'exit', { side: 'sell' });
    expect(stack.stateOf(exit)?.kind).toBe('Filled');
  });
});

describe('a pair for which the venue is silent', () => {
  it('is overdue after half a minute, takes no entries, and trades again when the venue answers', async () => {
    const execution = await stack.active(twoPairs());
    answer = SILENT;
    await stack.clock.advance(29_000);
    expect(reconcileCheck(execution)?.ok).toBe(true);
    expect(stack.stateOf(await offer(execution, 'still', { symbol: GONE }))?.kind).toBe('Filled');
    await stack.clock.advance(5_000);
    const check = reconcileCheck(execution);
    expect(check).toMatchObject({ ok: false, reason: 'ReconcileOverdue' });
    expect(check?.message).toMatch(/^GONE\/ETH: open orders: no answer: timeout, for 3\d s, last compared 3\d s ago$/);
    const entry = await offer(execution, 'entry', { symbol: GONE, deadline: stack.clock.nowMs() + 60_000 });
    expect(stack.stateOf(entry)).toBeUndefined();
    const exit = await offer(execution, 'exit', { symbol: GONE, side: 'sell' });
    expect(stack.placed()).toContain(exit.clientOrderId);
    answer = undefined;
    await stack.clock.advance(12_000);
    expect(stack.stateOf(entry)?.kind).toBe('Filled');
    expect(reconcileCheck(execution)?.ok).toBe(true);
  });

  it('from the start is tried again within seconds, however long the interval is', async () => {
    answer = SILENT;
    const changes = twoPairs();
    const settings = { ...changes.settings, reconcileIntervalMs: 600_000 };
    const execution = await stack.active({ ...changes, settings });
    const entry = await offer(execution, 'entry', { symbol: GONE, deadline: stack.clock.nowMs() + 60_000 });
    answer = undefined;
    await stack.clock.advance(15_000);
    expect(stack.stateOf(entry)?.kind).toBe('Filled');
  });

  it('sends no exit before the venue has listed its open orders', async () => {
    answer = SILENT;
    const execution = await stack.active(twoPairs());
    const exit = await offer(execution, 'exit', { symbol: GONE, side: 'sell' }, 3_000);
    expect(stack.placed()).toEqual([]);
    answer = undefined;
    await stack.clock.advance(4_000);
    expect(stack.placed()).toEqual([exit.clientOrderId]);
  });

  it('does not delay the others, however many of its orders have no answer', async () => {
    for (let index = 0; index < 30; index += 1) leftBehind(`left${index}`, GONE);
    answer = SILENT;
    const { venue, clock } = stack;
    const changes = twoPairs();
    const order = changes.at?.order ?? venue.order.bind(venue);
    const slow = {
      ...changes.at,
      order: async (symbol: string, id: string) => {
        if (symbol === GONE) await clock.sleep(3_000);
        return await order(symbol, id);
      },
    };
    const execution = await stack.active({ ...changes, at: slow });
    await clock.advance(3_000);
    expect(execution.sender().role).toBe('active');
    await clock.advance(20_000);
    expect(execution.figures()['lastReconcileAgeMs']).toBeLessThan(5_000);
  });
});

function leftBehind(id: string, symbol: string) {
  const order = stack.approve(id, { symbol });
  const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: stack.clock.nowMs() });
  stack.record.orders.set(order.clientOrderId, row);
  return order;
}

it('an order without an answer holds back its own pair alone, in both directions', async () => {
  leftBehind('left', GONE);
  const changes = twoPairs();
  let answers = false;
  const order = changes.at?.order ?? stack.venue.order.bind(stack.venue);
  const execution = await stack.active({
    ...changes,
    at: {
      ...changes.at,
      order: async (symbol, id) => (symbol === GONE && !answers ? SILENT : await order(symbol, id)),
    },
  });
  expect(execution.sender().role).toBe('active');
  const exit = await offer(execution, 'exit', { symbol: GONE, side: 'sell', deadline: stack.clock.nowMs() + 60_000 });
  const other = await offer(execution, 'other');
  expect(stack.placed()).toEqual([other.clientOrderId]);
  answers = true;
  await stack.clock.advance(8_000);
  expect(stack.placed()).toContain(exit.clientOrderId);
});

it('an order of a pair that is no longer configured does not keep the sender from becoming active', async () => {
  leftBehind('left', 'OLD/ETH');
  const order = stack.venue.order.bind(stack.venue);
  let answers = false;
  const execution = await stack.active({
    at: { order: async (symbol, id) => (symbol === 'OLD/ETH' && !answers ? SILENT : await order(symbol, id)) },
  });
  expect(execution.sender().role).toBe('active');
  await stack.clock.advance(32_000);
  expect(reconcileCheck(execution)?.message).toMatch(/^OLD\/ETH: orders: the venue does not answer for order /);
  answers = true;
  await stack.clock.advance(20_000);
  expect(reconcileCheck(execution)?.ok).toBe(true);
  expect(Object.keys(execution.figures())).not.toContain('reconcileAgeMs.OLD/ETH');
  await stack.clock.advance(60_000);
  expect(reconcileCheck(execution)?.ok).toBe(true);
});

it('takes exits, and entries later, while the fills of a pair cannot be read', async () => {
  const fills = stack.venue.fills.bind(stack.venue);
  let answers = false;
  const execution = await stack.active({
    at: { fills: async (symbol, range) => (answers ? await fills(symbol, range) : SILENT) },
  });
  const exit = await offer(execution, 'exit', { side: 'sell' });
  const entry = await offer(execution, 'entry', { deadline: stack.clock.nowMs() + 60_000 });
  expect(stack.placed()).toEqual([exit.clientOrderId]);
  answers = true;
  await stack.clock.advance(5_000);
  expect(stack.placed()).toEqual([exit.clientOrderId, entry.clientOrderId]);
});

it('takes exits, and entries later, while many fills are still being read', async () => {
  const fills = stack.venue.fills.bind(stack.venue);
  const reading = Promise.withResolvers<void>();
  const execution = await stack.active({
    at: {
      fills: async (symbol, range) => {
        await reading.promise;
        return await fills(symbol, range);
      },
    },
  });
  expect(execution.sender().role).toBe('active');
  const exit = await offer(execution, 'exit', { side: 'sell' });
  const entry = await offer(execution, 'entry', { deadline: stack.clock.nowMs() + 60_000 });
  expect(stack.placed()).toEqual([exit.clientOrderId]);
  reading.resolve();
  await stack.clock.advance(1_000);
  expect(stack.placed()).toEqual([exit.clientOrderId, entry.clientOrderId]);
});

it('takes exits, and entries later, while the balances cannot be read', async () => {
  const balances = stack.venue.balances.bind(stack.venue);
  let answers = false;
  const execution = await stack.active({ at: { balances: async () => (answers ? await balances() : SILENT) } });
  const exit = await offer(execution, 'exit', { side: 'sell' });
  const entry = await offer(execution, 'entry', { deadline: stack.clock.nowMs() + 60_000 });
  expect(stack.placed()).toEqual([exit.clientOrderId]);
  await stack.clock.advance(30_000);
  expect(reconcileCheck(execution)?.message).toMatch(/^balances: no answer: timeout, for 3\d s/);
  answers = true;
  await stack.clock.advance(8_000);
  expect(stack.placed()).toEqual([exit.clientOrderId, entry.clientOrderId]);
});

it('sends nothing before the clocks are compared', async () => {
  const execution = await stack.active({ at: { clockSkewMs: async () => await Promise.resolve(SILENT) } });
  await stack.clock.advance(31_000);
  expect(execution.sender().role).toBe('activating');
  expect(reconcileCheck(execution)?.message).toContain('clock: no answer: timeout');
});
