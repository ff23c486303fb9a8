import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { TEST_STACK } from '../../../test/fixtures/approved-orders.ts';
import { statuszSchema } from '../../shared/contracts/statusz.ts';
import { add, parseDecimal, subtract, ZERO } from '../../shared/domain/decimal.ts';
import { clientOrderIdOf, stackTagOf } from '../../shared/domain/ids.ts';
import { notionalOf } from '../../shared/domain/instrument.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { Side } from '../../shared/domain/side.ts';
import { sha256 } from '../../shared/runtime/sha256.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

const d = parseDecimal;
const OTHER = 'demo-87654321';
const OTHER_TAG = stackTagOf(OTHER, sha256);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** So that the ordinary reconcile does not dominate the time of the tests. */
const SLOW: Changes = { settings: { reconcileIntervalMs: 5_000 } };
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

/** Lets an order of another client rest at the venue, accepted `ageMs` ago. Returns what the venue has. */
function rest(clientOrderId: string, change: { ageMs?: number; symbol?: string; side?: Side } = {}) {
  const { ageMs = 0, symbol = 'XRP/ETH', side = 'buy' } = change;
  const { placed } = stack.venue;
  const acceptedAt = stack.clock.nowMs() - ageMs;
  const request = { clientOrderId, symbol, side, price: d('0.0006'), quantity: d('25'), type: 'LIMIT' } as const;
  const venueOrderId = `F${placed.length + 1}`;
  const order = { request, venueOrderId, acceptedAt, visibleAt: acceptedAt, executed: ZERO, ended: false };
  placed.push(order);
  return order;
}

/** Returns a report of a venue that does not say when it accepted an order. */
function withoutTime(report: OrderReport): OrderReport {
  const { createdAt, ...timeless } = report;
  return createdAt === undefined ? report : timeless;
}

/** Executes an order of another client, `ageMs` ago, and changes what the venue holds. */
function trade(clientOrderId: string, { ageMs = 0, quantity = '25', price = '0.0006', moves = true } = {}) {
  const { traded, holdings } = stack.venue;
  const amounts = { price: d(price), quantity: d(quantity), fee: ZERO, feeAsset: 'ETH', maker: true };
  const ids = { venueTradeId: `X${traded.length + 1}`, venueOrderId: `F${traded.length + 100}`, clientOrderId };
  const fill = { ...ids, ...amounts, symbol: 'XRP/ETH', side: 'buy', time: stack.clock.nowMs() - ageMs } as const;
  traded.push(fill);
  if (!moves) return fill;
  const paid = notionalOf(fill.price, fill.quantity);
  holdings.set('XRP', add(holdings.get('XRP') ?? ZERO, fill.quantity));
  holdings.set('ETH', subtract(holdings.get('ETH') ?? ZERO, paid));
  return fill;
}

const otherId = (decision = 'x') => clientOrderIdOf(OTHER, decision, 0, sha256);

