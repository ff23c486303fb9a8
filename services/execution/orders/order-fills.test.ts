import { beforeEach, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { ONE, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import type { FillRange } from '../../shared/domain/orders/fill-page.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { intendedOrder } from '../core/order-record.ts';

const HOUR_MS = 3_600_000;
const QUANTITY = parseDecimal('10');
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

/** A fill of 1 XRP: of somebody else, unless it names an order of the venue. */
function trade(time: number, venueOrderId = ''): void {
  const { traded } = stack.venue;
  const venueTradeId = `T${traded.length + 1}`;
  const ids = { venueTradeId, venueOrderId: venueOrderId || venueTradeId, clientOrderId: '', symbol: 'XRP/ETH' };
  const amounts = { price: parseDecimal('0.0014'), quantity: ONE, fee: ZERO, feeAsset: 'ETH', maker: false };
  const fill: Fill = { ...ids, ...amounts, side: 'buy', time };
  traded.push(fill);
}

/** Our order, which the venue has filled, three hours ago and now, among `count` fills of somebody else. */
function filledAmong(count: number) {
  const { clock, venue, record } = stack;
  const acceptedAt = clock.nowMs() - 3 * HOUR_MS;
  const times = { decidedAt: acceptedAt, deadline: clock.nowMs() + HOUR_MS };
  const order = stack.approve('busy', { type: 'LIMIT', quantity: QUANTITY, ...times });
  const { clientOrderId, symbol, side, price, quantity } = order;
  const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: acceptedAt });
  record.orders.set(clientOrderId, { ...row, state: { kind: 'Open', venueOrderId: 'V1' } });
  const request = { clientOrderId, symbol, side, price, quantity, type: 'LIMIT' } as const;
  venue.placed.push({ request, venueOrderId: 'V1', acceptedAt, visibleAt: 0, executed: quantity, ended: true });
  for (let index = 0; index < count; index += 1) {
    if (index < 5 || index >= count - 5) trade(acceptedAt + 1_000 + index * 1_000, 'V1');
    trade(acceptedAt + 1_000 + index * 1_000);
  }
  // Fills of today are read by the reconcile too: this test is of what the query of the order reads.
  record.fillsReadTo.set('XRP/ETH', clock.nowMs());
  return order;
}

/** Records what is asked of the fills since the order was accepted. */
function recordingAt(asked: FillRange[]) {
  const sinceMs = stack.clock.nowMs() - HOUR_MS;
  return {
    fills: async (symbol: string, range: FillRange) => {
      if (range.fromMs < sinceMs) asked.push(range);
      return await stack.venue.fills(symbol, range);
    },
  };
}

it('books all fills of an order among more than one run reads, and goes on where the last run was', async () => {
  const order = filledAmong(6_000);
  const asked: FillRange[] = [];
  await stack.active({ at: recordingAt(asked) });
  await stack.clock.advance(60_000);
  expect(stack.stateOf(order)?.kind).toBe('Filled');
  expect(stack.record.fills.all).toHaveLength(10);
  // Each page holds at least 33 fills. A walk that began again would ask for the first ones again.
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.length).toBeLessThan((3 * 6_000) / 100 + 60);
  const starts = asked.map(({ fromMs }) => fromMs);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  stack.kill();
}, 30_000);

it('asks for no more once the order has all its fills', async () => {
  const order = filledAmong(10);
  for (let index = 0; index < 3_000; index += 1) trade(stack.clock.nowMs() - 2 * HOUR_MS + index * 1_000);
  const asked: FillRange[] = [];
  await stack.active({ at: recordingAt(asked) });
  await stack.clock.advance(20_000);
  expect(stack.stateOf(order)?.kind).toBe('Filled');
  expect(asked.length).toBeLessThan(5);
  stack.kill();
});

it('leaves an order open whose fills are in a millisecond that the venue does not list', async () => {
  const order = filledAmong(10);
  const [first] = stack.venue.traded;
  for (let index = 0; index < 150; index += 1) trade(first?.time ?? 0);
  const execution = await stack.active();
  await stack.clock.advance(90_000);
  expect(stack.stateOf(order)?.kind).toBe('Open');
  expect(execution.checks.get('unknowns')?.()).toMatchObject({ ok: false, reason: 'EndedAtVenue' });
  const other = stack.approve('other', { side: 'sell' });
  void execution.onApproval(other.decisionId);
  await stack.clock.advance(2_000);
  expect(stack.stateOf(other)?.kind).toBe('Filled');
  stack.kill();
});
