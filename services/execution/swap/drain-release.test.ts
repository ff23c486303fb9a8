import { afterEach, beforeEach, expect, it } from 'vitest';
import { RESTING } from '../../../test/faults/fates.ts';
import { createDrainStack, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';
import type { Execution } from '../service.ts';

let stack: DrainStack;

beforeEach(() => {
  stack = createDrainStack();
});

afterEach(() => stack.kill());

async function releasing(releaseFence: ExecutionStore['releaseFence']): Promise<Execution> {
  return await stack.active({ store: { releaseFence } });
}

const CLEAN = { accepted: true, response: { drained: true, epoch: 1, reason: '' } };
const RELEASED = { epoch: 1, holder: '' };
const HELD = { epoch: 1, holder: 'process-1' };

it('records fills until it releases the fence, and nothing from then on', async () => {
  stack.fate = RESTING;
  const times: number[] = [];
  const execution = await releasing(async (...terms) => {
    times.push(0);
    await stack.clock.sleep(10);
    execution.streamEvents.onFill(stack.fillOf(order, 'during'));
    await stack.clock.sleep(10);
    return await stack.record.releaseFence(...terms);
  });
  const order = await stack.offered(execution, 'resting', { type: 'LIMIT' }, 100);
  const draining = stack.drained(execution, {}, 500);
  execution.streamEvents.onFill(stack.fillOf(order, 'before'));
  await draining;
  execution.streamEvents.onFill(stack.fillOf(order, 'after'));
  await stack.clock.advance(500);
  expect(execution.sender().role).toBe('standby');
  expect([times.length, stack.record.fills.all.map(({ venueTradeId }) => venueTradeId)]).toEqual([1, ['before']]);
});

it('waits for a fill that comes while the outbox is relayed', async () => {
  stack.fate = RESTING;
  const recorded: number[] = [];
  let order: ApprovedOrder | undefined;
  const execution: Execution = await stack.active({
    flushOutbox: async () => {
      if (order !== undefined) execution.streamEvents.onFill(stack.fillOf(order, 'late'));
      await stack.clock.sleep(1);
    },
    store: {
      recordObservation: async (observation) => {
        await stack.clock.sleep(30);
        return await stack.record.recordObservation(observation);
      },
      releaseFence: async (...terms) => {
        recorded.push(stack.record.fills.all.length);
        return await stack.record.releaseFence(...terms);
      },
    },
  });
  order = await stack.offered(execution, 'resting', { type: 'LIMIT' }, 200);
  await stack.drained(execution, {}, 60);
  order = undefined;
  await stack.clock.advance(500);
  expect([execution.sender().role, recorded]).toEqual(['standby', [1]]);
});

it('waits for what a reconcile is recording', async () => {
  const events: string[] = [];
  let isSlow = false;
  const execution = await stack.active({
    settings: { reconcileIntervalMs: 5_000 },
    store: {
      recordVenueBalances: async (...terms) => {
        if (isSlow) events.push('recording');
        if (isSlow) await stack.clock.sleep(300);
        if (isSlow) events.push('recorded');
        await stack.record.recordVenueBalances(...terms);
      },
      releaseFence: async (...terms) => {
        events.push('released');
        return await stack.record.releaseFence(...terms);
      },
    },
  });
  isSlow = true;
  for (let waitedMs = 0; waitedMs < 20_000 && events.length === 0; waitedMs += 100) await stack.clock.advance(100);
  expect(await stack.drained(execution)).toMatchObject([CLEAN]);
  expect(events).toEqual(['recording', 'recorded', 'released']);
});

it('goes on after a step that failed', async () => {
  let failures = 1;
  const flushOutbox = async () => {
    failures -= 1;
    return await (failures < 0 ? Promise.resolve() : Promise.reject(new Error('unavailable')));
  };
  const execution = await stack.active({ flushOutbox });
  expect(await stack.drained(execution)).toMatchObject([CLEAN]);
});

it('relays the outbox before the next sender may act', async () => {
  const seen: unknown[] = [];
  const flushOutbox = async () => await Promise.resolve(void seen.push(stack.record.fence));
  const execution = await stack.active({ flushOutbox });
  await stack.drained(execution);
  expect(seen).toEqual([HELD]);
});

it('releases again when the answer to the release was lost', async () => {
  let answers = 0;
  const execution = await releasing(async (...terms) => {
    answers += 1;
    const released = await stack.record.releaseFence(...terms);
    return answers === 1 ? await Promise.reject(new Error('the answer is lost')) : released;
  });
  expect(await stack.drained(execution)).toMatchObject([CLEAN]);
  expect(answers).toBe(2);
});

it('goes on while the database does not take the release, and holds the fence until then', async () => {
  let down = true;
  const execution = await releasing(async (...terms) =>
    down ? await Promise.reject(new Error('Postgres is unavailable')) : await stack.record.releaseFence(...terms),
  );
  const outcomes = await stack.drained(execution, { deadlineMs: 300 });
  expect(outcomes).toMatchObject([{ response: { drained: false, reason: 'the fence could not be released' } }]);
  expect([execution.sender().role, stack.record.fence]).toEqual(['draining', HELD]);
  down = false;
  await stack.clock.advance(1_000);
  expect([execution.sender().role, stack.record.fence]).toEqual(['standby', RELEASED]);
});

it('is fenced by a sender that did not wait for it, and claims no clean drain', async () => {
  const execution = await releasing(async (...terms) => {
    await stack.record.raiseFence({ epoch: 2, holder: 'other' });
    return await stack.record.releaseFence(...terms);
  });
  const response = { drained: false, reason: 'this process is fenced' };
  expect(await stack.drained(execution)).toMatchObject([{ response }]);
  expect(stack.record.fence).toEqual({ epoch: 2, holder: 'other' });
});