async function outcome(execution: Execution, decisionId: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(decisionId, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(3_000);
  const state = stack.stateOf(order);
  return state?.kind === 'NeverSent' ? state.reason : state?.kind;
}

const checkOf = (execution: Execution) => execution.checks.get('foreign orders')?.();

describe('an open order of somebody else', () => {
  it('is named with its age, degrades the check, stops nothing, and is never cancelled', async () => {
    const order = rest('zzforeign', { ageMs: 2 * MINUTE_MS });
    rest('', { symbol: 'ADA/ETH', side: 'sell' });
    const execution = await stack.active({ settings: { symbols: ['XRP/ETH', 'ADA/ETH'] } });
    const foreign = execution.foreign();
    expect(foreign).toEqual({
      openOrders: 2,
      orders: [
        {
          symbol: 'XRP/ETH',
          side: 'buy',
          price: '0.0006',
          quantity: '25',
          executed: '0',
          ageMs: expect.closeTo(123_000, -3),
          venueOrderId: order.venueOrderId,
          clientOrderId: 'zzforeign',
          stackTag: null,
        },
        expect.objectContaining({ symbol: 'ADA/ETH', side: 'sell', clientOrderId: '' }),
      ],
    });
    expect(statuszSchema.shape.foreign.parse(foreign)).toEqual(foreign);
    expect(execution.figures()).toMatchObject({ foreignOrders: 2, quarantined: 2 });
    const check = checkOf(execution);
    expect(check).toMatchObject({ ok: true, reason: 'ForeignOrders' });
    expect(check?.message).toContain(`XRP/ETH buy 25 at 0.0006 (${order.venueOrderId}); ADA/ETH sell 25 at 0.0006`);
    expect(execution.sender()).toMatchObject({ maySend: true, obstacle: null });
    expect(await outcome(execution, 'entry')).toBe('Filled');
    await stack.record.setTradingState({ source: 'desk', state: 'Halted', author: '', reason: '', revision: 1 });
    await stack.clock.advance(20_000);
    expect(stack.venue.placed.filter(({ ended }) => !ended)).toHaveLength(2);
    // It locks funds at the venue. They are not ours to reserve.
    expect([...stack.record.orders.keys()].filter((id) => id === 'zzforeign' || id === '')).toEqual([]);
  });

  it('is no longer named when it has ended', async () => {
    const order = rest('zzforeign');
    const execution = await stack.active();
    expect(checkOf(execution)?.reason).toBe('ForeignOrders');
    order.ended = true;
    await stack.clock.advance(3_000);
    expect([execution.foreign(), checkOf(execution)?.reason]).toEqual([null, 'Ok']);
    expect([...stack.record.quarantined.keys()]).toEqual([order.venueOrderId]);
  });

  it('is recorded once, and the record keeps since when it is known', async () => {
    const order = rest('zzforeign');
    let inserted = 0;
    const insertQuarantine = stack.record.insertQuarantine.bind(stack.record);
    const counting: Changes = {
      store: {
        insertQuarantine: async (report, atMs) => {
          inserted += 1;
          return await insertQuarantine(report, atMs);
        },
      },
      at: {
        openOrders: async () => {
          const reply = await stack.venue.openOrders();
          if (reply.kind !== 'ok') return reply;
          return { ...reply, value: reply.value.map(withoutTime) };
        },
      },
    };
    await stack.active(counting);
    await stack.clock.advance(MINUTE_MS);
    expect(inserted).toBe(1);
    stack.kill();
    const next = await stack.active(counting);
    expect(inserted).toBe(2);
    expect(next.figures()['quarantined']).toBe(0);
    const [listed] = next.foreign()?.orders ?? [];
    expect([listed?.venueOrderId, Math.round((listed?.ageMs ?? 0) / MINUTE_MS)]).toEqual([order.venueOrderId, 1]);
  });

  it('that the record does not take is named all the same, and leaves the instrument compared', async () => {
    rest('zzforeign');
    let available = false;
    const execution = await stack.active({
      store: {
        insertQuarantine: async (report, atMs) => {
          if (!available) throw new Error('invalid byte sequence');
          return await stack.record.insertQuarantine(report, atMs);
        },
      },
    });
    expect(execution.foreign()?.openOrders).toBe(1);
    expect(execution.checks.get('reconcile')?.()).toMatchObject({ ok: true, reason: 'Ok' });
    expect(await outcome(execution, 'entry')).toBe('Filled');
    available = true;
    await stack.clock.advance(3_000);
    expect(stack.record.quarantined.size).toBe(1);
  });

  it('is listed with the oldest first, at most twenty of them', async () => {
    for (let minute = 0; minute < 25; minute += 1) rest(`zz${minute}`, { ageMs: minute * MINUTE_MS });
    const execution = await stack.active();
    const foreign = execution.foreign();
    expect([foreign?.openOrders, foreign?.orders.length]).toEqual([25, 20]);
    expect(foreign?.orders.map(({ clientOrderId }) => clientOrderId).slice(0, 2)).toEqual(['zz24', 'zz23']);
    expect(checkOf(execution)?.message).toMatch(/; 22 more$/);
  });
});

it('counts open foreign orders by their owner', async () => {
  const registry = new Registry();
  const order = rest(otherId());
  rest('zzforeign');
  rest('');
  const counted = async () =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('tradingstack_execution_foreign_orders{'));
  await stack.active({ registry });
  const of = (owner: string, count: number) => `tradingstack_execution_foreign_orders{owner="${owner}"} ${count}`;
  expect(await counted()).toEqual([of('OtherStack', 1), of('Other', 2)]);
  order.ended = true;
  await stack.clock.advance(3_000);
  expect(await counted()).toEqual([of('OtherStack', 0), of('Other', 2)]);
});

