import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fate } from '../../../test/faults/faulty-venue.ts';
import { TEST_TAG } from '../../../test/fixtures/approved-orders.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import type { TradingState } from '../../shared/domain/trading-state.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { TradingStates, type StateJournal, type TradingStateStore } from '../../shared/trading-state/trading-states.ts';

const RESTING: Fate = { reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] };
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack(() => RESTING);
});

afterEach(() => stack.kill());

/** An order at the venue that no process has placed. */
function open(clientOrderId: string): void {
  const amounts = { price: parseDecimal('0.0014'), quantity: parseDecimal('10') };
  const request = { clientOrderId, symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT', ...amounts } as const;
  const venueOrderId = `V${stack.venue.placed.length + 1}`;
  stack.venue.placed.push({ request, venueOrderId, acceptedAt: 0, visibleAt: 0, executed: ZERO, ended: false });
}

function openIds(): readonly string[] {
  return stack.venue.placed.filter(({ ended }) => !ended).map(({ request }) => request.clientOrderId);
}

const unavailable = async (): Promise<never> => await Promise.reject(new Error('Postgres is unavailable'));
const POSTGRES_DOWN = {
  readFence: unavailable,
  readTradingStates: unavailable,
  recordIdentity: unavailable,
  loadOrders: unavailable,
  openApprovals: unavailable,
  commitIntent: unavailable,
  recordObservation: unavailable,
  raiseFence: unavailable,
};

function journalWith(state: TradingState): StateJournal {
  const sources = [{ source: 'command', state, author: 'ada', reason: 'x', revision: 1, sinceMs: 0, saved: true }];
  return { read: () => sources, write: async () => await Promise.resolve() };
}

describe('a halt', () => {
  it('cancels what the venue lists with the tag of the stack, known or not, and reports what is left', async () => {
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    const order = stack.approve('resting', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(100);
    open(`${TEST_TAG}unknown`);
    open('zzforeign');
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(1_000);
    expect(openIds()).toEqual(['zzforeign']);
    await stack.clock.advance(1_100);
    expect(execution.sender()).toMatchObject({
      openOrders: { count: 0 },
      maySend: false,
      obstacle: { reason: 'Halted' },
    });
    expect(execution.sender().openOrders?.ageMs).toBeLessThan(1_200);
    expect(execution.checks.get('sending')?.().ok).toBe(true);
  });

  it('reports no number of open orders from a list of before it', async () => {
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    expect(execution.sender().openOrders).toMatchObject({ count: 0 });
    stack.venue.openOrders = async () => await new Promise<never>(() => {});
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(1_000);
    expect(execution.sender()).toMatchObject({ obstacle: { reason: 'Halted' }, openOrders: null });
  });

  it('reports no number of open orders from a list of before the last order arrived', async () => {
    stack = createVirtualStack(() => ({ ...RESTING, travelMs: 400 }));
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    const order = stack.approve('late', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(50);
    stack.record.restrict('console', 'Halted');
    const reports: unknown[] = [];
    for (let passedMs = 0; passedMs < 2_000; passedMs += 50) {
      await stack.clock.advance(50);
      const count = execution.sender().openOrders?.count;
      if (execution.sender().obstacle?.reason === 'Halted' && openIds().length > 0) reports.push(count);
    }
    expect(reports).not.toContain(0);
    expect(execution.sender().openOrders?.count).toBe(0);
  });

  it('reports no number of open orders while a request without an answer may still arrive', async () => {
    const at: Partial<TradingVenue> = {
      place: async ({ clientOrderId }) => {
        void stack.clock.sleep(800).then(() => open(clientOrderId));
        await stack.clock.sleep(5);
        return { kind: 'unknown', reason: 'ECONNRESET' };
      },
      order: async () => await Promise.resolve({ kind: 'notFound' }),
    };
    const execution = await stack.active({ at, settings: { reconcileIntervalMs: 600_000 } });
    const order = stack.approve('late', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(50);
    stack.record.restrict('console', 'Halted');
    const reports: unknown[] = [];
    for (let passedMs = 0; passedMs < 1_500; passedMs += 50) {
      await stack.clock.advance(50);
      const { obstacle, openOrders } = execution.sender();
      if (obstacle?.reason === 'Halted') reports.push(openOrders);
    }
    expect(reports.length).toBeGreaterThan(15);
    expect(new Set(reports)).toEqual(new Set([null]));
    expect(stack.placed()).toEqual([order.clientOrderId]);
    await stack.clock.advance(3_000);
    expect([openIds(), execution.sender().openOrders?.count]).toEqual([[], 0]);
  });

  it('reports no number of open orders before requests of an earlier sender have expired', async () => {
    stack.record.fence = { epoch: 1, holder: 'partitioned' };
    const execution = stack.start({ settings: { reconcileIntervalMs: 600_000 } });
    await stack.clock.advance(60_000);
    await execution.activate(2);
    await stack.clock.advance(100);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(900);
    expect(execution.sender().openOrders).toBeNull();
    await stack.clock.advance(2_500);
    expect(execution.sender().openOrders?.count).toBe(0);
  });

  it('waits for no earlier sender where the grant is long ago', async () => {
    stack.record.fence = { epoch: 1, holder: 'killed' };
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(800);
    expect(execution.sender()).toMatchObject({ obstacle: { reason: 'Halted' }, openOrders: { count: 0 } });
  });

  it.each(['Active', 'Reducing', 'Flattening'] as const)(
    'after %s is confirmed by a process without the fence only once the sender has obeyed it too',
    async (before) => {
      stack.record.fence = { epoch: 1, holder: 'other' };
      stack.record.restrict('console', before);
      const execution = stack.start();
      await stack.clock.advance(60_000);
      stack.record.restrict('console', 'Halted');
      await stack.clock.advance(1_400);
      expect(execution.sender()).toMatchObject({ role: 'armed', openOrders: null });
      await stack.clock.advance(1_600);
      expect(execution.sender()).toMatchObject({ role: 'armed', openOrders: { count: 0 } });
    },
  );

  it('counts from the save for a process without the fence, because the sender could commit until then', async () => {
    let saves = async (): Promise<void> => await new Promise<void>(() => {});
    stack.record.fence = { epoch: 1, holder: 'other' };
    const store: TradingStateStore = {
      readTradingStates: stack.record.readTradingStates,
      setTradingState: async (command) => {
        await saves();
        return await stack.record.setTradingState(command);
      },
    };
    const log = createLogger({ name: 'test', level: 'silent' });
    const states = new TradingStates({ store, clock: stack.clock, log });
    const execution = stack.start({ states });
    await stack.clock.advance(60_000);
    saves = async () => await stack.clock.sleep(4_000);
    states.apply({ source: 'command', state: 'Halted', author: 'ada', reason: 'why', revision: 1 });
    await stack.clock.advance(3_900);
    // Postgres may as well be unavailable to everybody.
    expect(execution.sender().openOrders).toMatchObject({ count: 0 });
    await stack.clock.advance(300);
    expect([states.status().persisted, execution.sender().openOrders]).toEqual([true, null]);
    await stack.clock.advance(1_100);
    expect(execution.sender().openOrders).toBeNull();
    await stack.clock.advance(500);
    expect(execution.sender().openOrders).toMatchObject({ count: 0 });
  });

  it('counts from the grant for a process that is granted the fence later', async () => {
    stack.record.fence = { epoch: 1, holder: 'partitioned' };
    stack.record.restrict('console', 'Halted');
    const execution = stack.start({ settings: { reconcileIntervalMs: 600_000 } });
    await stack.clock.advance(10_000);
    expect(execution.sender().openOrders).toMatchObject({ count: 0 });
    await execution.activate(2);
    await stack.clock.advance(1_400);
    expect(execution.sender().openOrders).toBeNull();
    await stack.clock.advance(300);
    expect(execution.sender().openOrders).toMatchObject({ count: 0 });
  });

  it('reports no number of open orders once the process has lost the fence', async () => {
    const execution = await stack.active();
    expect(execution.sender().openOrders).not.toBeNull();
    stack.record.fence = { epoch: 9, holder: 'other' };
    await stack.clock.advance(1_000);
    expect(execution.sender()).toMatchObject({ role: 'fenced', openOrders: null });
  });

  it('reports an order that the venue does not cancel at once, however young it is', async () => {
    const at = { cancel: async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' } as const) };
    const execution = await stack.active({ at, settings: { reconcileIntervalMs: 600_000 } });
    const order = stack.approve('resting', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
    void execution.onApproval(order.decisionId);
    await stack.clock.advance(100);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(1_000);
    expect(execution.sender().openOrders?.count).toBe(1);
  });

  it('is obeyed in the moment of the command, not at the next pass', async () => {
    const log = createLogger({ name: 'test', level: 'silent' });
    const states = new TradingStates({ store: stack.record, clock: stack.clock, log });
    const execution = await stack.active({ states, settings: { reconcileIntervalMs: 600_000 } });
    const order = stack.approve('resting', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
    void execution.onApproval(order.decisionId);
    // The passes of this process run every 100 ms, and this moment is not one of them.
    await stack.clock.advance(150);
    const cancelled: string[] = [];
    stack.venue.cancel = async (_symbol, id) => {
      cancelled.push(id);
      return await Promise.resolve({ kind: 'ok', value: undefined });
    };
    states.apply({ source: 'spec', state: 'Halted', author: 'ada', reason: 'why', revision: 1 });
    await stack.clock.advance(1);
    expect(cancelled).toEqual([order.clientOrderId]);
    expect(execution.sender()).toMatchObject({ maySend: false, obstacle: { reason: 'Halted' } });
  });

  it('that follows another one asks the venue at once', async () => {
    await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(1_000);
    stack.record.restrict('console', 'Active');
    await stack.clock.advance(1_000);
    open(`${TEST_TAG}unknown`);
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(800);
    expect(openIds()).toEqual([]);
  });

  it('is obeyed by a process that starts with Postgres unavailable', async () => {
    open(`${TEST_TAG}left`);
    open('zzforeign');
    const execution = stack.start({ store: POSTGRES_DOWN, journal: journalWith('Halted') });
    // A request of the process before it may still be on its way.
    await stack.clock.advance(1_500);
    expect([openIds(), execution.sender().openOrders]).toEqual([['zzforeign'], null]);
    await stack.clock.advance(1_700);
    expect(execution.sender()).toMatchObject({ role: 'warming', openOrders: { count: 0 } });
    expect(openIds()).toEqual(['zzforeign']);
  });

  it('is obeyed by an armed process whose holder is gone, while Postgres is unavailable', async () => {
    let down: object = {};
    const store = new Proxy(stack.record, {
      get: (record, name): unknown => {
        const member: unknown = Reflect.get(name in down ? down : record, name, record);
        return typeof member === 'function' ? member.bind(record) : member;
      },
    });
    stack.record.fence = { epoch: 1, holder: 'killed' };
    stack.record.restrict('console', 'Halted');
    const execution = stack.start({ store });
    await stack.clock.advance(100);
    expect(execution.sender().role).toBe('armed');
    down = POSTGRES_DOWN;
    open(`${TEST_TAG}late`);
    await stack.clock.advance(6_100);
    expect(openIds()).toEqual([]);
    expect(execution.sender().openOrders?.count).toBe(0);
  });

  it('is left to its successor by a fenced process', async () => {
    const execution = await stack.active();
    // One read shows both the halt and the newer epoch.
    stack.record.restrict('console', 'Halted');
    stack.record.fence = { epoch: 2, holder: 'other' };
    open(`${TEST_TAG}successor`);
    await stack.clock.advance(3_000);
    expect(execution.sender()).toMatchObject({ role: 'fenced' });
    expect(openIds()).toEqual([`${TEST_TAG}successor`]);
  });

  it('cancels everything while Postgres hangs from the moment of the halt', async () => {
    let hangs = false;
    const store = new Proxy(stack.record, {
      get: (record, name): unknown => {
        const member: unknown = Reflect.get(record, name, record);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          if (hangs) await new Promise(() => {});
          return await Reflect.apply(member, record, args);
        };
      },
    });
    const execution = await stack.active({ store, settings: { reconcileIntervalMs: 600_000 } });
    const orders = Array.from({ length: 20 }, (_, index) =>
      stack.approve(`resting${index}`, { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 }),
    );
    for (const order of orders) void execution.onApproval(order.decisionId);
    await stack.clock.advance(500);
    expect(openIds()).toHaveLength(20);
    // The halt is read in the same moment in which the last statement returns.
    stack.record.restrict('console', 'Halted');
    await stack.clock.advance(500);
    hangs = true;
    await stack.clock.advance(2_000);
    expect(openIds()).toEqual([]);
    expect(execution.sender().openOrders?.count).toBe(0);
  });
});

describe('while only sells may be sent', () => {
  it('a buy that rests without a record of its acceptance is cancelled too, and a sale is not', async () => {
    const failing = { recordObservation: async () => await Promise.reject(new Error('Postgres is unavailable')) };
    const execution = await stack.active({ store: failing, settings: { reconcileIntervalMs: 600_000 } });
    // A report that cannot be recorded would cause a reconcile, which lists the orders too.
    stack.venue.listener = undefined;
    const deadline = stack.clock.nowMs() + 60_000;
    const buy = stack.approve('buy', { type: 'LIMIT', deadline });
    const sale = stack.approve('sale', { type: 'LIMIT', side: 'sell', deadline });
    for (const { decisionId } of [buy, sale]) void execution.onApproval(decisionId);
    await stack.clock.advance(200);
    expect(openIds()).toEqual([buy.clientOrderId, sale.clientOrderId]);
    stack.record.restrict('console', 'Reducing');
    await stack.clock.advance(1_500);
    expect(openIds()).toEqual([sale.clientOrderId]);
    expect(execution.sender().openOrders).toMatchObject({ count: expect.any(Number) });
  });
});

it('a process that stops cancels what rests before an intent that hangs has ended', async () => {
  let hangs = false;
  const store = {
    commitIntent: async (...args: Parameters<typeof stack.record.commitIntent>) => {
      if (hangs) await stack.clock.sleep(8_000);
      return await stack.record.commitIntent(...args);
    },
  };
  const execution = await stack.active({ store, settings: { reconcileIntervalMs: 600_000 } });
  const deadline = stack.clock.nowMs() + 60_000;
  const resting = stack.approve('resting', { type: 'LIMIT', deadline });
  void execution.onApproval(resting.decisionId);
  await stack.clock.advance(100);
  hangs = true;
  void execution.onApproval(stack.approve('hanging', { type: 'LIMIT', deadline }).decisionId);
  await stack.clock.advance(10);
  const fence = execution.parts.find(({ name }) => name === 'fence');
  void fence?.drain?.();
  await stack.clock.advance(200);
  expect(openIds()).toEqual([]);
  expect(stack.placed()).toEqual([resting.clientOrderId]);
});

it('a process that stops cancels the order whose acceptance it waited for', async () => {
  stack = createVirtualStack(() => ({ ...RESTING, travelMs: 400 }));
  const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
  const order = stack.approve('late', { type: 'LIMIT', deadline: stack.clock.nowMs() + 60_000 });
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(50);
  void execution.parts.find(({ name }) => name === 'fence')?.drain?.();
  await stack.clock.advance(1_000);
  expect([stack.placed(), openIds()]).toEqual([[order.clientOrderId], []]);
});

it('asks the venue for open orders only as often as it reconciles while nothing is halted', async () => {
  let lists = 0;
  const openOrders = stack.venue.openOrders.bind(stack.venue);
  stack.venue.openOrders = async () => {
    lists += 1;
    return await openOrders();
  };
  const execution = await stack.active({ settings: { reconcileIntervalMs: 5_000 } });
  lists = 0;
  open(`${TEST_TAG}adopted`);
  await stack.clock.advance(20_000);
  expect(lists).toBeLessThanOrEqual(5);
  expect(execution.sender().openOrders?.ageMs).toBeLessThanOrEqual(5_100);
});
