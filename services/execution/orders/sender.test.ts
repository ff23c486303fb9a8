import { afterEach, beforeEach, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { FaultyVenue } from '../../../test/faults/faulty-venue.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { startVirtualExecution } from '../../../test/harness/virtual-execution.ts';
import type { ExecutionSettings } from '../../shared/contracts/services/execution.ts';
import type { OrderState } from '../../shared/domain/orders/order.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import type { Execution } from '../service.ts';

let clock: VirtualClock;
let record: MemoryExecutionStore;
let venue: FaultyVenue;
let ending: AbortController;

beforeEach(() => {
  clock = virtualClock();
  record = new MemoryExecutionStore();
  venue = new FaultyVenue(clock, () => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [] }));
  ending = new AbortController();
});

afterEach(() => ending.abort(new Error('the test ends')));

/** Starts an active process on a store that is the one in memory with the members of `change` replaced. */
async function active(change: Partial<ExecutionStore>, settings: Partial<ExecutionSettings> = {}): Promise<Execution> {
  const store = new Proxy(record, {
    get: (target, name): unknown => Reflect.get(name in change ? change : target, name),
  });
  const execution = startVirtualExecution({ clock, store, venue, incarnation: 'me', settings }, ending.signal);
  await clock.advance(1);
  await execution.activate(1);
  await clock.advance(1_000);
  expect(execution.sender().role).toBe('active');
  return execution;
}

async function offer(execution: Execution, decisionId: string, change: Partial<ApprovedOrder>): Promise<void> {
  const order = approvedOrder(decisionId, { decidedAt: clock.nowMs(), ...change });
  record.approvals.push(order);
  void execution.onApproval(order.decisionId);
  await clock.advance(1_000);
}

function stateOf(decisionId: string): OrderState | undefined {
  return record.orders.get(approvedOrder(decisionId).clientOrderId)?.state;
}

function placed(): readonly string[] {
  return venue.placed.map(({ request }) => request.clientOrderId);
}

it.each([
  ['rejected', 'Rejected', 1],
  ['rateLimited', 'Rejected', 0],
  ['notSent', 'NeverSent', 0],
] as const)('an exit that is %s notes with its position whether funds lack', async (reply, kind, noted) => {
  const calm = { travelMs: 1, hiddenMs: 0, fills: [10], tellings: [0] };
  const { clientOrderId } = approvedOrder('exit');
  venue = new FaultyVenue(clock, (id) => ({ ...calm, reply: id === clientOrderId ? reply : 'ok' }));
  const execution = await active({});
  const { streamEvents } = execution;
  venue.listener = streamEvents;
  await offer(execution, 'entry', {});
  await offer(execution, 'exit', { side: 'sell' });
  expect(stateOf('exit')?.kind).toBe(kind);
  expect([...record.exitRefusedAt.keys()]).toEqual(noted === 1 ? [...record.positions.keys()] : []);
  expect(record.positions.size).toBe(1);
});

it('does not send an order whose deadline passes while its intent is being committed', async () => {
  const execution = await active({
    commitIntent: async (fence, order) => {
      await clock.sleep(300);
      return await record.commitIntent(fence, order);
    },
  });
  await offer(execution, 'late', { deadline: clock.nowMs() + 200 });
  await offer(execution, 'soon', { deadline: clock.nowMs() + 400 });
  expect(stateOf('late')).toEqual({ kind: 'NeverSent', reason: 'Expired' });
  expect(placed()).toEqual([approvedOrder('soon').clientOrderId]);
});

it.each([
  ['longer than the signature is valid', 500, { kind: 'NeverSent', reason: 'SignedTooLongAgo' }],
  ['less than that', 499, { kind: 'Filled' }],
])('when committing takes %s, sends accordingly', async (_title, commitMs, state) => {
  const execution = await active({
    commitIntent: async (fence, order) => {
      await clock.sleep(commitMs);
      return await record.commitIntent(fence, order);
    },
  });
  await offer(execution, 'slow', {});
  expect(stateOf('slow')).toMatchObject(state);
});

it('does not send an order whose halt is read while its intent is being committed', async () => {
  const commitIntent: ExecutionStore['commitIntent'] = async (fence, order) => {
    const outcome = await record.commitIntent(fence, order);
    record.restrict('console', 'Halted');
    await clock.sleep(450);
    return outcome;
  };
  // The fence is read four times per permit.
  const execution = await active({ commitIntent }, { permitMs: 1_000 });
  await offer(execution, 'halted', {});
  expect(stateOf('halted')).toEqual({ kind: 'NeverSent', reason: 'Halted' });
  expect(placed()).toEqual([]);
});

it('learns of Flattening from the refusal of an entry, without waiting for the next read', async () => {
  let refusedMs = Number.NaN;
  const readMs: number[] = [];
  const execution = await active({
    commitIntent: async (fence, order) => {
      if (Number.isNaN(refusedMs)) record.restrict('desk', 'Flattening');
      if (Number.isNaN(refusedMs)) refusedMs = clock.nowMs();
      return await record.commitIntent(fence, order);
    },
    readTradingStates: async () => {
      readMs.push(clock.nowMs());
      return await record.readTradingStates();
    },
  });
  await clock.advance(77);
  await offer(execution, 'entry', {});
  expect(readMs).toContain(refusedMs);
  expect(stateOf('entry')).toEqual({ kind: 'NeverSent', reason: 'Flattening' });
  expect(placed()).toEqual([]);
});

it('rejects buys, but not sells, beside an order whose outcome could not be recorded', async () => {
  const execution = await active({
    recordObservation: async () => await Promise.reject(new Error('Postgres is unavailable')),
  });
  await offer(execution, 'first', {});
  expect(stateOf('first')).toEqual({ kind: 'Intended' });
  await offer(execution, 'buy', {});
  expect(stateOf('buy')).toEqual({ kind: 'NeverSent', reason: 'UnknownOrders' });
  await offer(execution, 'sell', { side: 'sell' });
  expect(placed()).toEqual(['first', 'sell'].map((id) => approvedOrder(id).clientOrderId));
});

it('learns a halt from an intent that the record refuses, before the next read of the fence', async () => {
  const execution = await active({});
  record.restrict('desk', 'Halted');
  const order = approvedOrder('halted', { decidedAt: clock.nowMs(), deadline: clock.nowMs() + 10_000 });
  record.approvals.push(order);
  void execution.onApproval(order.decisionId);
  await clock.advance(1);
  expect(execution.sender()).toMatchObject({ maySend: false, obstacle: { reason: 'Halted' } });
  await clock.advance(1_100);
  expect([stateOf('halted'), placed()]).toEqual([{ kind: 'NeverSent', reason: 'Halted' }, []]);
});
