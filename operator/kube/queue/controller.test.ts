import { describe, expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { TerminalError, createController, type ControllerOptions, type Reconcile } from './controller.ts';
import { KubeError } from '../client/kube-error.ts';
import { createKubeMetrics } from '../metrics.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Runs a controller; `calls` records each reconciled key with its time. */
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
    lastWritten: { pending: () => false },
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

it('lets I/O and timers run between two keys, also when no reconcile waits for anything', async () => {
  const order: string[] = [];
  const { clock, controller } = setup(
    async (key) => {
      order.push(key);
      return await Promise.resolve({});
    },
    { workers: 1 },
  );
  setImmediate(() => order.push('I/O'));
  for (const key of ['a', 'b', 'c']) controller.enqueue(key);
  await clock.advance(1);
  expect(order).toEqual(['a', 'I/O', 'b', 'c']);
});

describe('after a reconcile', () => {
  it('waits for a change, or for the time that the reconcile returned', async () => {
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

  it('does not spin when a reconcile returns a wait of 0', async () => {
    const { clock, controller, calls } = setup(() => Promise.resolve({ requeueAfterMs: 0 }));
    controller.enqueue('a');
    await clock.advance(5);
    expect(calls.length).toBe(6);
  });

  it('backs off after failures, and resets the backoff after a success', async () => {
    let failures = 3;
    const { clock, controller, calls } = setup(() =>
      failures-- > 0 ? Promise.reject(new Error('x')) : Promise.resolve({}),
    );
    controller.enqueue('a');
    await clock.advance(10_000);
    expect(calls.map(([, atMs]) => atMs)).toEqual([0, 100, 300, 700]);
    failures = 1;
    controller.enqueue('a');
    await clock.advance(1_000);
    expect(calls.map(([, atMs]) => atMs).slice(4)).toEqual([10_000, 10_100]);
  });

  it('does not count a conflict as a failure', async () => {
    const { clock, controller, calls, results } = setup(fail(new KubeError('Conflict', 'x')));
    controller.enqueue('a');
    await clock.advance(100);
    expect([calls.length, results]).toEqual([2, ['requeue', 'requeue']]);
  });

  it('waits as long as the server asks after a 429', async () => {
    const { clock, controller, calls } = setup(fail(new KubeError('TooManyRequests', 'x', { retryAfterMs: 5_000 })));
    controller.enqueue('a');
    await clock.advance(9_999);
    expect(calls.map(([, atMs]) => atMs)).toEqual([0, 5_000]);
  });

  it('waits as long as the server asks although the object changes meanwhile, unless the change is urgent', async () => {
    const { clock, controller, calls } = setup(fail(new KubeError('TooManyRequests', 'x', { retryAfterMs: 5_000 })));
    controller.enqueue('a');
    await clock.advance(1_000);
    controller.enqueue('a');
    controller.enqueue('b');
    await clock.advance(1_000);
    controller.enqueue('a');
    await clock.advance(4_000);
    controller.enqueue('a', 'high');
    await clock.advance(3_999);
    expect(calls).toEqual([
      ['a', 0],
      ['b', 1_000],
      ['a', 5_000],
      ['b', 6_000],
      ['a', 6_000],
    ]);
  });

  it('does not retry a key after a terminal error until the key changes', async () => {
    const { clock, controller, calls } = setup(fail(new TerminalError('x')));
    controller.enqueue('a');
    await clock.advance(3_600_000);
    expect(calls.length).toBe(1);
    controller.enqueue('a');
    await clock.advance(0);
    expect(calls.length).toBe(2);
  });
});

it('runs one reconcile per worker at a time, and never two for the same key', async () => {
  const finished = Promise.withResolvers<void>();
  const { clock, controller, calls } = setup(() => finished.promise.then(() => ({})), { workers: 3 });
  ['a', 'b', 'a', 'c', 'd'].forEach((key) => controller.enqueue(key));
  await clock.advance(0);
  controller.enqueue('a');
  expect(calls.map(([key]) => key)).toEqual(['a', 'b', 'c']);
  expect(controller.idle()).toBe(false);
  finished.resolve();
  await clock.advance(0);
  expect(calls.map(([key]) => key)).toEqual(['a', 'b', 'c', 'd', 'a']);
  expect(controller.idle()).toBe(true);
});

it('reconciles an urgent key although every worker is busy with others', async () => {
  const { clock, controller, calls } = setup(
    async () => {
      await clock.sleep(1_000);
      return {};
    },
    { workers: 2 },
  );
  ['a', 'b', 'c'].forEach((key) => controller.enqueue(key));
  await clock.advance(100);
  controller.enqueue('halted', 'high');
  await clock.advance(10);
  expect(calls).toEqual([
    ['a', 0],
    ['b', 0],
    ['halted', 100],
  ]);
  await clock.advance(3_000);
});

it('aborts a reconcile at its timeout, and holds the key until the reconcile ends', async () => {
  const finished = Promise.withResolvers<void>();
  let lastSignal: AbortSignal | undefined;
  const { clock, controller, calls } = setup(
    (_key, signal) => {
      lastSignal = signal;
      return finished.promise.then(() => ({}));
    },
    { timeoutMs: 1_000 },
  );
  controller.enqueue('a');
  await clock.advance(1_000);
  expect(lastSignal?.reason).toMatchObject({ code: 'Timeout' });
  controller.enqueue('a');
  await clock.advance(5_000);
  expect(calls.length).toBe(1);
  finished.resolve();
  await clock.advance(0);
  expect(calls.length).toBe(2);
});

it('does not reconcile while the cache lacks its own write', async () => {
  let pending = true;
  const lastWritten = { pending: () => pending };
  const { clock, controller, calls } = setup(() => Promise.resolve({}), { lastWritten });
  controller.enqueue('a');
  await clock.advance(2_500);
  expect(calls).toEqual([]);
  pending = false;
  await clock.advance(100);
  expect(calls.length).toBe(1);
});

it('reconciles an urgent key even while the cache lacks its own write', async () => {
  const lastWritten = { pending: () => true };
  const { clock, controller, calls } = setup(() => Promise.resolve({}), { lastWritten });
  controller.enqueue('a');
  await clock.advance(250);
  expect(calls).toEqual([]);
  controller.enqueue('a', 'high');
  await clock.advance(0);
  expect(calls).toEqual([['a', 250]]);
});

it.each([
  ['a conflict', new KubeError('Conflict', 'x'), 100],
  ['a wait that the server asks for', new KubeError('TooManyRequests', 'x', { retryAfterMs: 700 }), 700],
])('retries an urgent key as urgent after %s, without waiting for its own writes', async (_what, error, waitMs) => {
  let failures = 1;
  const lastWritten = { pending: () => true };
  const { clock, controller, calls } = setup(() => (failures-- > 0 ? Promise.reject(error) : Promise.resolve({})), {
    lastWritten,
  });
  controller.enqueue('a', 'high');
  await clock.advance(1_000);
  expect(calls).toEqual([
    ['a', 0],
    ['a', waitMs],
  ]);
});

it('aborts its reconciles on stop, and retries none', async () => {
  const { clock, controller, calls, stop, running } = setup(
    (_key, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      }),
    { workers: 2 },
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
