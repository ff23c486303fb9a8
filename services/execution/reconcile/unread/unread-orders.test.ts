import { afterEach, beforeEach, expect, it } from 'vitest';
import { TEST_TAG } from '../../../../test/fixtures/approved-orders.ts';
import { createVirtualStack, type VirtualStack } from '../../../../test/harness/virtual-stack.ts';
import { isUnread, type ListedOrder, type UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import { parseOrders } from '../../../shared/venue/mexc/rest/replies.ts';
import { clientOrderIdOf } from '../../../shared/domain/ids.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import type { Execution } from '../../service.ts';

const SYMBOL = 'XRP/ETH';
const ADA = 'ADA/ETH';
let stack: VirtualStack;
/** What is listed of XRP/ETH beside what the venue has, and the orders that it shows in this way only. */
let unread: UnreadOrder[];

beforeEach(() => {
  stack = createVirtualStack();
  unread = [];
});

afterEach(() => stack.kill());

function row(known: UnreadOrder['known'], digest = 'abc'): UnreadOrder {
  return { row: '{"status":"HELD"}', problem: 'status', digest, known };
}

async function start(at = {}): Promise<Execution> {
  const isHidden = ({ clientOrderId }: { readonly clientOrderId: string }): boolean =>
    unread.some(({ known }) => known.clientOrderId === clientOrderId);
  const openOrders = async (symbol: string) => {
    const reply = await stack.venue.openOrders();
    if (reply.kind !== 'ok') return reply;
    const readable: readonly ListedOrder[] = reply.value.filter((one) => one.symbol === symbol && !isHidden(one));
    return { kind: 'ok', value: symbol === SYMBOL ? [...readable, ...unread] : readable } as const;
  };
  return await stack.active({ settings: { symbols: [SYMBOL, ADA] }, at: { openOrders, ...at } });
}

async function offer(execution: Execution, id: string, change: Partial<ApprovedOrder> = {}) {
  const order = stack.approve(id, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(1_000);
  return order;
}

const letters = () => [...stack.record.deadLetters.values()].map(({ kind, id }) => `${kind} ${id}`);

it('is set apart: its pair takes no entries and sends exits, and other pairs trade', async () => {
  unread.push(row({ venueOrderId: 'V9', clientOrderId: '' }));
  const execution = await start();
  await stack.clock.advance(30_000);
  expect(letters()).toEqual(['Order listed:XRP/ETH V9']);
  expect(execution.checks.get('dead letters')?.()).toMatchObject({ ok: false, reason: 'SetApart' });
  expect(execution.checks.get('reconcile')?.()).toMatchObject({ ok: true });
  expect(stack.stateOf(await offer(execution, 'entry'))).toEqual({ kind: 'NeverSent', reason: 'SetApart' });
  expect(stack.stateOf(await offer(execution, 'exit', { side: 'sell' }))?.kind).toBe('Filled');
  expect(stack.stateOf(await offer(execution, 'other', { symbol: ADA }))?.kind).toBe('Filled');
});

it('is no longer set apart once it can be read or has ended, and set apart when it is listed again', async () => {
  unread.push(row({ venueOrderId: 'V9' }));
  const execution = await start();
  const shown = unread.splice(0);
  await stack.clock.advance(10_000);
  expect(letters()).toEqual([]);
  expect(stack.stateOf(await offer(execution, 'entry'))?.kind).toBe('Filled');
  unread.push(...shown);
  await stack.clock.advance(10_000);
  expect(letters()).toEqual(['Order listed:XRP/ETH V9']);
  stack.record.clearByHand({ kind: 'Order', id: 'listed:XRP/ETH V9' });
  await stack.clock.advance(30_000);
  expect(letters()).toEqual([]);
});

it('is set apart again by the next process when it is listed again', async () => {
  unread.push(row({ venueOrderId: 'V9' }));
  await start();
  const shown = unread.splice(0);
  await stack.clock.advance(10_000);
  expect(letters()).toEqual([]);
  stack.kill();
  const next = await start();
  unread.push(...shown);
  await stack.clock.advance(30_000);
  expect(letters()).toEqual(['Order listed:XRP/ETH V9']);
  expect(stack.stateOf(await offer(next, 'entry'))).toEqual({ kind: 'NeverSent', reason: 'SetApart' });
});

it.each([
  ['IDs', { venueOrderId: 'V9' }, 'V9'],
  ['no IDs', {}, 'row abc'],
])('with %s stays cleared when a person clears its letter, also in the next process', async (_title, known, name) => {
  unread.push(row(known));
  let execution = await start();
  expect(letters()).toEqual([`Order listed:XRP/ETH ${name}`]);
  stack.record.clearByHand({ kind: 'Order', id: `listed:XRP/ETH ${name}` });
  await stack.clock.advance(60_000);
  expect(letters()).toEqual([]);
  expect(execution.checks.get('dead letters')?.()).toMatchObject({ ok: true });
  stack.kill();
  execution = await start();
  await stack.clock.advance(30_000);
  expect(letters()).toEqual([]);
  expect(stack.stateOf(await offer(execution, 'entry'))?.kind).toBe('Filled');
});

it.each(['our ID', "the venue's ID"])('that names our order by %s is open, and not missing', async (by) => {
  let asked = 0;
  const order = async () => {
    asked += 1;
    return await Promise.resolve({ kind: 'notFound' } as const);
  };
  stack.kill();
  stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
  const execution = await start({ order });
  const deadline = stack.clock.nowMs() + 3_600_000;
  const resting = await offer(execution, 'rest', { type: 'LIMIT', side: 'sell', deadline });
  const { clientOrderId } = resting;
  unread.push(row(by === 'our ID' ? { clientOrderId } : { venueOrderId: 'V1' }));
  if (by !== 'our ID') stack.venue.placed.length = 0;
  asked = 0;
  await stack.clock.advance(120_000);
  expect(asked).toBe(0);
  expect(stack.stateOf(resting)?.kind).toBe('Open');
  expect(execution.figures()).toMatchObject({ openOrders: 1 });
  expect(execution.checks.get('reconcile')?.()).toMatchObject({ ok: true });
});

it('with the ID of somebody else stops nothing, and is counted and named as foreign', async () => {
  unread.push(row({ venueOrderId: 'V9', clientOrderId: 'byhand1', symbol: SYMBOL }), row({ clientOrderId: 'byhand2' }));
  const execution = await start();
  await stack.clock.advance(10_000);
  expect(letters()).toEqual([]);
  expect(execution.foreign()).toEqual({ openOrders: 2, orders: [] });
  const message = expect.stringMatching(
    /: XRP\/ETH order that cannot be read \(V9\); order that cannot be read \(row abc\)$/,
  );
  expect(execution.checks.get('foreign orders')?.()).toMatchObject({ ok: true, reason: 'ForeignOrders', message });
  expect(stack.record.quarantined.size).toBe(0);
  expect(stack.stateOf(await offer(execution, 'entry'))?.kind).toBe('Filled');
});

it.each([
  ['of now', 0, { kind: 'NeverSent', reason: 'OtherStack' }],
  ['of two hours ago', 7_200_000, { kind: 'Filled' }],
] as const)('of another stack, %s, is a sign of it as one that can be read', async (_title, ageMs, state) => {
  const clientOrderId = clientOrderIdOf('demo-87654321', 'x', 0, sha256);
  const createdAt = stack.clock.nowMs() - ageMs;
  unread.push(row({ venueOrderId: 'V9', clientOrderId, symbol: SYMBOL, createdAt }));
  const execution = await start();
  await stack.clock.advance(1_000);
  expect(stack.stateOf(await offer(execution, 'entry'))).toMatchObject(state);
});

it('that carries the tag of the stack is cancelled during a halt, and counted as open', async () => {
  const cancelled: string[] = [];
  unread.push(row({ clientOrderId: `${TEST_TAG}lost` }));
  const execution = await start({
    cancel: async (_symbol: string, id: string) => {
      cancelled.push(id);
      return await Promise.resolve({ kind: 'ok', value: undefined } as const);
    },
  });
  stack.record.restrict('console', 'Halted');
  await stack.clock.advance(5_000);
  expect(execution.sender().openOrders?.count).toBe(1);
  expect(cancelled).toContain(`${TEST_TAG}lost`);
});

/** A halt of a stack whose own order the venue lists as open, in a row that cannot be read and ends with `owner`. */
async function haltedWith(owner: Readonly<Record<string, unknown>>, isKnownThere: boolean) {
  stack.kill();
  stack = createVirtualStack(() => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
  const cancelled: string[] = [];
  const execution = await start({
    cancel: async (_symbol: string, id: string) => {
      cancelled.push(id);
      return await Promise.resolve({ kind: 'unknown', reason: 'timeout' } as const);
    },
  });
  const order = await offer(execution, 'rest', { type: 'LIMIT', deadline: stack.clock.nowMs() + 3_600_000 });
  const orderId = isKnownThere ? 'V1' : 'V2';
  const amounts = { price: '1', origQty: '1', executedQty: '0' };
  const listed = { symbol: 'XRPETH', orderId, ...amounts, status: 'HELD', type: 'LIMIT', side: 'BUY', ...owner };
  unread.push(...parseOrders([listed], new Map([['XRPETH', SYMBOL]])).filter((one) => isUnread(one)));
  expect(unread).toHaveLength(1);
  // The list has the row in place of the order.
  stack.venue.placed.length = 0;
  await stack.clock.advance(5_000);
  stack.record.restrict('console', 'Halted');
  await stack.clock.advance(10_000);
  return { execution, order, cancelled };
}

const OWNERS = [
  ['null', { clientOrderId: null }],
  ['missing', {}],
  ['empty', { clientOrderId: '' }],
  ['a number', { clientOrderId: 5 }],
] as const;

it.each(OWNERS)(
  "is open during a halt when it has the venue's ID of our order, and ours is %s",
  async (_title, owner) => {
    const { execution, order, cancelled } = await haltedWith(owner, true);
    expect(execution.sender().openOrders?.count).toBe(1);
    expect(cancelled).toContain(order.clientOrderId);
  },
);

it.each(OWNERS)(
  'leaves the count of a halt unknown when no order has its ID and our ID is %s',
  async (_title, owner) => {
    const { execution } = await haltedWith(owner, false);
    expect(execution.sender().openOrders).toBeNull();
  },
);
