import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALM, RESTING } from '../../../test/faults/fates.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import type { SharedBudget } from '../ports.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';

const PAUSED: VenueFailure = { kind: 'rejected', code: '30016', message: 'trading disabled', pair: 'Paused' };
const BROKEN: VenueFailure = { kind: 'unknown', reason: 'HTTP 502' };
const OTHER = 'ADA/ETH';
const ORDERS_PER_SECOND = 5;

let stack: VirtualStack;
/** Whether the venue leaves new orders in the book. */
let rests: boolean;
/** What the venue answers to cancellations of the other pair; undefined: it takes them. */
let refusal: VenueFailure | undefined;
/** Times of the cancellations of the other pair, by their orders. */
let cancellations: { readonly id: string; readonly atMs: number }[];

beforeEach(() => {
  [rests, refusal, cancellations] = [true, undefined, []];
  stack = createVirtualStack(() => (rests ? RESTING : CALM));
});

afterEach(() => stack.kill());

/** Lets buys of the other pair rest past their deadline at a venue that takes no cancellation of them. */
async function stuck(
  count: number,
  reply: VenueFailure,
  change: { readonly budget?: SharedBudget; readonly deadlineMs?: number } = {},
) {
  const { venue, clock } = stack;
  const { budget = new MemoryBudget(clock), deadlineMs = 60_000 } = change;
  const cancel = async (symbol: string, id: string) => {
    if (symbol !== OTHER) return await venue.cancel(symbol, id);
    cancellations.push({ id, atMs: clock.nowMs() });
    return refusal ?? (await venue.cancel(symbol, id));
  };
  const settings = { symbols: [OTHER, 'XRP/ETH'], ordersPerSecond: ORDERS_PER_SECOND };
  const execution = await stack.active({ settings, at: { cancel }, budget });
  for (let index = 0; index < count; index += 1) {
    const order = stack.approve(`rest${index}`, { symbol: OTHER, type: 'LIMIT', deadline: clock.nowMs() + deadlineMs });
    void execution.onApproval(order.decisionId);
    await clock.advance(1_000);
  }
  refusal = reply;
  await clock.advance(90_000);
  [rests, cancellations] = [false, []];
  return execution;
}