describe('a fill of somebody else', () => {
  it('enters neither ledger nor positions: the balance drifts, which stops entries with the asset only', async () => {
    const execution = await stack.active({ settings: { symbols: ['XRP/ETH', 'BTC/USDT'] } });
    expect(await outcome(execution, 'held')).toBe('Filled');
    const before = [...stack.record.positions];
    const fill = trade('zzforeign');
    execution.streamEvents.onFill(fill);
    await stack.clock.advance(10_000);
    expect([...stack.record.positions]).toEqual(before);
    expect(stack.record.fills.all.map(({ clientOrderId }) => clientOrderId)).not.toContain('zzforeign');
    expect(execution.checks.get('ledger')?.()).toMatchObject({ ok: false, reason: 'LedgerDrift' });
    expect(await outcome(execution, 'entry')).toBe('ReduceOnly');
    expect(await outcome(execution, 'exit', { side: 'sell' })).toBe('Filled');
    expect(await outcome(execution, 'other', { symbol: 'BTC/USDT' })).toBe('Filled');
  });

  it('is counted once, however often it is read', async () => {
    const registry = new Registry();
    await stack.active({ registry });
    trade('zzforeign', { moves: false });
    trade('', { moves: false });
    await stack.clock.advance(30_000);
    const counted = 'tradingstack_execution_findings_total{kind="ForeignFill"} 2';
    expect(await registry.metrics()).toContain(counted);
  });

  it('moves on from which time fills are read, so that many of them do not make each query longer', async () => {
    const since: number[] = [];
    await stack.active({
      at: {
        fills: async (symbol, range) => {
          since.push(range.fromMs);
          return await stack.venue.fills(symbol, range);
        },
      },
    });
    expect(since[0]).toBeLessThanOrEqual(stack.clock.nowMs() - 10 * MINUTE_MS);
    const order = stack.approve('old');
    await stack.clock.advance(3_000);
    expect(stack.stateOf(order)?.kind).toBe('Filled');
    await stack.clock.advance(HOUR_MS);
    expect(stack.clock.nowMs() - (since.at(-1) ?? 0)).toBeGreaterThan(HOUR_MS);
    const { time } = trade('zzforeign', { moves: false });
    await stack.clock.advance(5_000);
    expect(since.at(-1)).toBe(time - MINUTE_MS);
  });
});

