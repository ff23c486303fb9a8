import { afterEach, beforeEach, expect, it } from 'vitest';
import { CALM, RESTING } from '../../../test/faults/fates.ts';
import { createDrainStack, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';

let stack: DrainStack;

beforeEach(() => {
  stack = createDrainStack();
});

afterEach(() => stack.kill());

const CLEAN = { accepted: true, response: { drained: true, epoch: 1, reason: '' } };
const RELEASED = { epoch: 1, holder: '' };
const HELD = { epoch: 1, holder: 'process-1' };

it('releases the fence at once when nothing is in flight', async () => {
  const execution = await stack.active();
  const draining = stack.drained(execution, {}, 50);
  // From the call on, before anything is awaited.
  expect(execution.sender().role).toBe('draining');
  expect(await draining).toMatchObject([CLEAN]);
  expect(execution.sender()).toMatchObject({ role: 'standby', epoch: 0, obstacle: { reason: 'NotActive' } });
  expect(stack.record.fence).toEqual(RELEASED);
  expect(execution.heldFence()).toBeUndefined();
});

it('takes no order any more, and leaves the approvals that come to the next sender', async () => {
  const execution = await stack.active();
  const draining = stack.drained(execution, {}, 0);
  const order = stack.approve('later', { deadline: stack.clock.nowMs() + 500 });
  expect(await execution.onApproval(order.decisionId)).toBe(false);
  await stack.clock.advance(3_000);
  await draining;
  expect([stack.placed(), stack.stateOf(order)]).toEqual([[], undefined]);
  expect(stack.record.waiting()).toEqual([order]);
});

it.each(['clockSkewMs', 'openOrders', 'fills', 'balances'] as const)(
  'does not wait for the answer to a reconcile, and records nothing of it: %s',
  async (name) => {
    let isSlow = false;
    let asked = 0;
    let recorded = 0;
    const slowly = async <T>(call: () => Promise<T>): Promise<T> => {
      asked += isSlow ? 1 : 0;
      if (isSlow) await stack.clock.sleep(10_000);
      return await call();
    };
    const { venue, record } = stack;
    const slow = {
      clockSkewMs: async () => await slowly(async () => await venue.clockSkewMs()),
      openOrders: async () => await slowly(async () => await venue.openOrders()),
      fills: async (...query: Parameters<typeof venue.fills>) => await slowly(async () => await venue.fills(...query)),
      balances: async () => await slowly(async () => await venue.balances()),
    };
    const execution = await stack.active({
      settings: { reconcileIntervalMs: 5_000 },
      at: { [name]: slow[name] },
      store: {
        recordVenueBalances: async (...terms) => {
          recorded += 1;
          await record.recordVenueBalances(...terms);
        },
      },
    });
    await stack.clock.advance(10_000);
    isSlow = true;
    await stack.clock.advance(6_000);
    expect(asked).toBeGreaterThan(0);
    expect(await stack.drained(execution, {}, 50)).toMatchObject([CLEAN]);
    const before = recorded;
    await stack.clock.advance(30_000);
    expect([recorded, execution.sender().role]).toEqual([before, 'standby']);
  },
);

it('sends the order whose intent is committed, and waits for its outcome', async () => {
  stack.fate = { ...CALM, travelMs: 300 };
  const { commitIntent } = stack.record;
  const execution = await stack.active({
    store: {
      commitIntent: async (...terms) => {
        await stack.clock.sleep(100);
        return await commitIntent(...terms);
      },
    },
  });
  const order = await stack.offered(execution, 'committing', {}, 50);
  expect(await stack.drained(execution, {}, 200)).toEqual([]);
  await stack.clock.advance(400);
  expect(stack.record.fence).toEqual(RELEASED);
  expect([stack.placed(), stack.stateOf(order)?.kind]).toEqual([[order.clientOrderId], 'Filled']);
});

it('sends nothing after a pause of the process between the permit and the first byte', async () => {
  const paused = Promise.withResolvers<void>();
  let isPaused = false;
  const execution = await stack.active({
    store: {
      readFence: async () =>
        isPaused ? await paused.promise.then(stack.record.readFence) : await stack.record.readFence(),
    },
    at: {
      place: async (request, terms) => {
        await paused.promise;
        return await stack.venue.place(request, terms);
      },
    },
  });
  const order = await stack.offered(execution, 'paused', {}, 10);
  isPaused = true;
  const outcomes = await stack.drained(execution, {}, 6_000);
  expect(outcomes).toMatchObject([{ response: { drained: false, reason: 'orders are being sent' } }]);
  paused.resolve();
  await stack.clock.advance(100);
  expect([stack.placed(), stack.stateOf(order)]).toEqual([
    [],
    { kind: 'NeverSent', reason: expect.stringMatching(/SignedTooLongAgo|PermitExpired/) },
  ]);
});

it('asks for an outcome that is unknown, and answers at the deadline with what it waits for', async () => {
  let silent = false;
  const unanswered = { kind: 'unknown', reason: 'timeout' } as const;
  const execution = await stack.active({
    at: {
      order: async (...terms) => (silent ? unanswered : await stack.venue.order(...terms)),
      openOrders: async () => (silent ? unanswered : await stack.venue.openOrders()),
    },
  });
  stack.venue.listener = undefined;
  silent = true;
  stack.fate = { ...RESTING, reply: 'lostAfter' };
  const order = await stack.offered(execution, 'unknown', { type: 'LIMIT' }, 1_500);
  const [outcome] = await stack.drained(execution, { deadlineMs: 2_000 }, 2_000);
  const reason = `the venue has not answered for 1 orders: ${order.clientOrderId}`;
  const { clientOrderId, symbol, side } = order;
  const openOrders = [{ clientOrderId, symbol, side }];
  expect(outcome).toEqual({ accepted: true, response: { drained: false, epoch: 1, reason, openOrders } });
  expect(stack.record.fence).toEqual(HELD);
  silent = false;
  await stack.clock.advance(6_000);
  expect([execution.sender().role, stack.stateOf(order)?.kind]).toEqual(['standby', 'Open']);
  expect(await stack.drained(execution, {}, 0)).toMatchObject([{ response: { drained: true, openOrders } }]);
});

it('waits until it knows whether a commit without an answer has made a row', async () => {
  let lost = false;
  const execution = await stack.active({
    store: {
      commitIntent: async (...terms) => {
        await stack.record.commitIntent(...terms);
        throw new Error('the answer is lost');
      },
      loadOrders: async (ids) =>
        lost ? await Promise.reject(new Error('unavailable')) : await stack.record.loadOrders(ids),
    },
  });
  lost = true;
  const order = await stack.offered(execution, 'doubtful', {}, 100);
  const outcomes = await stack.drained(execution, { deadlineMs: 500 }, 500);
  expect(outcomes).toMatchObject([{ response: { drained: false, reason: 'commits are not answered on XRP/ETH' } }]);
  lost = false;
  await stack.clock.advance(2_000);
  expect([execution.sender().role, stack.stateOf(order)]).toEqual([
    'standby',
    { kind: 'NeverSent', reason: 'CommitUnknown' },
  ]);
});
