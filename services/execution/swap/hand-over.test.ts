import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { Execution } from '../service.ts';

const RESTING = { reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] } as const;
let stack: VirtualStack;
let seen: string[];

beforeEach(() => {
  stack = createVirtualStack(() => RESTING);
  seen = [];
});
afterEach(() => stack.kill());

/** Starts a process whose outbox takes a moment to relay. */
async function active(): Promise<Execution> {
  const flushOutbox = async (): Promise<void> => {
    seen.push(...[...stack.record.orders.values()].map(({ state }) => state.kind));
    await stack.clock.sleep(300);
    seen.push('flushed');
  };
  const releaseFence: typeof stack.record.releaseFence = async (...held) => {
    seen.push('released');
    return await stack.record.releaseFence(...held);
  };
  return await stack.active({ store: { releaseFence }, flushOutbox });
}

async function stop(execution: Execution): Promise<void> {
  void execution.parts.find(({ name }) => name === 'fence')?.drain?.();
  await stack.clock.advance(5_000);
}

it('relays the last messages of a process that stops once its orders have ended, before it releases the fence', async () => {
  const execution = await active();
  const deadline = stack.clock.nowMs() + 60_000;
  void execution.onApproval(stack.approve('resting', { type: 'LIMIT', deadline }).decisionId);
  await stack.clock.advance(100);
  await stop(execution);
  expect(seen).toEqual(['Cancelled', 'flushed', 'released']);
});

it('relays nothing for a process that never held the fence', async () => {
  const execution = stack.start({ flushOutbox: async () => await Promise.resolve(void seen.push('flushed')) });
  await stack.clock.advance(1_000);
  await stop(execution);
  expect(seen).toEqual([]);
});
