import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { FaultyVenue } from '../../../test/faults/faulty-venue.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { startVirtualExecution } from '../../../test/harness/virtual-execution.ts';
import type { ExecutionSettings } from '../../shared/contracts/services/execution.ts';
import { ZERO } from '../../shared/domain/decimal.ts';
import type { OrderState } from '../../shared/domain/orders/order.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

/**
 * Window of the settings plus the second by which the venue lets a timestamp be ahead: until then, an order of an older
 * sender may arrive.
 */
const WAIT_MS = 1_500;
let clock: VirtualClock;
let store: MemoryExecutionStore;
let venue: FaultyVenue;
let ending: AbortController;

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  venue = new FaultyVenue(clock, () => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [] }));
  store.fence = { epoch: 1, holder: 'killed' };
  ending = new AbortController();
});

afterEach(() => ending.abort(new Error('the test ends')));

/** Starts a process and grants it epoch 2. */
async function activating(settings: Partial<ExecutionSettings> = {}): Promise<Execution> {
  const execution = start(settings);
  await clock.advance(1);
  expect(await execution.activate(2)).toMatchObject({ accepted: true });
  return execution;
}

function start(settings: Partial<ExecutionSettings> = {}): Execution {
  return startVirtualExecution({ clock, store, venue, incarnation: 'me', settings }, ending.signal);
}

/** Stores a row that the previous sender left behind. */
function leftBehind(state: OrderState, change: Partial<ApprovedOrder> = {}): OrderRecord {
  const order = approvedOrder('left', change);
  const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: clock.nowMs() - 100 });
  const row = { ...intent, state };
  store.orders.set(order.clientOrderId, row);
  return row;
}

function stateOf(decisionId: string): OrderState | undefined {
  return store.orders.get(approvedOrder(decisionId).clientOrderId)?.state;
}

async function offer(execution: Execution, decisionId: string, side: 'buy' | 'sell'): Promise<void> {
  const order = approvedOrder(decisionId, { side, decidedAt: clock.nowMs() });
  store.approvals.push(order);
  void execution.onApproval(order.decisionId);
  await clock.advance(100);
}

async function drain(execution: Execution): Promise<void> {
  const draining = Promise.all(execution.parts.map(async (part) => await part.drain?.()));
  await clock.advance(200);
  await draining;
}

describe('activation with an order left behind', () => {
  it('keeps it unknown when the venue rejects the query: only buys of its instrument are blocked', async () => {
    leftBehind({ kind: 'Intended' });
    const refusal = { kind: 'rejected', code: '-1121', message: 'Invalid symbol.' } as const;
    venue.order = async () => await Promise.resolve(refusal);
    const execution = await activating();
    await clock.advance(WAIT_MS - 100);
    expect(execution.sender().role).toBe('activating');
    await clock.advance(500);
    expect(execution.sender().role).toBe('active');
    expect(execution.figures()['unknownOrders']).toBe(1);
    await offer(execution, 'buy', 'buy');
    expect(stateOf('buy')).toEqual({ kind: 'NeverSent', reason: 'UnknownOrders' });
    await offer(execution, 'sell', 'sell');
    expect(venue.placed.map(({ request }) => request.side)).toEqual(['sell']);
    // The check counts elapsed time, even when the wall clock is set back.
    clock.setNow(clock.nowMs() - 3_600_000);
    await clock.advance(61_000);
    expect(stateOf('left')?.kind).toBe('Unknown');
    expect(execution.checks.get('unknowns')?.()).toMatchObject({ ok: false, reason: 'UnknownOrders' });
  });

  it('concludes it later, while sending, when the venue does not show it', async () => {
    leftBehind({ kind: 'Submitted' });
    const execution = await activating();
    await clock.advance(WAIT_MS + 200);
    expect(execution.sender().role).toBe('active');
    expect(stateOf('left')?.kind).toBe('Unknown');
    await clock.advance(2_000);
    expect(stateOf('left')).toEqual({ kind: 'NeverSent', reason: 'NeverArrived' });
  });

  it.each<VenueFailure>([
    { kind: 'unknown', reason: 'timeout' },
    { kind: 'rateLimited', retryAfterMs: 300 },
    { kind: 'notSent', reason: 'ECONNREFUSED' },
  ])('waits until the venue answers the query ($kind)', async (failure) => {
    leftBehind({ kind: 'Intended' });
    venue.order = async () => await Promise.resolve(failure);
    const execution = await activating();
    await clock.advance(31_000);
    expect(execution.sender().role).toBe('activating');
    expect(execution.checks.get('reconcile')?.()).toMatchObject({ ok: false, reason: 'ReconcileOverdue' });
    venue.order = async () => await Promise.resolve({ kind: 'notFound' });
    await clock.advance(3_000);
    expect(execution.sender().role).toBe('active');
    expect(execution.checks.get('reconcile')?.().ok).toBe(true);
  });
});

