import { describe, expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { TerminalError, createController, type ControllerOptions, type Reconcile } from './controller.ts';
import { KubeError } from '../client/kube-error.ts';
import { createKubeMetrics } from '../metrics.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** A controller that runs; `calls` are the keys reconciled with their times. */
function setup(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const clock = virtualClock();
  const stop = new AbortController();
  const calls: [string, number][] = [];
  const results: string[] = [];
  const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };
  const { controller: metrics } = createKubeMetrics({
    counter: ({ name }) => ({
      inc: (labels) => name.endsWith('reconcile_total') && results.push(labels['result'] ?? ''),
    }),
    gauge: () => none,
    histogram: () => none,
  });
  const controller = createController({
    name: 'test',
    clock,
    log,
    metrics,
    ...options,
    reconcile: (key, signal) => {
      calls.push([key, clock.monotonicMs()]);
      return reconcile(key, signal);
    },
  });
  const running = controller.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { clock, controller, calls, results, stop, running };
}

function fail(error: Error): Reconcile {
  return async () => {
    throw error;
  };
}

describe('what comes after a reconcile', () => {
  it('awaits a change when it returns nothing, and comes back when it says so', async () => {
    const { clock, controller, calls, results } = setup((key) =>
      Promise.resolve(key === 'b' ? { requeueAfterMs: 700 } : {}),
    );
    controller.enqueue('a');
    controller.enqueue('b');
    await clock.advance(1_500);
    expect(calls).toEqual([
      ['a', 0],
      ['b', 0],
      ['b', 700],
      ['b', 1_400],
    ]);
    expect(results.sort()).toEqual(['requeue_after', 'requeue_after', 'requeue_after', 'success']);
  });

  it('does not spin when a reconcile asks for no wait', async () => {
    const { clock, controller, calls } = setup(() => Promise.resolve({ requeueAfterMs: 0 }));
    controller.enqueue('a');
    await clock.advance(5);
    expect(calls.length).toBe(6);
  });

  it('backs off from failures, and starts over after a success', async () => {
    let failures = 3;
    const { clock, controller, calls } = setup(() =>
      failures-- > 0 ? Promise.reject(new Error('x')) : Promise.resolve({}),
    );
    controller.enqueue('a');
    await clock.advance(10_000);
    expect(calls.map(([, at]) => at)).toEqual([0, 100, 300, 700]);
    failures = 1;
    controller.enqueue('a');
    await clock.advance(1_000);
    expect(calls.map(([, at]) => at).slice(4)).toEqual([10_000, 10_100]);
  });

  it('takes a conflict for no failure', async () => {
    const { clock, controller, calls, results } = setup(fail(new KubeError('Conflict', 'x')));
    controller.enqueue('a');
    await clock.advance(100);
    expect([calls.length, results]).toEqual([2, ['requeue', 'requeue']]);
  });

  it('waits as long as the server asks', async () => {
    const { clock, controller, calls } = setup(fail(new KubeError('TooManyRequests', 'x', { retryAfterMs: 5_000 })));
    controller.enqueue('a');
    await clock.advance(9_999);
    expect(calls.map(([, at]) => at)).toEqual([0, 5_000]);
  });

  it('leaves a key alone after a terminal error, until it changes', async () => {
    const { clock, controller, calls } = setup(fail(new TerminalError('x')));
    controller.enqueue('a');
    await clock.advance(3_600_000);
    expect(calls.length).toBe(1);
    controller.enqueue('a');
    await clock.advance(0);
    expect(calls.length).toBe(2);
  });
});

it('runs as many reconciles at once as it has workers, and one a key', async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, controller, calls } = setup(() => gate.promise.then(() => ({})), { workers: 3 });
  ['a', 'b', 'a', 'c', 'd'].forEach((key) => controller.enqueue(key));
  await clock.advance(0);
  controller.enqueue('a');
  expect(calls.map(([key]) => key)).toEqual(['a', 'b', 'c']);
  expect(controller.idle()).toBe(false);
  gate.resolve();
  await clock.advance(0);
  expect(calls.map(([key]) => key)).toEqual(['a', 'b', 'c', 'd', 'a']);
  expect(controller.idle()).toBe(true);
});

it('tells a reconcile that its time is over, and holds the key until it ends', async () => {
  const gate = Promise.withResolvers<void>();
  let seen: AbortSignal | undefined;
  const { clock, controller, calls } = setup(
    (_key, signal) => {
      seen = signal;
      return gate.promise.then(() => ({}));
    },
    { timeoutMs: 1_000 },
  );
  controller.enqueue('a');
  await clock.advance(1_000);
  expect(seen?.reason).toMatchObject({ code: 'Timeout' });
  controller.enqueue('a');
  await clock.advance(5_000);
  expect(calls.length).toBe(1);
  gate.resolve();
  await clock.advance(0);
  expect(calls.length).toBe(2);
});

it('does not reconcile on a cache that lacks its own write', async () => {
  let pending = true;
  const lastWritten = { pending: () => pending, expectWritten: () => undefined, expectDeleted: () => undefined };
  const { clock, controller, calls } = setup(() => Promise.resolve({}), { lastWritten });
  controller.enqueue('a');
  await clock.advance(2_500);
  expect(calls).toEqual([]);
  pending = false;
  await clock.advance(100);
  expect(calls.length).toBe(1);
});

it('ends with its reconciles aborted and nothing tried again', async () => {
  const { clock, controller, calls, stop, running } = setup(
    (_key, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      }),
  );
  controller.enqueue('a');
  controller.enqueue('b');
  controller.enqueue('c');
  await clock.advance(0);
  stop.abort();
  await running;
  expect(calls.map(([key]) => key)).toEqual(['a', 'b']);
  expect(clock.sleepers()).toBe(0);
});
