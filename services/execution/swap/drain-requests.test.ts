import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALM, RESTING } from '../../../test/faults/fates.ts';
import { createDrainStack, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';

let stack: DrainStack;

beforeEach(() => {
  stack = createDrainStack();
});

afterEach(() => stack.kill());

describe('a drain', () => {
  it('is refused by a process that does not hold the epoch', async () => {
    const execution = stack.start();
    await stack.clock.advance(1);
    const asked = { epoch: 1, deadlineMs: 0, resting: 'Carry' } as const;
    const armed = 'this process is armed with epoch 0, and does not hold epoch 1';
    expect(await execution.drain(asked)).toMatchObject({
      accepted: false,
      response: { drained: false, reason: armed },
    });
    await execution.activate(2);
    await stack.clock.advance(3_000);
    expect(await execution.drain(asked)).toMatchObject({ accepted: false, response: { drained: false, epoch: 2 } });
    expect(execution.sender().role).toBe('active');
  });

  it('may be repeated, also after it has ended, and its last policy counts', async () => {
    stack.fate = RESTING;
    const execution = await stack.active();
    await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
    stack.fate = { ...CALM, reply: 'lostBefore' };
    await stack.offered(execution, 'unknown', {}, 1_100);
    const outcomes = [
      await stack.drained(execution, { deadlineMs: 100 }, 100),
      await stack.drained(execution, { resting: 'Cancel', deadlineMs: 100 }, 100),
      await stack.drained(execution, {}, 8_000),
    ];
    expect(outcomes.map(([outcome]) => outcome?.response.drained)).toEqual([false, false, true]);
    expect([execution.sender().role, stack.venue.placed[0]?.ended]).toEqual(['standby', true]);
    expect(await stack.drained(execution, {}, 0)).toMatchObject([
      { accepted: true, response: { drained: true, epoch: 1 } },
    ]);
    expect(await stack.drained(execution, { epoch: 2 }, 0)).toMatchObject([{ accepted: false }]);
  });

  it('has a policy of its own: that of a former epoch does not cancel what rests', async () => {
    stack.fate = RESTING;
    const execution = await stack.active();
    await stack.offered(execution, 'first', { type: 'LIMIT' }, 100);
    await stack.drained(execution, { resting: 'Cancel' }, 1_000);
    await execution.activate(2);
    await stack.clock.advance(1_000);
    await stack.offered(execution, 'second', { type: 'LIMIT' }, 100);
    const outcomes = await stack.drained(execution, { epoch: 2, resting: 'Carry' }, 1_000);
    expect(outcomes).toMatchObject([{ response: { drained: true, openOrders: [{}] } }]);
    expect(stack.venue.placed.map(({ ended }) => ended)).toEqual([true, false]);
  });

  it('of a process that was not active yet is clean only when nothing of older senders can arrive', async () => {
    stack.record.fence = { epoch: 1, holder: 'killed' };
    const execution = stack.start();
    await stack.clock.advance(1);
    await execution.activate(2);
    const outcomes = await stack.drained(execution, { epoch: 2, deadlineMs: 1_000 }, 1_000);
    const reason = 'requests of older senders may be on their way to the venue';
    expect(outcomes).toMatchObject([{ response: { drained: false, reason } }]);
    expect([execution.sender().role, stack.record.fence.holder]).toEqual(['draining', 'process-1']);
    await stack.clock.advance(1_500);
    expect([execution.sender().role, stack.record.fence.holder]).toEqual(['standby', '']);
  });
});
