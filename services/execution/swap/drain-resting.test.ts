import { afterEach, beforeEach, expect, it } from 'vitest';
import { CALM, RESTING } from '../../../test/faults/fates.ts';
import { createDrainStack, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';

let stack: DrainStack;

beforeEach(() => {
  stack = createDrainStack();
});

afterEach(() => stack.kill());

const RELEASED = { epoch: 1, holder: '' };

it.each([
  ['Carry', false, 'Open'],
  ['Cancel', true, 'Cancelled'],
] as const)('with %s, leaves resting orders as they should be', async (resting, ended, state) => {
  stack.fate = RESTING;
  const execution = await stack.active();
  const order = await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
  const [outcome] = await stack.drained(execution, { resting }, 1_000);
  expect(outcome?.response.drained).toBe(true);
  expect(outcome?.response.openOrders).toHaveLength(ended ? 0 : 1);
  expect([stack.venue.placed[0]?.ended, stack.stateOf(order)?.kind]).toEqual([ended, state]);
  // Nobody cancels what the next sender has taken over, not even at the deadline of the order.
  await stack.clock.advance(20_000);
  expect(stack.venue.placed[0]?.ended).toBe(ended);
});

it('cancels what rests when a halt comes in the middle', async () => {
  stack.fate = RESTING;
  const execution = await stack.active();
  await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
  stack.fate = { ...CALM, reply: 'lostBefore' };
  await stack.offered(execution, 'unknown', {}, 1_100);
  await stack.drained(execution, {}, 100);
  expect(execution.sender().role).toBe('draining');
  stack.record.restrict('console', 'Halted');
  await stack.clock.advance(1_000);
  expect([execution.sender().role, stack.venue.placed[0]?.ended]).toEqual(['draining', true]);
});

it('may be stopped in the middle, and releases the fence as a sender does', async () => {
  stack.fate = RESTING;
  const execution = await stack.active();
  await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
  stack.fate = { ...RESTING, reply: 'lostAfter' };
  await stack.offered(execution, 'unknown', { type: 'LIMIT' }, 100);
  await stack.drained(execution, {}, 10);
  expect(execution.sender().role).toBe('draining');
  void Promise.all(execution.parts.map(async (part) => await part.drain?.()));
  await stack.clock.advance(3_000);
  expect([execution.sender().role, stack.record.fence]).toEqual(['fenced', RELEASED]);
  expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([true, true]);
});

it('cancels what was on its way to the venue, also when a later request would carry it', async () => {
  stack.fate = { ...RESTING, travelMs: 300 };
  const execution = await stack.active();
  await stack.offered(execution, 'late', { type: 'LIMIT' }, 50);
  await stack.drained(execution, { resting: 'Cancel' }, 50);
  const [outcome] = await stack.drained(execution, { resting: 'Carry' }, 3_000);
  expect(outcome?.response).toMatchObject({ drained: true, openOrders: [] });
  expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([true]);
});
