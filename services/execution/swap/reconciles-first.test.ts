import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RESTING } from '../../../test/faults/fates.ts';
import { createSuccessionStack, type SuccessionStack } from '../../../test/harness/execution/succession-stack.ts';
import type { Execution } from '../service.ts';

let stack: SuccessionStack;

beforeEach(async () => {
  stack = await createSuccessionStack();
});

afterEach(() => stack.kill());

describe('a process reconciles before its first order', () => {
  it.each<[string, (next: Execution) => Promise<unknown> | void]>([
    ['when the fence was not released', async () => await Promise.resolve()],
    [
      'when the old sender had compared nothing',
      async () => {
        await stack.drained(stack.old, {}, 100);
        stack.record.fences.released = undefined;
      },
    ],
    [
      'when a clock went back',
      async () => {
        await stack.drained(stack.old, {}, 100);
        const { released } = stack.record.fences;
        if (released !== undefined) stack.record.fences.released = { ...released, agoMs: -1 };
      },
    ],
    [
      'when the record went back',
      async () => {
        await stack.drained(stack.old, {}, 100);
        stack.record.identity = { ...stack.record.identity, timeline: 2 };
        await stack.clock.advance(1_000);
      },
    ],
    [
      'when its last rehearsal is too old',
      async () => {
        await stack.drained(stack.old, {}, 100);
        stack.silence(true);
        await stack.clock.advance(130_000);
      },
    ],
  ])('%s', async (_title, prepare) => {
    const next = await stack.armed();
    await prepare(next);
    stack.silence(true);
    await next.activate(2);
    await stack.clock.advance(4_000);
    expect(next.sender().role).toBe('activating');
    stack.silence(false);
    await stack.clock.advance(3_000);
    expect(next.sender().role).toBe('active');
  });

  it('when it could not rehearse', async () => {
    stack.silence(true);
    const next = await stack.armed();
    expect(next.sender()).toMatchObject({ role: 'armed', rehearsed: false });
    expect(await stack.swapTo(next)).toBe(true);
    expect(next.sender().role).toBe('activating');
  });

  it('and waits until nothing of a sender that crashed in its drain can arrive', async () => {
    const next = await stack.armed();
    stack.fate = { ...RESTING, reply: 'lostAfter' };
    await stack.offered(stack.old, 'unknown', {}, 10);
    await stack.drained(stack.old, {}, 10);
    await next.activate(2);
    await stack.clock.advance(1_400);
    expect(next.sender().role).toBe('activating');
    await stack.clock.advance(1_000);
    expect(next.sender().role).toBe('active');
    expect(stack.old.sender().role).toBe('fenced');
  });
});