describe.each([
  ['of a paused pair', PAUSED],
  ['at a venue that fails', BROKEN],
])('cancellations %s', (_where, reply) => {
  it('leave the requests of a second to the exits and entries of other pairs', async () => {
    const execution = await stuck(20, reply);
    for (const side of ['sell', 'buy', 'sell', 'sell', 'buy'] as const) {
      const order = stack.approve(`${side}${stack.clock.nowMs()}`, { side, deadline: stack.clock.nowMs() + 2_000 });
      void execution.onApproval(order.decisionId);
      await stack.clock.advance(1_000);
      expect(stack.stateOf(order)?.kind).toBe('Filled');
    }
  });

  it('are requested again one after the other, and each order has its turn', async () => {
    await stuck(8, reply);
    await stack.clock.advance(20_000);
    expect(cancellations.length).toBeGreaterThanOrEqual(15);
    expect(cancellations.length).toBeLessThanOrEqual(21);
    const counts = Object.values(Object.groupBy(cancellations, ({ id }) => id)).map((ofOrder = []) => ofOrder.length);
    expect(counts).toHaveLength(8);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('are requested as fast as the venue takes requests during a halt, which sends no exit', async () => {
    await stuck(8, reply);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(4_000);
    const inTwoSeconds = cancellations.filter(({ atMs }) => atMs > stack.clock.nowMs() - 2_000);
    expect(inTwoSeconds.length).toBeGreaterThanOrEqual(2 * ORDERS_PER_SECOND - 1);
  });
});

it('cancellations that the venue refuses leave a request for each exit while Redis is unavailable', async () => {
  const take = async (): Promise<never> => await Promise.reject(new Error('Connection is closed.'));
  const execution = await stuck(20, PAUSED, { budget: { take } });
  for (const id of ['one', 'two', 'three']) {
    const order = stack.approve(id, { side: 'sell', deadline: stack.clock.nowMs() + 2_500 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(2_500);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
  }
});

it('a cancellation that failed once is requested again before those that have failed for long', async () => {
  const execution = await stuck(10, PAUSED);
  rests = true;
  const order = stack.approve('fresh', { symbol: OTHER, type: 'LIMIT', deadline: stack.clock.nowMs() + 1_000 });
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(4_500);
  const ofFresh = cancellations.filter(({ id }) => id === order.clientOrderId);
  expect(ofFresh.length).toBeGreaterThanOrEqual(3);
});

it('cancellations that the venue takes again end the orders', async () => {
  await stuck(8, PAUSED);
  refusal = undefined;
  await stack.clock.advance(20_000);
  const live = [...stack.record.orders.values()].filter(({ state }) => state.kind !== 'Cancelled');
  expect(live).toEqual([]);
});

it('cancellations that a ban held back are no repeats: its end is followed by all of them', async () => {
  await stuck(10, { kind: 'rateLimited', retryAfterMs: 30_000, banned: true });
  refusal = undefined;
  await stack.clock.advance(40_000);
  expect(new Set(cancellations.map(({ id }) => id)).size).toBe(10);
  const times = cancellations.map(({ atMs }) => atMs).filter((atMs) => atMs > stack.clock.nowMs() - 40_000);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(3_000);
});

it('cancellations that are wanted at times only leave the requests of a second to the exits', async () => {
  const execution = await stuck(20, PAUSED, { deadlineMs: 3_600_000 });
  const sales = [];
  for (let seconds = 0; seconds < 60; seconds += 1) {
    stack.record.restrict('console', seconds % 2 === 0 ? 'Reducing' : 'Active');
    const order = stack.approve(`sale${seconds}`, { side: 'sell', deadline: stack.clock.nowMs() + 5_000 });
    sales.push(order);
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(1_000);
  }
  const lately = cancellations.filter(({ atMs }) => atMs > stack.clock.nowMs() - 30_000);
  expect(lately.length).toBeGreaterThan(10);
  expect(lately.length).toBeLessThanOrEqual(31);
  await stack.clock.advance(5_000);
  expect(sales.map((order) => stack.stateOf(order)?.kind)).toEqual(sales.map(() => 'Filled'));
});

/** Starts a process that does not hold the fence, instead of the sender. */
function startBeside(): void {
  stack.kill();
  const { venue } = stack;
  const cancel = async (symbol: string, id: string) => {
    cancellations.push({ id, atMs: stack.clock.nowMs() });
    return refusal ?? (await venue.cancel(symbol, id));
  };
  stack.record.restrict('console', 'Reducing');
  stack.start({ settings: { symbols: [OTHER, 'XRP/ETH'] }, at: { cancel } });
}

it('a process beside the sender repeats cancellations slowly, each in its turn, from the third on', async () => {
  await stuck(4, PAUSED);
  startBeside();
  await stack.clock.advance(42_000);
  expect(cancellations.length).toBeGreaterThanOrEqual(15);
  expect(cancellations.length).toBeLessThanOrEqual(17);
  const counts = Object.values(Object.groupBy(cancellations, ({ id }) => id)).map((ofOrder = []) => ofOrder.length);
  expect([counts.length, Math.min(...counts)]).toEqual([4, 4]);
});

it('a process beside the sender counts them through changes of the trading state', async () => {
  await stuck(8, PAUSED);
  startBeside();
  await stack.clock.advance(30_000);
  cancellations = [];
  for (let seconds = 0; seconds < 60; seconds += 5) {
    stack.record.restrict('console', seconds % 10 === 0 ? 'Active' : 'Reducing');
    await stack.clock.advance(5_000);
  }
  expect(cancellations.length).toBeGreaterThan(3);
  expect(cancellations.length).toBeLessThanOrEqual(13);
});