describe('another stack on the same account', () => {
  it('with an open order stops entries on the instrument, names its tag, and lets exits go', async () => {
    rest(otherId());
    const committed: string[] = [];
    const execution = await stack.active({
      settings: { ...SLOW.settings, symbols: ['XRP/ETH', 'ADA/ETH'] },
      store: {
        commitIntent: async (fence, row) => {
          committed.push(row.state.kind);
          return await stack.record.commitIntent(fence, row);
        },
      },
    });
    expect(checkOf(execution)).toMatchObject({ ok: true, reason: 'OtherStack' });
    expect(checkOf(execution)?.message).toContain(`XRP/ETH: another stack (tag ${OTHER_TAG})`);
    expect(execution.foreign()?.orders).toMatchObject([{ stackTag: OTHER_TAG }]);
    expect(execution.sender()).toMatchObject({ role: 'active', maySend: true, obstacle: { reason: 'OtherStack' } });
    expect(execution.sender().obstacle?.message).toContain(OTHER_TAG);
    expect(await outcome(execution, 'entry')).toBe('OtherStack');
    expect(await outcome(execution, 'exit', { side: 'sell' })).toBe('Filled');
    expect(await outcome(execution, 'elsewhere', { symbol: 'ADA/ETH' })).toBe('Filled');
    // A refused entry has no intent: only its end is committed.
    expect(committed).toEqual(['NeverSent', 'Intended', 'Intended']);
    expect(stack.venue.placed[0]?.ended).toBe(false);
  });

  it('stops entries again when it trades, and no longer ten minutes after its last sign', async () => {
    const order = rest(otherId());
    const execution = await stack.active(SLOW);
    await stack.clock.advance(20 * MINUTE_MS);
    expect(await outcome(execution, 'beside')).toBe('OtherStack');
    order.ended = true;
    await stack.clock.advance(9 * MINUTE_MS);
    expect(await outcome(execution, 'soon')).toBe('OtherStack');
    await stack.clock.advance(MINUTE_MS);
    expect(checkOf(execution)?.reason).toBe('Ok');
    expect(await outcome(execution, 'later')).toBe('Filled');
    // An order that never rests is seen by its fills only.
    trade(otherId('y'), { moves: false });
    await stack.clock.advance(5_000);
    expect(await outcome(execution, 'again')).toBe('OtherStack');
    expect(await outcome(execution, 'exit', { side: 'sell' })).toBe('Filled');
  });

  it.each([
    ['nine minutes ago', 9 * MINUTE_MS, 'OtherStack'],
    ['eleven minutes ago', 11 * MINUTE_MS, 'Filled'],
  ])('that traded %s, before this process started: an entry ends as %3$s', async (_title, ageMs, expected) => {
    trade(otherId(), { ageMs, moves: false });
    const execution = await stack.active(SLOW);
    expect(await outcome(execution, 'entry')).toBe(expected);
  });

  it('counts from its newest sign, in whatever order they are read', async () => {
    trade(otherId('new'), { ageMs: MINUTE_MS, moves: false });
    trade(otherId('old'), { ageMs: 9.5 * MINUTE_MS, moves: false });
    const execution = await stack.active(SLOW);
    await stack.clock.advance(5 * MINUTE_MS);
    expect(await outcome(execution, 'entry')).toBe('OtherStack');
  });

  it('is seen by the private stream at once', async () => {
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    const { request, venueOrderId } = rest(otherId());
    const report = { ...request, venueOrderId, executed: ZERO, status: 'New', resting: true } as const;
    execution.streamEvents.onOrder({ ...report, clientOrderId: 'zzforeign' });
    expect(execution.sender().obstacle).toBeNull();
    execution.streamEvents.onOrder({ ...report, status: 'Cancelled' });
    expect(execution.sender().obstacle).toBeNull();
    execution.streamEvents.onOrder(report);
    expect(execution.sender().obstacle?.reason).toBe('OtherStack');
  });

  it('is seen by a fill in the private stream at once', async () => {
    const execution = await stack.active({ settings: { reconcileIntervalMs: 600_000 } });
    execution.streamEvents.onFill(trade(otherId(), { moves: false }));
    await stack.clock.advance(10);
    expect(execution.sender().obstacle?.reason).toBe('OtherStack');
  });

  it('that was deleted and left an order behind does not stop its successor for ever', async () => {
    rest(otherId(), { ageMs: 55 * MINUTE_MS });
    const execution = await stack.active(SLOW);
    expect(await outcome(execution, 'entry')).toBe('OtherStack');
    await stack.clock.advance(20 * MINUTE_MS);
    expect(checkOf(execution)).toMatchObject({ ok: true, reason: 'ForeignOrders' });
    expect(execution.foreign()?.orders).toMatchObject([{ stackTag: OTHER_TAG }]);
    expect(await outcome(execution, 'later')).toBe('Filled');
    stack.kill();
    const next = await stack.active(SLOW);
    expect(await outcome(next, 'restarted')).toBe('Filled');
  });

  it('is not what the other colour of this stack is, nor what an earlier process of it sent', async () => {
    const order = stack.approve('resting', { type: 'LIMIT', deadline: stack.clock.nowMs() + HOUR_MS });
    const first = await stack.active(SLOW);
    void first.onApproval(order.decisionId);
    await stack.clock.advance(3_000);
    stack.kill();
    const second = await stack.active(SLOW);
    second.streamEvents.onFill({ ...trade(clientOrderIdOf(TEST_STACK, 'resting', 0, sha256), { moves: false }) });
    await stack.clock.advance(1_000);
    expect([checkOf(second)?.reason, second.sender().obstacle?.reason === 'OtherStack']).toEqual(['Ok', false]);
  });

  it('keeps its clock on monotonic time: a step of the wall clock ends no refusal', async () => {
    trade(otherId(), { moves: false });
    const execution = await stack.active(SLOW);
    stack.clock.setNow(stack.clock.nowMs() + 30 * MINUTE_MS);
    expect(execution.sender().obstacle?.reason).toBe('ClockSkewed');
    stack.clock.setNow(stack.clock.nowMs() - 30 * MINUTE_MS);
    expect(await outcome(execution, 'entry')).toBe('OtherStack');
  });
});
