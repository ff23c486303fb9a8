import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { approvedOrder, TEST_TAG } from '../../../test/fixtures/approved-orders.ts';
import { add, formatDecimal, parseDecimal, subtract, ZERO } from '../../shared/domain/decimal.ts';
import { notionalOf } from '../../shared/domain/instrument.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

const d = parseDecimal;
const HOUR_MS = 3_600_000;
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

/** The venue has the order and `executed` of it in one fill; the record has no row of it. */
function atVenue(order: ApprovedOrder, { executed = '0', ended = false, ageMs = 0 } = {}) {
  const { placed, traded, holdings } = stack.venue;
  const { clientOrderId, symbol, side, price, quantity, type } = order;
  const time = stack.clock.nowMs() - ageMs;
  const request = { clientOrderId, symbol, side, price, quantity, type };
  const venueOrderId = `V${placed.length + 1}`;
  placed.push({ request, venueOrderId, acceptedAt: time, visibleAt: time, executed: d(executed), ended });
  if (executed === '0') return;
  const ids = { venueTradeId: `T${traded.length + 1}`, venueOrderId, clientOrderId, symbol, side, price, time };
  traded.push({ ...ids, quantity: d(executed), fee: ZERO, feeAsset: 'ETH', maker: true });
  holdings.set('XRP', add(holdings.get('XRP') ?? ZERO, d(executed)));
  holdings.set('ETH', subtract(holdings.get('ETH') ?? ZERO, notionalOf(price, d(executed))));
}

const positions = (): Readonly<Record<string, string>> =>
  Object.fromEntries([...stack.record.positions].map(([key, { quantity }]) => [key, formatDecimal(quantity)]));

function booksAreEqual(execution: Execution): void {
  const ledger = [...stack.record.ledger()].map(([asset, amount]) => [asset, formatDecimal(amount)]);
  expect(Object.fromEntries(ledger)).toEqual(stack.venue.holdingsText());
  expect(execution.figures()['ledgerDrifts']).toBe(0);
}

