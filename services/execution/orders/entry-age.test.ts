import { afterEach, beforeEach, expect, it } from 'vitest';
import { RESTING } from '../../../test/faults/fates.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { ORDER_TYPES } from '../../shared/domain/orders/order.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

const HOUR_MS = 3_600_000;
const HALF_HOUR_MS = 1_800_000;
const VALID_MS = 60_000;
const EXPIRED = { kind: 'NeverSent', reason: 'Expired' };
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

/** An approval that may rest for an hour, of a signal that is valid for a minute. */
function approve(id: string, change: Partial<ApprovedOrder> = {}): ApprovedOrder {
  const nowMs = stack.clock.nowMs();
  return stack.approve(id, { deadline: nowMs + HOUR_MS, sendUntil: nowMs + VALID_MS, ...change });
}

it.each(ORDER_TYPES)('an entry %s that waited for a sender for half an hour is not sent any more', async (type) => {
  const order = approve('old', { type });
  await stack.clock.advance(HALF_HOUR_MS);
  await stack.active();
  await stack.clock.advance(5_000);
  expect([stack.placed(), stack.stateOf(order)]).toEqual([[], EXPIRED]);
});

it('ends as soon as its signal is too old, also while nothing can be sent', async () => {
  let isDown = false;
  const readFence: typeof stack.record.readFence = async () => {
    if (isDown) throw new Error('the fence cannot be read');
    return await stack.record.readFence();
  };
  await stack.active({ store: { readFence } });
  isDown = true;
  await stack.clock.advance(3_000);
  const [old, young] = [approve('old'), approve('young', { sendUntil: stack.clock.nowMs() + HOUR_MS })];
  await stack.clock.advance(VALID_MS - 2_000);
  expect(stack.stateOf(old)).toBeUndefined();
  await stack.clock.advance(4_000);
  expect([stack.stateOf(old), stack.stateOf(young), stack.placed()]).toEqual([EXPIRED, undefined, []]);
});

it('is not sent when its signal becomes too old while the intent is being committed', async () => {
  const commitIntent: typeof stack.record.commitIntent = async (...intent) => {
    await stack.clock.sleep(300);
    return await stack.record.commitIntent(...intent);
  };
  const execution = await stack.active({ store: { commitIntent } });
  const late = approve('late', { sendUntil: stack.clock.nowMs() + 200 });
  void execution.onApproval(late.decisionId);
  await stack.clock.advance(1_000);
  expect([stack.stateOf(late), stack.placed()]).toEqual([EXPIRED, []]);
});

it('rests until its deadline once it is sent', async () => {
  stack = createVirtualStack(() => RESTING);
  const execution = await stack.active();
  const order = approve('resting', { type: 'LIMIT_MAKER' });
  void execution.onApproval(order.decisionId);
  await stack.clock.advance(VALID_MS * 3);
  expect(stack.stateOf(order)?.kind).toBe('Open');
});
