import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSuccessionStack, type SuccessionStack } from '../../../test/harness/execution/succession-stack.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';

const CANARY = { since: 2, maxNotional: parseDecimal('10') };
let stack: SuccessionStack;

beforeEach(async () => {
  stack = await createSuccessionStack();
});

afterEach(() => stack.kill());

/** Drains the old sender, and activates the next one with a canary. */
async function swapped() {
  const next = await stack.armed();
  await stack.drained(stack.old, {}, 100);
  return next;
}

it('sends no entry that was approved before the canary, and every exit', async () => {
  const next = await swapped();
  const entry = stack.approve('entry');
  const exit = stack.approve('exit', { side: 'sell' });
  await next.activate(2, CANARY);
  await stack.clock.advance(5_000);
  expect(stack.placed()).toEqual([exit.clientOrderId]);
  expect(stack.stateOf(entry)).toEqual({ kind: 'NeverSent', reason: 'OutsideCanary' });
  expect(next.sender()).toMatchObject({ role: 'active', canary: { since: 2, maxNotional: '10' } });
});

it('sends the entries that risk counted against the cap, and no others', async () => {
  const next = await swapped();
  await next.activate(2, CANARY);
  await stack.clock.advance(3_000);
  const counted = await stack.offered(next, 'counted', { canary: 2 }, 100);
  const other = await stack.offered(next, 'other', { canary: 1 }, 100);
  expect(stack.placed()).toEqual([counted.clientOrderId]);
  expect(stack.stateOf(other)).toEqual({ kind: 'NeverSent', reason: 'OutsideCanary' });
});

it('sends any entry once the canary is lifted, in the same epoch', async () => {
  const next = await swapped();
  await next.activate(2, CANARY);
  await stack.clock.advance(3_000);
  await next.activate(2);
  const entry = await stack.offered(next, 'entry', {}, 100);
  expect(stack.placed()).toEqual([entry.clientOrderId]);
  expect(next.sender()).toMatchObject({ role: 'active', epoch: 2, canary: null });
});

it('ends an entry by the canary of the record, although this process does not know of it yet', async () => {
  const next = await swapped();
  await next.activate(2);
  await stack.clock.advance(3_000);
  await stack.record.raiseFence({ ...stack.record.fence, canary: CANARY });
  const entry = await stack.offered(next, 'entry', {}, 0);
  await stack.clock.advance(3_000);
  expect([stack.placed(), stack.stateOf(entry)]).toEqual([[], { kind: 'NeverSent', reason: 'OutsideCanary' }]);
});
