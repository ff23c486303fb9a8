import { describe, expect, it, onTestFinished } from 'vitest';
import { healthyStatusz } from '../../test/harness/kube/processes-by-hand.ts';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { SenderRole } from '../../services/shared/contracts/statusz.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { PodTarget } from './pod-target.ts';
import { createProber } from './prober.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const REFUSED = new Error('ECONNREFUSED');

function pod(change: Partial<PodTarget> = {}): PodTarget {
  return { uid: 'a', service: 'execution', ip: 'a', ready: true, ...change };
}

const sends = (role: SenderRole = 'active') => ({
  ...healthyStatusz('execution', 'abc'),
  sender: { role, epoch: 1, fenceEpoch: 1 },
});

/** A prober of one pod, when it asked, and how often something changed. */
function proberOf(answer: (signal: AbortSignal) => Promise<unknown>, timeoutMs = 1_000) {
  const clock = virtualClock();
  const times: number[] = [];
  let changes = 0;
  const prober = createProber({
    clock,
    log,
    timeoutMs,
    onChange: () => (changes += 1),
    getStatusz: async (_url, signal) => {
      times.push(clock.monotonicMs());
      return await answer(signal);
    },
  });
  onTestFinished(async () => await prober.stop());
  const answerOf = (target = pod()) => prober.answersOf([target]).get(target.uid);
  return { clock, prober, times, changes: () => changes, answerOf };
}

const never = async (): Promise<never> => await new Promise(() => undefined);

describe('a process that holds the fence', () => {
  it.each<[SenderRole, number]>([
    ['active', 250],
    ['activating', 250],
    ['draining', 250],
    ['armed', 1_000],
    ['standby', 1_000],
    ['fenced', 250],
  ])('and is %s is asked every %i ms', async (role, everyMs) => {
    const { clock, prober, times } = proberOf(async () => await Promise.resolve(sends(role)));
    prober.watch('ns/a', [pod()]);
    await clock.advance(3 * everyMs);
    expect(times).toEqual([0, 1, 2, 3].map((turn) => turn * everyMs));
  });

  it('is lost after two requests that fail, which is reported at once, and is then asked as others are', async () => {
    let ends = false;
    const { clock, prober, changes, times, answerOf } = proberOf(async () => {
      if (ends) throw REFUSED;
      return await Promise.resolve(sends());
    });
    prober.watch('ns/a', [pod()]);
    await clock.advance(10);
    ends = true;
    const after = async (ms: number) => {
      await clock.advance(ms);
      const answer = answerOf();
      return [answer?.kind, answer?.missed, answer?.lost, changes()];
    };
    expect(await after(0)).toEqual(['Answered', undefined, undefined, 1]);
    expect(await after(250)).toEqual(['Answered', 1, undefined, 1]);
    expect(await after(250)).toEqual(['Answered', 2, true, 2]);
    expect(await after(1_000)).toEqual(['Answered', 3, true, 2]);
    expect(times).toEqual([0, 250, 500, 1_500]);
    ends = false;
    expect(await after(1_000)).toEqual(['Answered', undefined, undefined, 3]);
  });

  it('and hangs is lost within 1.05 s, whatever the deadline of other requests', async () => {
    let hangs = false;
    const { clock, prober, answerOf } = proberOf(async () => (hangs ? await never() : sends()), 5_000);
    prober.watch('ns/a', [pod()]);
    await clock.advance(1);
    hangs = true;
    await clock.advance(1_048);
    expect(answerOf()?.missed).toBe(1);
    await clock.advance(1);
    expect(answerOf()?.missed).toBe(2);
  });

  it('is lost no longer than it is known: a pod that is no longer ready is asked as a new one', async () => {
    const { clock, prober, answerOf } = proberOf(async () => await Promise.reject(REFUSED));
    prober.watch('ns/a', [pod()]);
    await clock.advance(2_500);
    expect(answerOf()?.missed).toBe(3);
    prober.watch('ns/a', [pod({ ready: false })]);
    expect(answerOf(pod({ ready: false }))?.missed).toBeUndefined();
  });
});

it('counts no failures of a service that sends no orders', async () => {
  const { clock, prober, answerOf } = proberOf(async () => await Promise.reject(REFUSED));
  const risk = pod({ service: 'risk' });
  prober.watch('ns/a', [risk]);
  await clock.advance(5_000);
  expect(answerOf(risk)?.missed).toBeUndefined();
});

describe('after a command', () => {
  it('asks the senders of that stack now, and no others', async () => {
    const { clock, prober, times } = proberOf(async () => await Promise.resolve(sends('standby')));
    prober.watch('ns/a', [pod()]);
    await clock.advance(300);
    prober.askSenders('ns/b');
    await clock.advance(1);
    prober.askSenders('ns/a');
    await clock.advance(1_000);
    expect(times).toEqual([0, 301, 1_301]);
    prober.watch('ns/a', [pod({ uid: 'r', service: 'risk' })]);
    await clock.advance(100);
    prober.askSenders('ns/a');
    await clock.advance(100);
    expect(times).toEqual([0, 301, 1_301, 1_301]);
  });

  it('asks once more after a request that the command has overtaken', async () => {
    const { clock, prober, times } = proberOf(async () => {
      await clock.sleep(200);
      return sends('standby');
    });
    prober.watch('ns/a', [pod()]);
    await clock.advance(100);
    prober.askSenders('ns/a');
    prober.askSenders('ns/a');
    await clock.advance(1_000);
    expect(times).toEqual([0, 200]);
  });
});
