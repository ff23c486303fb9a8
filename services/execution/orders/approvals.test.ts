import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

/** Age of an approval of which the sender cannot know that only it can have sent it. */
const OLD_MS = 60_001;

let stack: VirtualStack;
/** Orders for which the venue was asked. */
let asked: string[];

beforeEach(() => {
  stack = createVirtualStack();
  asked = [];
  const order = stack.venue.order.bind(stack.venue);
  stack.venue.order = async (symbol, id) => {
    asked.push(id);
    return await order(symbol, id);
  };
});

afterEach(() => stack.kill());

/** Deletes everything that followed from the approval, as a failover to a replica that lagged does. */
function loseRows(): void {
  const { record } = stack;
  record.orders.clear();
  record.fills.clear();
  record.positions.clear();
}

async function filled(decisionId: string): Promise<ApprovedOrder> {
  const execution = await stack.active();
  const order = stack.approve(decisionId);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(500);
  expect(stack.stateOf(order)?.kind).toBe('Filled');
  return order;
}

describe('an order whose row the database lost', () => {
  it('is adopted with its fills and not sent again, while the process lives', async () => {
    const order = await filled('lost');
    loseRows();
    await stack.clock.advance(3_000);
    expect(stack.placed()).toEqual([order.clientOrderId]);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    expect(stack.record.fills.all).toHaveLength(1);
  });

  it('is adopted with its fills and not sent again by the next process', async () => {
    const order = await filled('lost');
    stack.kill();
    loseRows();
    await stack.active();
    await stack.clock.advance(5_000);
    expect(stack.placed()).toEqual([order.clientOrderId]);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    expect(stack.record.fills.all).toHaveLength(1);
  });

  it('keeps the terms and the deadline of its approval, and its approval ends, when it rests at the venue', async () => {
    stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
    const execution = await stack.active();
    const order = stack.approve('resting', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(500);
    loseRows();
    await stack.clock.advance(5_000);
    const [row] = [...stack.record.orders.values()];
    expect(row).toMatchObject({ decisionId: 'resting', deadlineMs: order.deadline, state: { kind: 'Open' } });
    expect((await stack.record.openApprovals([])).orders).toEqual([]);
  });

  it('is not sent again while the venue does not show it, and ends when it never arrived', async () => {
    stack.venue.order = async () => await Promise.resolve({ kind: 'notFound' });
    const order = await filled('hidden');
    loseRows();
    await stack.clock.advance(9_000);
    expect([stack.placed().length, stack.stateOf(order)]).toEqual([1, undefined]);
    await stack.clock.advance(2_000);
    expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'NeverArrived' });
    expect(stack.placed()).toHaveLength(1);
  });
});

it('is sent once when it is announced twice, even when its row is lost in between', async () => {
  const place = stack.venue.place.bind(stack.venue);
  stack.venue.place = async (request, terms) => {
    const reply = await place(request, terms);
    loseRows();
    return reply;
  };
  const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
  const order = stack.approve('twice', { side: 'sell' });
  for (const _announcement of [1, 2]) void execution.onApproval(order.decisionId);
  await stack.clock.advance(50);
  expect(stack.placed()).toEqual([order.clientOrderId]);
});

it('whose row is lost does not end before its request would have arrived and be visible', async () => {
  const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
  stack.venue.order = async () => await Promise.resolve({ kind: 'notFound' });
  // The next sweep finds it lost and expired, and comes before the order has to be visible.
  const order = stack.approve('short', { deadline: stack.clock.nowMs() + 300 });
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(100);
  loseRows();
  await stack.clock.advance(1_500);
  expect(stack.stateOf(order)).toBeUndefined();
  await stack.clock.advance(1_500);
  expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'NeverArrived' });
});

