import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVirtualStack, type Changes, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { Execution } from '../service.ts';

const d = parseDecimal;
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

async function offer(execution: Execution, id: string, change: Partial<ApprovedOrder> = {}, ms = 1_000) {
  const order = stack.approve(id, change);
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(ms);
  return order;
}

const checkOf = (execution: Execution, name: string) => execution.checks.get(name)?.();

/** Buys so much that the position after it is out of range. */
async function fillOutOfRange(changes: Changes = {}): Promise<{ execution: Execution; order: ApprovedOrder }> {
  const execution = await stack.active({ settings: { symbols: ['XRP/ETH', 'ADA/ETH'] }, ...changes });
  stack.record.positions.set('trend XRP/ETH', { quantity: d('1'), cost: d('99999999999999999999'), realised: d('0') });
  const order = await offer(execution, 'huge', { price: d('1') });
  return { execution, order };
}

it('a fill that cannot be booked is set apart with its payload, and everything else goes on', async () => {
  const { execution, order } = await fillOutOfRange();
  await stack.clock.advance(120_000);
  const [letter, ...others] = [...stack.record.deadLetters.values()];
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ kind: 'Fill', id: 'XRP/ETH T1 V1', symbol: 'XRP/ETH', problem: /^OutOfRange/ });
  expect(JSON.parse(letter?.payload ?? '')).toMatchObject({ observation: { fill: { quantity: '10', price: '1' } } });
  expect(checkOf(execution, 'dead letters')).toMatchObject({ ok: false, reason: 'SetApart' });
  expect(checkOf(execution, 'dead letters')?.message).toContain('Fill XRP/ETH T1 V1: OutOfRange');
  // The order has not ended, because its fill is not recorded. Nothing else waits for it.
  expect(stack.stateOf(order)?.kind).toBe('CancelPending');
  expect(execution.figures()['lastReconcileAgeMs']).toBeLessThan(5_000);
  expect(checkOf(execution, 'reconcile')?.ok).toBe(true);
  expect(stack.clock.nowMs() - (stack.record.comparedAt.get('XRP') ?? 0)).toBeLessThan(5_000);
  expect(checkOf(execution, 'ledger')?.ok).toBe(true);
  const other = await offer(execution, 'other', { symbol: 'ADA/ETH' });
  expect(stack.stateOf(other)?.kind).toBe('Filled');
  expect(stack.stateOf(await offer(execution, 'entry'))).toEqual({ kind: 'NeverSent', reason: 'SetApart' });
  const exit = await offer(execution, 'exit', { side: 'sell' });
  expect(stack.placed()).toContain(exit.clientOrderId);
});

it.each([
  ['cannot be booked', 'CancelPending'],
  ['are hidden', 'Submitted'],
])('what a sale has executed is known though its fills %s', async (why) => {
  const hides = why === 'are hidden';
  const hidden = async () =>
    await Promise.resolve({ kind: 'ok', value: { fills: [], unread: [], complete: true } } as const);
  const execution = await stack.active(hides ? { at: { fills: hidden } } : {});
  if (hides) stack.venue.listener = undefined;
  else
    stack.record.positions.set('trend XRP/ETH', {
      quantity: d('50'),
      cost: d('1'),
      realised: d('99999999999999999999'),
    });
  const order = await offer(execution, 'sale', { side: 'sell', price: d('1') }, 60_000);
  const stored = stack.record.orders.get(order.clientOrderId);
  expect([stored?.filled, stored?.finalExecuted]).toEqual([0n, order.quantity]);
  expect(stack.record.deadLetters.size).toBe(hides ? 0 : 1);
});

it('a fill that was set apart is booked when its cause is gone, and its symbol takes entries again', async () => {
  const { execution, order } = await fillOutOfRange();
  await stack.clock.advance(5_000);
  expect(stack.record.deadLetters.size).toBe(1);
  stack.record.positions.clear();
  await stack.clock.advance(15_000);
  expect(stack.stateOf(order)?.kind).toBe('Filled');
  expect(stack.record.deadLetters.size).toBe(0);
  expect(checkOf(execution, 'dead letters')?.ok).toBe(true);
  expect(stack.stateOf(await offer(execution, 'entry'))?.kind).toBe('Filled');
});

it('a letter of an earlier process is known to the next one, and one that a person clears is gone', async () => {
  await fillOutOfRange();
  stack.kill();
  stack.record.orders.clear();
  stack.venue.placed.length = 0;
  stack.venue.traded.length = 0;
  const execution = await stack.active();
  await stack.clock.advance(5_000);
  expect(checkOf(execution, 'dead letters')?.ok).toBe(false);
  stack.record.deadLetters.clear();
  await stack.clock.advance(5_000);
  expect(checkOf(execution, 'dead letters')?.ok).toBe(true);
});

it('a letter that the record does not take is kept in memory, and saved later', async () => {
  let available = false;
  const { execution } = await fillOutOfRange({
    store: {
      keepDeadLetter: async (letter) => {
        if (!available) throw new Error('the database is unavailable');
        await stack.record.keepDeadLetter(letter);
      },
    },
  });
  await stack.clock.advance(5_000);
  expect(stack.record.deadLetters.size).toBe(0);
  expect(checkOf(execution, 'dead letters')?.ok).toBe(false);
  available = true;
  await stack.clock.advance(5_000);
  expect(stack.record.deadLetters.size).toBe(1);
});