async function outcome(execution: Execution, decisionId: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(decisionId, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(3_000);
  const state = stack.stateOf(order);
  return state?.kind === 'NeverSent' ? state.reason : state?.kind;
}

const letters = () => [...stack.record.deadLetters.values()].map(({ kind, id }) => `${kind} ${id}`);
const resting: Partial<ApprovedOrder> = { type: 'LIMIT', strategy: 'maker' };

describe('an order with our tag whose row is lost', () => {
  it('keeps the strategy and the deadline of its decision while it rests', async () => {
    const deadline = stack.clock.nowMs() + HOUR_MS;
    const order = stack.approve('lost', { ...resting, deadline, decidedAt: 1 });
    atVenue(order, { executed: '4' });
    const execution = await stack.active();
    expect(stack.record.orders.get(order.clientOrderId)).toMatchObject({
      decisionId: 'lost',
      strategy: 'maker',
      riskHash: order.riskHash,
      deadlineMs: deadline,
      state: { kind: 'PartiallyFilled' },
      filled: d('4'),
    });
    expect(positions()).toEqual({ 'maker XRP/ETH': '4' });
    expect(letters()).toEqual([]);
    booksAreEqual(execution);
    await stack.clock.advance(HOUR_MS);
    expect(stack.stateOf(order)).toEqual({ kind: 'Cancelled', venueOrderId: 'V1', filled: d('4') });
  });

  it('keeps its strategy when this release cannot parse its approval', async () => {
    const order = stack.approve('newer', { ...resting, deadline: stack.clock.nowMs() + HOUR_MS });
    stack.record.malformedApprovals.add('newer');
    atVenue(order, { executed: '4' });
    const execution = await stack.active();
    expect(stack.record.orders.get(order.clientOrderId)).toMatchObject({ decisionId: 'newer', strategy: 'maker' });
    expect(positions()).toEqual({ 'maker XRP/ETH': '4' });
    expect(letters().filter((letter) => letter.startsWith('Order'))).toEqual([]);
    booksAreEqual(execution);
  });

  it('is adopted by its fill when it has ended, because no list of open orders has it', async () => {
    const order = stack.approve('ended', { strategy: 'taker', deadline: 1, decidedAt: 1 });
    stack.record.malformedApprovals.add('ended');
    atVenue(order, { executed: '10', ended: true, ageMs: 5 * 60_000 });
    const execution = await stack.active();
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    expect(positions()).toEqual({ 'taker XRP/ETH': '10' });
    booksAreEqual(execution);
    expect(await outcome(execution, 'entry')).toBe('Filled');
  });

  it('is adopted at once when the private stream reports its fill', async () => {
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    await stack.clock.advance(2_000);
    const order = stack.approve('streamed', { strategy: 'taker', deadline: 1, decidedAt: 1 });
    stack.record.malformedApprovals.add('streamed');
    atVenue(order, { executed: '10', ended: true });
    const [fill] = stack.venue.traded;
    if (fill !== undefined) execution.streamEvents.onFill(fill);
    await stack.clock.advance(2_000);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    expect(positions()).toEqual({ 'taker XRP/ETH': '10' });
    booksAreEqual(execution);
  });
});

describe('an order with our tag and without a decision', () => {
  it('is adopted for no strategy and set apart: its instrument takes no entries until a person clears it', async () => {
    const order = approvedOrder('gone', { side: 'buy' });
    atVenue(order, { executed: '10', ended: true });
    const execution = await stack.active();
    expect(stack.record.orders.get(order.clientOrderId)).toMatchObject({
      strategy: 'adopted',
      state: { kind: 'Filled' },
    });
    expect(letters()).toEqual([`Order ${order.clientOrderId} Adopted`]);
    expect(execution.checks.get('dead letters')?.()).toMatchObject({ ok: false, reason: 'SetApart' });
    booksAreEqual(execution);
    expect(await outcome(execution, 'entry')).toBe('SetApart');
    expect(await outcome(execution, 'exit', { side: 'sell' })).toBe('Filled');
    stack.kill();
    const next = await stack.active();
    await stack.clock.advance(5_000);
    expect(await outcome(next, 'restarted')).toBe('SetApart');
    stack.record.deadLetters.clear();
    await stack.clock.advance(2_000);
    expect(await outcome(next, 'cleared')).toBe('Filled');
  });

  it('is cancelled when it rests, and is set apart before its row is committed', async () => {
    const order = approvedOrder('gone', { ...resting });
    atVenue(order);
    const known: number[] = [];
    await stack.active({
      store: {
        commitIntent: async (fence, row) => {
          known.push(stack.record.deadLetters.size);
          return await stack.record.commitIntent(fence, row);
        },
      },
    });
    await stack.clock.advance(3_000);
    expect(stack.stateOf(order)?.kind).toBe('Cancelled');
    expect(known[0]).toBe(1);
  });

  it.each(['Fenced', 'RecordWentBack'] as const)('ends the sender when its row is refused as %s', async (refusal) => {
    atVenue(approvedOrder('late', { ...resting }));
    const execution = await stack.active({ store: { commitIntent: async () => await Promise.resolve(refusal) } });
    expect(execution.sender().role).toBe('fenced');
  });

  it('has no letter when another process has made its row meanwhile', async () => {
    const order = approvedOrder('raced', { ...resting });
    atVenue(order);
    let raced = false;
    await stack.active({
      store: {
        commitIntent: async (fence, row) => {
          const outcomeOf = await stack.record.commitIntent(fence, row);
          if (raced) return outcomeOf;
          raced = true;
          return 'Duplicate';
        },
      },
    });
    await stack.clock.advance(3_000);
    expect([raced, letters()]).toEqual([true, []]);
  });
});

describe('a fill with our tag', () => {
  it.each<[string, VenueFailure]>([
    ['no answer', { kind: 'unknown', reason: 'timeout' }],
    ['a rejection', { kind: 'rejected', code: '1', message: 'no' }],
  ])('is tried again while the venue gives %s for its order, and entries wait', async (_title, failure) => {
    const order = stack.approve('silent', { strategy: 'taker', deadline: 1, decidedAt: 1 });
    stack.record.malformedApprovals.add('silent');
    atVenue(order, { executed: '10', ended: true });
    let silent = true;
    const execution = await stack.active({
      at: { order: async (symbol, id) => (silent ? failure : await stack.venue.order(symbol, id)) },
    });
    expect(execution.checks.get('reconcile')?.().ok).toBe(true);
    expect(execution.sender().obstacle?.reason).toBe('NotReconciled');
    expect(positions()).toEqual({});
    silent = false;
    await stack.clock.advance(10_000);
    expect(positions()).toEqual({ 'taker XRP/ETH': '10' });
    expect(execution.sender().obstacle).toBeNull();
  });

  it.each([
    ['before', false],
    ['after', true],
  ])(
    'of an order that the venue does not know is set apart %s the opening of the ledger, and is no drift',
    async (_title, opened) => {
      if (opened) await stack.active();
      stack.kill();
      const order = approvedOrder('ghost');
      atVenue(order, { executed: '10', ended: true });
      const at: Changes['at'] = { order: async () => await Promise.resolve({ kind: 'notFound' }) };
      const next = await stack.active({ at });
      await stack.clock.advance(10_000);
      expect(letters()).toEqual(['Fill XRP/ETH T1 V1']);
      expect(next.figures()['ledgerDrifts']).toBe(0);
      expect(next.checks.get('ledger')?.().ok).toBe(true);
      expect(await outcome(next, 'entry')).toBe('SetApart');
      stack.kill();
      const found = await stack.active();
      await stack.clock.advance(5_000);
      expect(stack.record.orders.get(order.clientOrderId)?.state.kind).toBe('Filled');
      expect(letters()).toEqual([`Order ${order.clientOrderId} Adopted`]);
      booksAreEqual(found);
    },
  );

  it('is booked as it was read, although the venue does not list it again', async () => {
    const order = stack.approve('once', { strategy: 'taker', deadline: 1, decidedAt: 1 });
    stack.record.malformedApprovals.add('once');
    atVenue(order, { executed: '10', ended: true });
    let lists = 0;
    const execution = await stack.active({
      settings: { reconcileIntervalMs: 600_000 },
      at: {
        fills: async (symbol, range) => {
          lists += 1;
          return lists === 1 ? await stack.venue.fills(symbol, range) : { kind: 'unknown', reason: 'timeout' };
        },
      },
    });
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    booksAreEqual(execution);
  });

  it('is booked when another process has made the row of its order meanwhile', async () => {
    const order = stack.approve('raced', { strategy: 'taker', deadline: 1, decidedAt: 1 });
    stack.record.malformedApprovals.add('raced');
    atVenue(order, { executed: '10', ended: true });
    const execution = await stack.active({
      settings: { reconcileIntervalMs: 600_000 },
      store: {
        commitIntent: async (fence, row) => {
          await stack.record.commitIntent(fence, row);
          return 'Duplicate';
        },
      },
    });
    expect(positions()).toEqual({ 'taker XRP/ETH': '10' });
    booksAreEqual(execution);
  });

  it('costs at most twenty queries a run, and the next run adopts the rest', async () => {
    let asked = 0;
    for (let index = 0; index < 45; index += 1)
      atVenue(approvedOrder(`lost${index}`, { quantity: d('1') }), { executed: '1', ended: true });
    const execution = await stack.active({
      settings: { reconcileIntervalMs: 5_000 },
      at: {
        order: async (symbol, id) => {
          asked += 1;
          return await stack.venue.order(symbol, id);
        },
      },
    });
    expect(asked).toBeLessThanOrEqual(45);
    await stack.clock.advance(20_000);
    expect([asked, stack.record.orders.size]).toEqual([45, 45]);
    expect([...stack.record.orders.keys()].every((id) => id.startsWith(TEST_TAG))).toBe(true);
    booksAreEqual(execution);
    expect(positions()).toEqual({ 'adopted XRP/ETH': '45' });
  });
});
