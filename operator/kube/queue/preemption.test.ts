import { describe, expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { createKubeMetrics } from '../metrics.ts';
import { createController } from './controller.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Each reconcile takes this long, unless it is aborted. */
const RECONCILE_MS = 250;

/** Runs a controller; `runs` records the key, start, end and outcome of each reconcile. */
function setup() {
  const clock = virtualClock();
  const stop = new AbortController();
  const runs: string[] = [];
  const counts: string[] = [];
  const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };
  const { controller: metrics } = createKubeMetrics({
    counter: ({ name }) => ({ inc: (labels) => counts.push([name, labels['result'] ?? ''].join(' ').trim()) }),
    gauge: () => none,
    histogram: () => none,
  });
  const controller = createController({
    name: 'test',
    clock,
    log,
    metrics,
    lastWritten: { pending: () => false },
    reconcile: async (key, signal) => {
      const startMs = clock.monotonicMs();
      const note = (outcome: string): void => void runs.push(`${key} ${startMs}-${clock.monotonicMs()} ${outcome}`);
      await clock.sleep(RECONCILE_MS, signal).catch((error: unknown) => {
        note((error as { code?: string }).code ?? 'failed');
        throw error;
      });
      note('done');
      return {};
    },
  });
  const running = controller.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { clock, controller, runs, counts };
}

it('aborts the running reconcile on a high-priority add and reconciles the key at once, without an error', async () => {
  const { clock, controller, runs, counts } = setup();
  controller.enqueue('a');
  await clock.advance(100);
  controller.enqueue('a', 'high');
  await clock.advance(1_000);
  expect(runs).toEqual(['a 0-100 Aborted', 'a 100-350 done']);
  expect(counts).toEqual([
    'controller_runtime_reconcile_total preempted',
    'controller_runtime_reconcile_total success',
  ]);
});

it.each([
  ['a normal add', 'a', 'normal'],
  ['an add of another key', 'b', 'high'],
] as const)('does not abort the running reconcile on %s', async (_what, key, priority) => {
  const { clock, controller, runs } = setup();
  controller.enqueue('a');
  await clock.advance(100);
  controller.enqueue(key, priority);
  await clock.advance(200);
  expect(runs).toEqual(['a 0-250 done']);
});

describe('a stream of high-priority adds', () => {
  it('aborts at most three reconciles in a row, so that the key makes progress', async () => {
    const { clock, controller, runs } = setup();
    for (let elapsedMs = 0; elapsedMs < 2_000; elapsedMs += 100) {
      controller.enqueue('a', 'high');
      await clock.advance(100);
    }
    const outcomes = runs.map((run) => run.split(' ').at(-1));
    expect(outcomes.slice(0, 8)).toEqual(
      Array.from({ length: 2 }, () => ['Aborted', 'Aborted', 'Aborted', 'done']).flat(),
    );
  });

  it('does not keep one that must not wait from aborting another reconcile', async () => {
    const { clock, controller, runs } = setup();
    for (let elapsedMs = 0; elapsedMs < 400; elapsedMs += 100) {
      controller.enqueue('a', 'high');
      await clock.advance(100);
    }
    expect(runs.map((run) => run.split(' ').at(-1))).toEqual(['Aborted', 'Aborted', 'Aborted']);
    controller.enqueue('a', 'high', 'Always');
    await clock.advance(1);
    expect(runs.at(-1)).toBe('a 300-400 Aborted');
    await clock.advance(250);
    expect(runs.at(-1)).toBe('a 400-650 done');
  });

  it('loses none: the last add is followed by a whole reconcile', async () => {
    const { clock, controller, runs } = setup();
    controller.enqueue('a');
    for (let adds = 0; adds < 5; adds += 1) {
      await clock.advance(60);
      controller.enqueue('a', 'high');
    }
    const lastAddMs = clock.monotonicMs();
    await clock.advance(5_000);
    const [, startMs = 0] = /a (\d+)-\d+ done$/.exec(runs.at(-1) ?? '') ?? [];
    expect(Number(startMs)).toBeGreaterThanOrEqual(lastAddMs);
    expect(controller.idle()).toBe(true);
  });
});
