import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALM, RESTING } from '../../../test/faults/fates.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { ZERO } from '../../shared/domain/decimal.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import type { SharedBudget } from '../ports.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';
import { intendedOrder, type ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

// The venue pauses the account (429), or bans it (418), while orders are cancelled.

const OTHER = 'ADA/ETH';
type Pause = Extract<VenueFailure, { kind: 'rateLimited' }>;
const LIMITED: Pause = { kind: 'rateLimited', retryAfterMs: 10_000 };
const BANNED: Pause = { kind: 'rateLimited', retryAfterMs: 130_000, banned: true };

let stack: VirtualStack;
/** Whether the venue leaves new orders in the book. */
let rests: boolean;
/** Times of the cancellations of the other pair. */
let cancellations: number[];

beforeEach(() => {
  [rests, cancellations] = [true, []];
  stack = createVirtualStack(() => (rests ? RESTING : CALM));
});

afterEach(() => stack.kill());

/**
 * Starts a sender whose first cancellation meets a pause. A venue that is strict begins it again with each request that
 * it receives meanwhile.
 */
async function startPaused(reply: Pause, isStrict = false) {
  const { venue, clock } = stack;
  let pausedUntilMs: number | undefined;
  const cancel = async (symbol: string, id: string) => {
    if (symbol !== OTHER) return await venue.cancel(symbol, id);
    cancellations.push(clock.nowMs());
    const isPaused = clock.nowMs() < (pausedUntilMs ?? Infinity);
    if (isPaused && (isStrict || pausedUntilMs === undefined)) pausedUntilMs = clock.nowMs() + reply.retryAfterMs;
    if (!isPaused) return await venue.cancel(symbol, id);
    return { ...reply, retryAfterMs: (pausedUntilMs ?? 0) - clock.nowMs() };
  };
  return await stack.active({ settings: { symbols: [OTHER, 'XRP/ETH'], ordersPerSecond: 5 }, at: { cancel } });
}

/** Lets buys of the other pair rest, by default until seconds after the last of them. */
async function letRest(
  execution: Execution,
  count: number,
  ms = count * 1_000 + 5_000,
): Promise<readonly ApprovedOrder[]> {
  const { clock } = stack;
  const deadline = clock.nowMs() + ms;
  const orders = [];
  for (let index = 0; index < count; index += 1) {
    const order = stack.approve(`rest${index}`, { symbol: OTHER, type: 'LIMIT', deadline });
    orders.push(order);
    void execution.onApproval(order.decisionId);
    await clock.advance(1_000);
  }
  rests = false;
  return orders;
}

describe('at a venue that begins a rate limit again with each request', () => {
  it.each([1, 3, 20])('exits leave beside %i buys that are due', async (count) => {
    const execution = await startPaused(LIMITED, true);
    const resting = await letRest(execution, count);
    await stack.clock.advance(8_000);
    const sale = stack.approve('sale', { side: 'sell', deadline: stack.clock.nowMs() + 25_000 });
    void execution.onApproval(sale.decisionId);
    await stack.clock.advance(30_000);
    expect(stack.stateOf(sale)?.kind).toBe('Filled');
    expect(resting.map((order) => stack.stateOf(order)?.kind)).toEqual(resting.map(() => 'Cancelled'));
  });

  it('of 90 seconds, an exit leaves with the second end of it', async () => {
    const execution = await startPaused({ ...LIMITED, retryAfterMs: 90_000 }, true);
    await letRest(execution, 3);
    await stack.clock.advance(8_000);
    const sale = stack.approve('sale', { side: 'sell', deadline: stack.clock.nowMs() + 300_000 });
    void execution.onApproval(sale.decisionId);
    await stack.clock.advance(155_000);
    expect(stack.stateOf(sale)?.kind).toBe('Filled');
  });

  it.each([
    [3, 10_000, 30_000],
    [20, 10_000, 30_000],
    [3, 90_000, 160_000],
    [3, 600_000, 670_000],
  ])('a halt ends %i resting orders (limits of %i ms, within %i)', async (count, retryAfterMs, ms) => {
    const execution = await startPaused({ ...LIMITED, retryAfterMs }, true);
    const resting = await letRest(execution, count, 900_000);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(ms);
    expect(resting.map((order) => stack.stateOf(order)?.kind)).toEqual(resting.map(() => 'Cancelled'));
  });
});

it.each([
  [2_000, true, 10_000],
  [10_000, true, 25_000],
  [2_000, false, 15_000],
  [10_000, false, 50_000],
  [30_000, false, 150_000],
])(
  'a strict venue ends the orders of a halt that two processes cancel (%i ms, shared: %s)',
  async (ms, isShared, withinMs) => {
    const { clock, venue } = stack;
    const memory = new MemoryBudget(clock);
    let isUnavailable = false;
    const budget: SharedBudget = {
      take: async (request) => (isUnavailable ? await Promise.reject(new Error('closed')) : await memory.take(request)),
    };
    let limitedUntilMs: number | undefined;
    /** Each request, also a query, begins the limit again, once there is one. */
    const limited = () => {
      if (limitedUntilMs === undefined || clock.nowMs() >= limitedUntilMs) return undefined;
      limitedUntilMs = clock.nowMs() + ms;
      return { kind: 'rateLimited', retryAfterMs: ms } as const;
    };
    const cancel = async (symbol: string, id: string) => {
      cancellations.push(clock.nowMs());
      limitedUntilMs ??= clock.nowMs() + ms;
      const refusal = limited();
      if (refusal === undefined) return await venue.cancel(symbol, id);
      await clock.sleep(30);
      return refusal;
    };
    const queries = (lateMs: number) => ({
      openOrders: async () => await clock.sleep(lateMs).then(async () => limited() ?? (await venue.openOrders())),
      clockSkewMs: async () => limited() ?? (await venue.clockSkewMs()),
    });
    const settings = { symbols: [OTHER, 'XRP/ETH'], ordersPerSecond: 5 };
    // It lists the open orders late, so that it cancels half a second after the sender.
    stack.start({ settings, at: { cancel, ...queries(400) }, budget });
    await clock.advance(1);
    const execution = await stack.active({ settings, at: { cancel, ...queries(0) }, budget });
    await letRest(execution, 3, 9_000_000);
    isUnavailable = !isShared;
    stack.record.restrict('console', 'Halted');
    await clock.advance(withinMs);
    expect(venue.placed.map(({ ended }) => ended)).toEqual([true, true, true]);
    expect(cancellations.length).toBeLessThanOrEqual(20);
  },
);

it.each([
  [1, 15_000],
  [3, 15_000],
  // The known bound: five leave at a time, and those that have not been requested leave before exits.
  [20, 45_000],
])('an exit leaves although each of %i cancellations meets a limit, within %i ms', async (count, ms) => {
  const { clock, venue } = stack;
  const cancel = async (symbol: string, id: string) => {
    if (symbol !== OTHER) return await venue.cancel(symbol, id);
    await clock.sleep(20);
    return LIMITED;
  };
  const execution = await stack.active({
    settings: { symbols: [OTHER, 'XRP/ETH'], ordersPerSecond: 5 },
    at: { cancel },
  });
  await letRest(execution, count);
  await clock.advance(8_000);
  const sale = stack.approve('sale', { side: 'sell', deadline: clock.nowMs() + 300_000 });
  void execution.onApproval(sale.decisionId);
  await clock.advance(ms);
  expect(stack.stateOf(sale)?.kind).toBe('Filled');
});

it('the end of a rate limit is followed by all cancellations that it refused', async () => {
  const execution = await startPaused(LIMITED);
  await letRest(execution, 20);
  await stack.clock.advance(30_000);
  const [first = 0, ...others] = cancellations;
  const after = others.filter((atMs) => atMs >= first + 10_000);
  expect(after).toHaveLength(20);
  expect(Math.max(...after)).toBeLessThanOrEqual(first + 15_500);
});

describe('while the venue limits queries alone', () => {
  /** Starts a sender whose queries all meet a limit once `isOn`, and whose cancellations are lost while `isLost`. */
  async function startLimited(retryAfterMs: number, isOn: () => boolean, isLost: (id: string) => boolean) {
    const { venue, clock } = stack;
    const cancel = async (symbol: string, id: string) => {
      cancellations.push(clock.nowMs());
      if (!isLost(id)) return await venue.cancel(symbol, id);
      await clock.sleep(1_000);
      return { kind: 'unknown', reason: 'timeout' } as const;
    };
    const limited = { kind: 'rateLimited', retryAfterMs } as const;
    const query =
      <A extends readonly unknown[], T>(call: (...terms: A) => Promise<T>) =>
      async (...terms: A) => {
        await clock.sleep(20);
        return isOn() ? limited : await call(...terms);
      };
    const at = {
      cancel,
      openOrders: query(async () => await venue.openOrders()),
      order: query(async (symbol: string, id: string) => await venue.order(symbol, id)),
      balances: query(async () => await venue.balances()),
    };
    return await stack.active({ settings: { symbols: [OTHER, 'XRP/ETH'], ordersPerSecond: 5 }, at });
  }

  it.each([1_000, 10_000, 60_000])('for %i ms at a time, a halt ends the orders', async (retryAfterMs) => {
    let isOn = false;
    const requested = new Set<string>();
    // The first request of each order is lost.
    const isLost = (id: string) => !requested.has(id) && requested.add(id).has(id);
    const execution = await startLimited(retryAfterMs, () => isOn, isLost);
    const resting = await letRest(execution, 5, 600_000);
    isOn = true;
    await stack.clock.advance(1_000);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(5_000);
    const ended = stack.venue.placed.map((order) => order.ended);
    expect(ended).toEqual(resting.map(() => true));
  });

  it('a stop of the process requests once more an order whose cancellations were lost', async () => {
    let [isOn, isLost] = [false, true];
    const execution = await startLimited(
      60_000,
      () => isOn,
      () => isLost,
    );
    await letRest(execution, 1, 3_000);
    isOn = true;
    await stack.clock.advance(8_500);
    expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([false]);
    [isLost, cancellations] = [false, []];
    void execution.parts.find(({ name }) => name === 'fence')?.drain?.();
    // The one that is on its way is awaited first.
    await stack.clock.advance(1_500);
    expect([stack.venue.placed.map(({ ended }) => ended), cancellations.length]).toEqual([[true], 1]);
  });
});

it('a drain that cancels sends a strict venue few requests, and ends after the pause', async () => {
  const execution = await startPaused(LIMITED, true);
  const resting = await letRest(execution, 3, 600_000);
  void execution.drain({ epoch: 1, deadlineMs: 30_000, resting: 'Cancel' });
  await stack.clock.advance(15_000);
  expect(cancellations.length).toBeLessThanOrEqual(10);
  expect(resting.map((order) => stack.stateOf(order)?.kind)).toEqual(resting.map(() => 'Cancelled'));
});

describe('during a ban', () => {
  it('no cancellation is noted that was not requested', async () => {
    const execution = await startPaused(BANNED);
    const resting = await letRest(execution, 8);
    await stack.clock.advance(60_000);
    expect(cancellations).toHaveLength(5);
    const states = resting.map((order) => stack.stateOf(order)?.kind);
    expect(states.filter((state) => state === 'CancelPending')).toHaveLength(5);
    expect(states.filter((state) => state === 'Open')).toHaveLength(3);
  });

  it('the pauses of an order whose row cannot be read grow no longer', async () => {
    const order = stack.approve('unread', { symbol: OTHER, type: 'LIMIT', decidedAt: 1, deadline: 1 });
    const { clientOrderId, symbol, side, price, quantity } = order;
    const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: stack.clock.nowMs() });
    stack.record.orders.set(clientOrderId, { ...intent, state: { kind: 'Open', venueOrderId: 'V1' } });
    stack.record.malformed.add(clientOrderId);
    const request = { clientOrderId, symbol, side, price, quantity, type: 'LIMIT' } as const;
    const times = { acceptedAt: stack.clock.nowMs(), visibleAt: stack.clock.nowMs() };
    stack.venue.placed.push({ request, venueOrderId: 'V1', ...times, executed: ZERO, ended: false });
    await startPaused(BANNED);
    await stack.clock.advance(140_000);
    const [first = 0, next = Infinity] = cancellations;
    expect(next - first).toBeLessThanOrEqual(131_700);
  });
});
