import { beforeEach, expect, it } from 'vitest';
import { approvedOrder, TEST_TAG } from '../../../test/fixtures/approved-orders.ts';
import { startMissedFills } from '../../../test/harness/execution/missed-fills-process.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { ONE, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import type { UnreadFill } from '../../shared/domain/orders/fill-page.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { intendedOrder } from '../core/order-record.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';

const SYMBOL = 'XRP/ETH';
let clock: VirtualClock;
let store: MemoryExecutionStore;
let unread: UnreadFill[];
let listed: Fill[];

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  unread = [];
  listed = [];
});

async function start() {
  const value = () => ({ fills: listed, unread, complete: true });
  const fills = async () => await Promise.resolve({ kind: 'ok', value: value() } as const);
  const { run, ...started } = await startMissedFills({ store, clock, fills });
  return { ...started, run: async () => await run(SYMBOL) };
}

function unreadFill(clientOrderId: string, change: Partial<UnreadFill> = {}): UnreadFill {
  const ids = { venueTradeId: 'T1', venueOrderId: 'V1', clientOrderId };
  return { ...ids, time: clock.nowMs(), row: { id: 'T1', commission: '1E-19' }, problem: 'commission', ...change };
}

/** A readable fill of our order, which rests. */
function ourFill(venueTradeId: string): Fill {
  const order = approvedOrder('ours', { type: 'LIMIT', quantity: parseDecimal('1000') });
  const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: clock.nowMs() });
  const { clientOrderId } = order;
  if (!store.orders.has(clientOrderId))
    store.orders.set(clientOrderId, { ...row, state: { kind: 'Open', venueOrderId: 'V1' } });
  const ids = { venueTradeId, venueOrderId: 'V1', clientOrderId, symbol: SYMBOL, feeAsset: 'ETH' };
  return { ...ids, side: 'buy', price: ONE, quantity: ONE, fee: ZERO, maker: false, time: clock.nowMs() };
}

it.each([
  ['may be ours', ''],
  ['is ours', `${TEST_TAG}abc`],
])('a fill that %s and cannot be read is set apart with its row, and the others are booked', async (_what, id) => {
  const process = await start();
  listed.push(ourFill('T2'));
  unread.push(unreadFill(id));
  expect(await process.run()).toBeUndefined();
  expect(store.fills.all.map(({ venueTradeId }) => venueTradeId)).toEqual(['T2']);
  expect(process.deadLetters.open).toEqual([
    {
      kind: 'Fill',
      id: 'XRP/ETH T1 V1',
      symbol: SYMBOL,
      problem: 'commission',
      payload: '{"row":{"id":"T1","commission":"1E-19"}}',
    },
  ]);
});

it('a fill that can be read again is booked, and no longer set apart', async () => {
  const process = await start();
  unread.push(unreadFill(''));
  await process.run();
  expect(process.deadLetters.open).toHaveLength(1);
  unread.pop();
  listed.push(ourFill('T1'));
  expect(await process.run()).toBeUndefined();
  expect(store.fills.all).toHaveLength(1);
  expect(process.deadLetters.open).toEqual([]);
});

it('a fill that the private stream has reported is recorded, however the list shows it', async () => {
  const process = await start();
  await process.orders.onFill(ourFill('T1'));
  unread.push(unreadFill(''));
  expect(await process.run()).toBeUndefined();
  expect(process.deadLetters.open).toEqual([]);
});

it('a fill of an order of somebody else is counted, and stops nothing', async () => {
  const process = await start();
  unread.push(unreadFill('byhand1', { time: undefined }));
  expect(await process.run()).toBeUndefined();
  expect(process.deadLetters.open).toEqual([]);
  expect(await process.foreign()).toBe(1);
});

it('two fills without IDs are set apart each', async () => {
  const process = await start();
  const none = { venueTradeId: '', venueOrderId: '' };
  unread.push(unreadFill('', { ...none, row: 1 }), unreadFill('', { ...none, row: 2 }));
  await process.run();
  expect(process.deadLetters.open.map(({ payload }) => payload)).toEqual(['{"row":1}', '{"row":2}']);
});