describe('an approval', () => {
  it('that is announced at once is sent without a query', async () => {
    const execution = await stack.active();
    stack.venue.order = async () => await new Promise(() => {});
    const order = stack.approve('fresh');
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(5);
    expect(stack.placed()).toEqual([order.clientOrderId]);
  });

  it('that is older than the memory of the sender is asked for first, and holds back none behind it', async () => {
    const execution = await stack.active();
    stack.venue.order = async () => await new Promise(() => {});
    const nowMs = stack.clock.nowMs();
    const old = stack.approve('old', { decidedAt: nowMs - OLD_MS });
    const fresh = stack.approve('fresh', { symbol: 'ADA/ETH' });
    await execution.onApproval(old.decisionId);
    void execution.onApproval(fresh.decisionId);
    await stack.clock.advance(5);
    expect(stack.placed()).toEqual([fresh.clientOrderId]);
  });

  it('that the stream lost is sent without a query when only this process can have sent it', async () => {
    await stack.active();
    stack.venue.order = async () => await new Promise(() => {});
    await stack.clock.advance(1_000);
    const order = stack.approve('swept');
    await stack.clock.advance(1_500);
    expect(stack.placed()).toEqual([order.clientOrderId]);
  });

  it('that waited for the takeover is sent at its end without a query, if risk decided after the grant', async () => {
    stack.record.fence = { epoch: 1, holder: 'killed' };
    const execution = stack.start();
    await stack.clock.advance(300);
    const before = stack.approve('before', { symbol: 'ADA/ETH', deadline: stack.clock.nowMs() + 60_000 });
    await execution.activate(2);
    await stack.clock.advance(150);
    const during = stack.approve('during');
    asked = [];
    await stack.clock.advance(1_500);
    expect([execution.sender().role, stack.placed()]).toEqual(['active', [during.clientOrderId]]);
    expect(asked).toEqual([]);
    await stack.clock.advance(2_000);
    expect(asked).toEqual([before.clientOrderId]);
    expect(stack.placed()).toEqual([during.clientOrderId, before.clientOrderId]);
  });

  it('that the stream lost, and that is old, is asked for once and sent', async () => {
    await stack.active();
    asked = [];
    const order = stack.approve('swept', { decidedAt: stack.clock.nowMs() - OLD_MS });
    await stack.clock.advance(1_500);
    expect(asked.filter((id) => id === order.clientOrderId).length).toBeGreaterThanOrEqual(1);
    expect(stack.placed()).toEqual([order.clientOrderId]);
  });

  it.each<[string, VenueFailure]>([
    ['does not answer', { kind: 'unknown', reason: 'timeout' }],
    ['rejects the query', { kind: 'rejected', code: '700002', message: 'bad signature' }],
    ['cannot be reached', { kind: 'notSent', reason: 'ECONNREFUSED' }],
  ])('is not sent when the venue %s, is offered until its deadline, and then ends', async (_title, failure) => {
    await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    let reply: VenueFailure | undefined = failure;
    const query = stack.venue.order.bind(stack.venue);
    stack.venue.order = async (symbol, id) => reply ?? (await query(symbol, id));
    const decidedAt = stack.clock.nowMs() - OLD_MS;
    const late = stack.approve('late', { decidedAt });
    const later = stack.approve('later', { decidedAt, deadline: stack.clock.nowMs() + 60_000 });
    await stack.clock.advance(9_500);
    expect([stack.placed(), stack.stateOf(late)]).toEqual([[], undefined]);
    await stack.clock.advance(2_500);
    expect(stack.stateOf(late)).toEqual({ kind: 'NeverSent', reason: 'Expired' });
    reply = undefined;
    await stack.clock.advance(2_500);
    expect(stack.placed()).toEqual([later.clientOrderId]);
  });

  it('that predates the activation is sent once an older order would be visible', async () => {
    stack.record.fence = { epoch: 1, holder: 'killed' };
    const execution = stack.start();
    await stack.clock.advance(300);
    const order = stack.approve('waiting', { deadline: stack.clock.nowMs() + 60_000 });
    await execution.activate(2);
    // The window and the second that the venue tolerates, then the time for which an order may be invisible. The third
    // sweep lies between the two.
    await stack.clock.advance(1_500 + 350);
    expect([execution.sender().role, stack.placed()]).toEqual(['active', []]);
    await stack.clock.advance(1_000);
    expect(stack.placed()).toEqual([order.clientOrderId]);
  });

  it('that predates the activation is sent at once when the previous holder had drained', async () => {
    stack.record.fence = { epoch: 1, holder: '' };
    const execution = stack.start();
    await stack.clock.advance(1);
    const order = stack.approve('waiting');
    await execution.activate(2);
    await stack.clock.advance(1_200);
    expect(stack.placed()).toEqual([order.clientOrderId]);
  });

  it('that predates an activation after which the record went back ends; a newer one is sent', async () => {
    await stack.active();
    stack.kill();
    const before = stack.approve('before', { deadline: stack.clock.nowMs() + 60_000 });
    const expired = stack.approve('expired', { deadline: stack.clock.nowMs() - 1 });
    stack.record.identity = { ...stack.record.identity, timeline: 2 };
    const execution = await stack.active();
    const after = stack.approve('after');
    void execution.onApproval(after.decisionId);
    await stack.clock.advance(3_000);
    for (const order of [before, expired])
      expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'RecordWentBack' });
    expect(stack.placed()).toEqual([after.clientOrderId]);
  });

  it.each([
    ['ahead within the bound ends when the record went back', 100, 2, []],
    ['further ahead is sent even then', 101, 2, ['ahead']],
    ['ahead is sent after the grant of a whole record', 100, 1, ['ahead']],
  ])('whose time by the clock of risk is %s', async (_title, aheadMs, timeline, sent) => {
    await stack.active();
    stack.kill();
    stack.record.identity = { ...stack.record.identity, timeline };
    const execution = stack.start();
    await stack.clock.advance(1);
    await execution.activate(2);
    const order = stack.approve('ahead', {
      decidedAt: stack.clock.nowMs() + aheadMs,
      deadline: stack.clock.nowMs() + 60_000,
    });
    await stack.clock.advance(6_000);
    expect(stack.placed()).toEqual(sent.map(() => order.clientOrderId));
    const ended = { kind: 'NeverSent', reason: 'RecordWentBack' };
    expect(stack.stateOf(order)).toMatchObject(sent.length === 0 ? ended : { kind: 'Filled' });
  });

  it('that has expired ends without a permit, and while the sender activates', async () => {
    stack.record.fence = { epoch: 1, holder: 'killed' };
    const execution = stack.start();
    await stack.clock.advance(1);
    const order = stack.approve('expired', { deadline: stack.clock.nowMs() - 1 });
    await execution.activate(2);
    await stack.clock.advance(1_100);
    expect(execution.sender().role).toBe('activating');
    expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'Expired' });
  });

  it('that has expired is left to the holder of the fence', async () => {
    stack.start();
    const order = stack.approve('expired', { deadline: stack.clock.nowMs() - 1 });
    await stack.clock.advance(5_000);
    expect(stack.stateOf(order)).toBeUndefined();
  });
});

describe('a database whose statements take three seconds', () => {
  it('still ends every approval, and the checks say that no order can be sent', async () => {
    let slow = false;
    const store = new Proxy(stack.record, {
      get: (record, name): unknown => {
        const member: unknown = Reflect.get(record, name, record);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          if (slow) await stack.clock.sleep(3_000);
          return await Reflect.apply(member, record, args);
        };
      },
    });
    const execution = await stack.active({ store });
    slow = true;
    await stack.clock.advance(10_000);
    const orders: ApprovedOrder[] = [];
    const looks: (string | undefined)[] = [];
    for (let round = 0; round < 20; round += 1) {
      const order = stack.approve(`slow${round}`);
      orders.push(order);
      void execution.onApproval(order.decisionId);
      await stack.clock.advance(15_000);
      looks.push(execution.checks.get('sending')?.().reason);
    }
    await stack.clock.advance(15_000);
    expect(stack.placed()).toEqual([]);
    expect(orders.map((order) => stack.stateOf(order))).toEqual(
      orders.map(() => ({ kind: 'NeverSent', reason: 'Expired' })),
    );
    expect(new Set(looks)).toEqual(new Set(['DatabaseSlow']));
  });
});
