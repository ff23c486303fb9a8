import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { FaultyVenue } from '../../../test/faults/faulty-venue.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { startVirtualExecution } from '../../../test/harness/virtual-execution.ts';
import { createVirtualStack } from '../../../test/harness/virtual-stack.ts';
import { formatDecimal, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';

const HOUR_MS = 3_600_000;

it('adopts an order with our tag whose record is lost, records all its fills, and opens the ledger', async () => {
  const clock = virtualClock();
  const store = new MemoryExecutionStore();
  const venue = new FaultyVenue(clock, () => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
  const ending = new AbortController();
  const { clientOrderId, symbol, side, price, quantity } = approvedOrder('lost');
  const acceptedAt = clock.nowMs() - 3 * HOUR_MS;
  const venueOrderId = 'V1';
  const executed = parseDecimal('4');
  const request = { clientOrderId, symbol, side, price, quantity, type: 'LIMIT' } as const;
  venue.placed.push({ request, venueOrderId, acceptedAt, visibleAt: acceptedAt, executed, ended: false });
  const ids = { venueOrderId, clientOrderId, symbol, side };
  const fee = { fee: ZERO, feeAsset: 'ETH', maker: true };
  venue.traded.push({ ...ids, ...fee, price, venueTradeId: 'T1', quantity: executed, time: acceptedAt + HOUR_MS });

  const execution = startVirtualExecution({ clock, store, venue, incarnation: 'me' }, ending.signal);
  await clock.advance(1);
  await execution.activate(1);
  await clock.advance(5_000);
  ending.abort(new Error('the test ends'));

  expect(store.fills.all.map(({ venueTradeId }) => venueTradeId)).toEqual(['T1']);
  // The order has no known deadline, so it is cancelled. It ends because its fill is recorded.
  expect(store.orders.get(clientOrderId)).toMatchObject({ state: { kind: 'Cancelled', filled: executed } });
  const ledger = [...store.ledger()].map(([asset, amount]) => [asset, formatDecimal(amount)]);
  expect(Object.fromEntries(ledger)).toEqual(venue.holdingsText());
  expect(execution.figures()['ledgerDrifts']).toBe(0);
});

it('sends no order after a step of the wall clock, and resumes when the clock is right again', async () => {
  const clock = virtualClock();
  const store = new MemoryExecutionStore();
  const venue = new FaultyVenue(clock, () => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [] }));
  const ending = new AbortController();
  const settings = { skewBoundMs: 500, reconcileIntervalMs: 600_000 };
  const execution = startVirtualExecution({ clock, store, venue, incarnation: 'me', settings }, ending.signal);
  await clock.advance(1);
  await execution.activate(1);
  await clock.advance(5_000);
  const rightMs = clock.nowMs();
  clock.setNow(rightMs + 501);
  expect(execution.checks.get('clock')?.()).toMatchObject({ ok: false, reason: 'ClockSkewed' });
  const order = approvedOrder('stepped');
  store.approvals.push(order);
  await execution.onApproval(order.decisionId);
  await clock.advance(1_500);
  expect(venue.received).toEqual([]);
  clock.setNow(rightMs + 1_500 + 499);
  expect(execution.checks.get('clock')?.().ok).toBe(true);
  await clock.advance(1_500);
  expect(venue.received.map(({ clientOrderId }) => clientOrderId)).toEqual([order.clientOrderId]);
  ending.abort(new Error('the test ends'));
});

it.each(Array.from({ length: 20 }, (_, index) => 100 * index))(
  'finds no order whose answer arrives during a run, %d ms on',
  async (offsetMs) => {
    const stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
    const { clock, venue } = stack;
    const registry = new Registry();
    const execution = await stack.active({
      registry,
      // More instruments than are compared at the same time: the last one waits for another.
      settings: { symbols: ['A/ETH', 'B/ETH', 'C/ETH', 'D/ETH', 'XRP/ETH'] },
      at: {
        fills: async (symbol, range) => {
          await clock.sleep(400);
          return await venue.fills(symbol, range);
        },
        place: async (request, terms) => {
          const reply = await venue.place(request, terms);
          await clock.sleep(200);
          return reply;
        },
      },
    });
    await clock.advance(offsetMs);
    const order = stack.approve('resting', { type: 'LIMIT' });
    void execution.onApproval(order.decisionId);
    await clock.advance(5_000);
    expect(stack.stateOf(order)?.kind).toBe('Open');
    expect(await registry.getSingleMetric('tradingstack_execution_findings_total')?.get()).toMatchObject({
      values: [],
    });
    stack.kill();
  },
);