it('cancels resting orders on a halt before the process is active', async () => {
  const { request } = leftBehind({ kind: 'Open', venueOrderId: 'V1' }, { type: 'LIMIT' });
  const times = { acceptedAt: clock.nowMs(), visibleAt: clock.nowMs() };
  venue.placed.push({ request, venueOrderId: 'V1', ...times, executed: ZERO, ended: false });
  store.restrict('console', 'Halted');
  const execution = await activating({ recvWindowMs: 2_000, skewBoundMs: 5_000 });
  await clock.advance(1_000);
  expect(execution.sender().role).toBe('activating');
  expect(venue.placed[0]?.ended).toBe(true);
});

it('reads the orders again when the first read failed, before any reconcile', async () => {
  leftBehind({ kind: 'Open', venueOrderId: 'V1' }, { type: 'LIMIT' });
  const { loadOrders } = store;
  let failures = 1;
  const failingFirst: typeof loadOrders = async (ids) => {
    failures -= 1;
    return await (failures < 0 ? loadOrders(ids) : Promise.reject(new Error('Postgres is unavailable')));
  };
  Object.assign(store, { loadOrders: failingFirst });
  const execution = await activating({ recvWindowMs: 2_000, skewBoundMs: 5_000 });
  await clock.advance(2_000);
  expect([execution.sender().role, execution.figures()['openOrders']]).toEqual(['activating', 1]);
});

describe('a process that drains', () => {
  it('keeps the fence when it was not active yet, because older requests may be in flight', async () => {
    const execution = await activating();
    await clock.advance(10);
    await drain(execution);
    expect(store.fence).toEqual({ epoch: 2, holder: 'me' });
  });

  it('takes no fence when it is armed', async () => {
    const execution = start();
    await clock.advance(1);
    await drain(execution);
    expect(await execution.activate(2)).toMatchObject({ accepted: false });
    expect(store.fence).toEqual({ epoch: 1, holder: 'killed' });
  });

  it('releases the fence when it is active and knows every outcome', async () => {
    const execution = await activating();
    await clock.advance(WAIT_MS + 200);
    await drain(execution);
    expect(store.fence).toEqual({ epoch: 2, holder: '' });
  });

  it('keeps the fence while the outcome of an order is unknown', async () => {
    leftBehind({ kind: 'Intended' });
    venue.order = async () => await Promise.resolve({ kind: 'rejected', code: '-1121', message: 'Invalid symbol.' });
    const execution = await activating();
    await clock.advance(WAIT_MS + 200);
    expect(execution.sender().role).toBe('active');
    await drain(execution);
    expect(store.fence).toEqual({ epoch: 2, holder: 'me' });
  });

  it('asks for an unknown outcome before it leaves, and releases the fence when it knows it', async () => {
    const execution = await activating();
    await clock.advance(WAIT_MS + 200);
    const [place, order] = [venue.place.bind(venue), venue.order.bind(venue)];
    venue.place = async (request, options) => {
      await place(request, options);
      return { kind: 'unknown', reason: 'timeout' };
    };
    venue.order = async () => await Promise.resolve({ kind: 'notSent', reason: 'ECONNREFUSED' });
    await offer(execution, 'buy', 'buy');
    expect(stateOf('buy')?.kind).toBe('Unknown');
    venue.order = order;
    await drain(execution);
    expect(stateOf('buy')?.kind).not.toBe('Unknown');
    expect(store.fence).toEqual({ epoch: 2, holder: '' });
  });
});
