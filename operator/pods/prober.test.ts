import { describe, expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { Statusz } from '../../services/shared/contracts/statusz.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { PodAnswer } from './pod-answer.ts';
import type { PodTarget } from './pod-target.ts';
import { createProber, type ProberOptions } from './prober.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const statusz: Statusz = {
  service: 'ws',
  release: 'abc',
  incarnation: 'a',
  startedAt: '2026-01-01T00:00:00.000Z',
  ready: true,
  checks: [],
  figures: {},
};

function pod(uid: string, change: Partial<PodTarget> = {}): PodTarget {
  return { uid, service: 'ws', ip: uid, ready: true, ...change };
}

type Answer = (ip: string, signal: AbortSignal) => Promise<unknown>;

/** A prober of pods whose addresses are their UIDs, and what it did. */
function proberOf(answer: Answer, change: Partial<ProberOptions> = {}) {
  const clock = virtualClock();
  const asked: { readonly ip: string; readonly atMs: number }[] = [];
  const changes: string[] = [];
  const prober = createProber({
    clock,
    log,
    onChange: (key) => changes.push(key),
    getStatusz: async (url, signal) => {
      const ip = new URL(url).hostname;
      asked.push({ ip, atMs: clock.monotonicMs() });
      return await answer(ip, signal);
    },
    ...change,
  });
  onTestFinished(async () => await prober.stop());
  const timesOf = (ip: string): readonly number[] => asked.filter((call) => call.ip === ip).map(({ atMs }) => atMs);
  const answerOf = (target: PodTarget): PodAnswer | undefined => prober.answersOf([target]).get(target.uid);
  return { clock, prober, asked, changes, timesOf, answerOf };
}

const never: Answer = async () => await new Promise(() => undefined);
const healthy: Answer = async () => await Promise.resolve(statusz);

describe('asking', () => {
  it('asks a new pod at once, then each second', async () => {
    const { clock, prober, timesOf } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(500);
    prober.watch('ns/a', [pod('a1'), pod('a2')]);
    await clock.advance(2_000);
    expect([timesOf('a1'), timesOf('a2')]).toEqual([
      [0, 1_000, 2_000],
      [500, 1_500, 2_500],
    ]);
  });

  it('asks a Job at the port of its service, and no pod without an address', async () => {
    const urls: string[] = [];
    const { clock, prober } = proberOf(healthy, { getStatusz: async (url) => (urls.push(url), statusz) });
    prober.watch('ns/a', [pod('a1', { service: 'migrations' }), pod('a2', { ip: undefined })]);
    await clock.advance(10);
    expect(urls).toEqual(['http://a1:8079/statusz']);
  });

  it('keeps its interval when a stack is watched repeatedly', async () => {
    const { clock, prober, timesOf } = proberOf(healthy);
    for (let round = 0; round < 19; round += 1) {
      prober.watch('ns/a', [pod('a1')]);
      await clock.advance(100);
    }
    expect(timesOf('a1')).toEqual([0, 1_000]);
  });

  it('stops asking pods that are gone, and those of a forgotten stack', async () => {
    const { clock, prober, timesOf } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1'), pod('a2')]);
    prober.watch('ns/b', [pod('b1')]);
    await clock.advance(10);
    prober.watch('ns/a', [pod('a2')]);
    prober.forget('ns/b');
    await clock.advance(3_000);
    expect([timesOf('a1').length, timesOf('a2').length, timesOf('b1').length]).toEqual([1, 4, 1]);
    expect(clock.sleepers()).toBe(1);
  });

  it('keeps asking a pod that another stack has taken over', async () => {
    const { clock, prober, timesOf, changes } = proberOf(healthy);
    prober.watch('ns/a', [pod('p')]);
    prober.watch('ns/b', [pod('p')]);
    prober.watch('ns/a', []);
    await clock.advance(2_000);
    expect([timesOf('p').at(-1), changes]).toEqual([2_000, ['ns/b']]);
  });

  it('gives up on a request after the deadline, and asks again after the interval', async () => {
    const aborted: number[] = [];
    const { clock, prober, timesOf, answerOf } = proberOf(async (_ip, signal) => {
      signal.addEventListener('abort', () => aborted.push(clock.monotonicMs()));
      return await never('', signal);
    });
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(3_500);
    expect([timesOf('a1'), aborted]).toEqual([
      [0, 2_000],
      [1_000, 3_000],
    ]);
    const silent = { kind: 'Silent', message: 'no answer from /statusz: no response within 1000 ms' };
    expect(answerOf(pod('a1'))).toEqual(silent);
  });
});

describe('many stacks', () => {
  const WELL_MS = 5;

  it('does not delay anybody by 100 stacks with one silent pod each', async () => {
    const { clock, prober, timesOf, changes } = proberOf(async (ip) => {
      if (ip.startsWith('silent')) return await never(ip, new AbortController().signal);
      await clock.sleep(WELL_MS);
      return statusz;
    });
    const numbers = Array.from({ length: 100 }, (_unused, index) => index);
    for (const n of numbers) prober.watch(`ns/${n}`, [pod(`silent-${n}`, { ready: false }), pod(`well-${n}`)]);
    await clock.advance(2_500);
    for (const n of numbers) {
      const [first = Infinity, second = Infinity, third = Infinity, ...rest] = timesOf(`well-${n}`);
      expect(first).toBeLessThanOrEqual(WELL_MS);
      expect([second - first, third - second, rest]).toEqual([1_005, 1_005, []]);
    }

    // The sender of one stack restarts: its new pod is asked at once, and its stack is enqueued with the first answer.
    changes.length = 0;
    prober.watch('ns/7', [pod('silent-7'), pod('well-restarted')]);
    await clock.advance(WELL_MS);
    expect([timesOf('well-restarted'), changes]).toEqual([[2_500], ['ns/7']]);
  });

  it('asks new pods and those that answer on time although more are silent than requests may be in flight', async () => {
    let inFlight = 0;
    let mostInFlight = 0;
    let partitioned = false;
    const { clock, prober, timesOf } = proberOf(
      async (ip, signal) => {
        inFlight += 1;
        mostInFlight = Math.max(mostInFlight, inFlight);
        try {
          return partitioned && ip.startsWith('silent') ? await clock.sleep(60_000, signal) : statusz;
        } finally {
          inFlight -= 1;
        }
      },
      { concurrency: 8 },
    );
    prober.watch('ns/well', [pod('well')]);
    await clock.advance(100);
    for (let n = 0; n < 40; n += 1) prober.watch(`ns/${n}`, [pod(`silent-${n}`, { ready: false })]);
    await clock.advance(100);
    partitioned = true;
    await clock.advance(9_900);
    // Once, while nobody knows that the others are silent, they may hold every slot.
    const late = timesOf('well').filter((atMs) => atMs > 7_000);
    expect(late.map((atMs, index) => atMs - (late[index - 1] ?? atMs))).toEqual([0, 1_000, 1_000, 1_000]);
    expect(mostInFlight).toBe(8);
    prober.watch('ns/new', [pod('new')]);
    await clock.advance(1);
    expect(timesOf('new')).toEqual([10_100]);
    // Each silent pod is still asked in turn.
    await clock.advance(10_000);
    for (let n = 0; n < 40; n += 1) expect(timesOf(`silent-${n}`).at(-1)).toBeGreaterThan(8_000);
  });
});

describe('answers', () => {
  it('returns the newest answer with its age', async () => {
    const { clock, prober, answerOf } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1')]);
    expect(answerOf(pod('a1'))).toEqual({ kind: 'Silent', message: 'not asked yet', pending: true });
    await clock.advance(1_400);
    expect(answerOf(pod('a1'))).toEqual({ kind: 'Answered', statusz, ageMs: 400, fresh: true });
    expect(answerOf(pod('a1', { ip: undefined }))).toEqual({ kind: 'Silent', message: 'not running yet' });
    expect(answerOf(pod('unknown'))).toEqual({ kind: 'Silent', message: 'not asked yet', pending: true });
  });

  it('keeps the answers of a healthy pod fresh', async () => {
    const { clock, prober, answerOf } = proberOf(async () => {
      await clock.sleep(300);
      return statusz;
    });
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(300);
    for (let round = 0; round < 40; round += 1) {
      const answer = answerOf(pod('a1'));
      expect(answer?.kind === 'Answered' && answer.fresh).toBe(true);
      await clock.advance(100);
    }
  });

  it('keeps the last answer of a ready pod for 6 s after requests began to fail, then reports why', async () => {
    let fails = false;
    const { clock, prober, answerOf } = proberOf(async () => {
      if (fails) throw new Error('refused');
      return await Promise.resolve(statusz);
    });
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(10);
    fails = true;
    await clock.advance(5_990);
    expect(answerOf(pod('a1'))).toEqual({ kind: 'Answered', statusz, ageMs: 6_000, fresh: false });
    await clock.advance(1);
    expect(answerOf(pod('a1'))).toEqual({ kind: 'Silent', message: 'no answer from /statusz: refused' });
    fails = false;
    await clock.advance(1_000);
    expect(answerOf(pod('a1'))?.kind).toBe('Answered');
  });

  it('does not keep the last answer of a pod that is not ready', async () => {
    let fails = false;
    const { clock, prober, answerOf } = proberOf(async () => {
      if (fails) throw new Error('refused');
      return await Promise.resolve(statusz);
    });
    const starting = pod('a1', { ready: false });
    prober.watch('ns/a', [starting]);
    await clock.advance(10);
    expect(answerOf(starting)?.kind).toBe('Answered');
    fails = true;
    await clock.advance(1_000);
    expect(answerOf(starting)).toEqual({ kind: 'Silent', message: 'no answer from /statusz: refused' });
  });

  it('drops the answer of a pod that is no longer ready at once, and asks it again at once', async () => {
    const { clock, prober, timesOf, answerOf } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(400);
    const died = pod('a1', { ready: false });
    expect(answerOf(died)).toEqual({ kind: 'Silent', message: 'not asked again since it is no longer ready' });
    prober.watch('ns/a', [died]);
    expect(answerOf(died)?.kind).toBe('Silent');
    await clock.advance(1);
    expect([timesOf('a1'), answerOf(died)?.kind]).toEqual([[0, 400], 'Answered']);
  });

  it('reports silence when a pod has not been asked for longer than the answer is kept', async () => {
    const { clock, prober, answerOf } = proberOf(healthy, { intervalMs: 60_000 });
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(6_001);
    expect(answerOf(pod('a1'))).toEqual({ kind: 'Silent', message: 'no answer from /statusz for 6001 ms' });
  });

  it('treats a response that is not a status as silence', async () => {
    const { clock, prober, answerOf } = proberOf(async () => await Promise.resolve({ ready: 'yes' }));
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(10);
    expect(answerOf(pod('a1'))?.kind).toBe('Silent');
  });

  it('asks a pod again at once when its address changes, and drops a late answer from the old one', async () => {
    const { clock, prober, answerOf, changes } = proberOf(async (ip) => {
      await clock.sleep(ip === 'old' ? 500 : 700);
      return { ...statusz, incarnation: ip };
    });
    prober.watch('ns/a', [pod('a1', { ip: 'old' })]);
    await clock.advance(100);
    const moved = pod('a1', { ip: 'new' });
    prober.watch('ns/a', [moved]);
    await clock.advance(650);
    expect([answerOf(moved)?.kind, changes]).toEqual(['Silent', []]);
    await clock.advance(50);
    expect(answerOf(moved)).toMatchObject({ kind: 'Answered', statusz: { incarnation: 'new' } });
  });

  it('does not return the answer of an address that the pod no longer has, even before it is watched again', async () => {
    const { clock, prober, answerOf } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1', { ip: 'old' })]);
    await clock.advance(10);
    expect(answerOf(pod('a1', { ip: 'new' }))).toEqual({ kind: 'Silent', message: 'not asked yet', pending: true });
  });

  it('forgets the answers of a pod that is gone', async () => {
    const { clock, prober, answerOf } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(10);
    prober.watch('ns/a', []);
    expect(answerOf(pod('a1'))).toEqual({ kind: 'Silent', message: 'not asked yet', pending: true });
  });
});

describe('changes', () => {
  it('reports the first answer, and each significant change', async () => {
    const current: { statusz: Statusz | Error } = { statusz };
    const { clock, prober, changes } = proberOf(async () => {
      if (current.statusz instanceof Error) throw current.statusz;
      return await Promise.resolve(current.statusz);
    });
    const afterNext = async (next: Statusz | Error): Promise<number> => {
      current.statusz = next;
      changes.length = 0;
      await clock.advance(1_000);
      return changes.length;
    };
    prober.watch('ns/a', [pod('a1')]);
    expect(await afterNext(statusz)).toBe(1);
    expect(await afterNext({ ...statusz, figures: { lagMs: 7 } })).toBe(0);
    expect(await afterNext({ ...statusz, release: 'def' })).toBe(1);
    expect(await afterNext({ ...statusz, release: 'def' })).toBe(0);
    // The last answer of a ready pod is kept for 6 s, and its end is a change.
    const seen: number[] = [];
    for (let second = 0; second < 8; second += 1) seen.push(await afterNext(new Error('refused')));
    expect(seen).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
    expect(await afterNext({ ...statusz, release: 'def' })).toBe(1);
  });

  it('reports the failure of the first request, and the silence of a pod that is not ready at once', async () => {
    let fails = true;
    const { clock, prober, changes } = proberOf(async () => {
      if (fails) throw new Error('refused');
      return await Promise.resolve(statusz);
    });
    prober.watch('ns/a', [pod('a1', { ready: false })]);
    await clock.advance(1);
    fails = false;
    await clock.advance(1_000);
    fails = true;
    await clock.advance(5_000);
    expect(changes).toEqual(['ns/a', 'ns/a', 'ns/a']);
  });

  it('reports the answer of a pod that is asked again because it is no longer ready', async () => {
    const { clock, prober, changes } = proberOf(healthy);
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(10);
    prober.watch('ns/a', [pod('a1', { ready: false })]);
    await clock.advance(10);
    expect(changes).toEqual(['ns/a', 'ns/a']);
  });
});

describe('stopping', () => {
  it('aborts the requests in flight and waits for nothing else', async () => {
    const aborted: string[] = [];
    const { clock, prober, changes, asked } = proberOf(async (ip, signal) => {
      signal.addEventListener('abort', () => aborted.push(ip));
      // One process ignores the abort, the other rejects with it.
      return ip === 'a1' ? await never(ip, signal) : await clock.sleep(60_000, signal);
    });
    prober.watch('ns/a', [pod('a1'), pod('a2')]);
    await clock.advance(10);
    await prober.stop();
    await clock.advance(60_000);
    expect([aborted, changes, asked.length, clock.sleepers()]).toEqual([['a1', 'a2'], [], 2, 0]);
  });

  it('aborts those that wait for a slot or for their time', async () => {
    const { clock, prober, asked } = proberOf(never, { concurrency: 1 });
    prober.watch('ns/a', [pod('a1'), pod('a2')]);
    await clock.advance(1_500);
    await prober.stop();
    await clock.advance(60_000);
    expect([asked.map(({ ip }) => ip), clock.sleepers()]).toEqual([['a1', 'a2'], 0]);
  });

  it('asks nothing once it has stopped', async () => {
    const { clock, prober, asked, answerOf } = proberOf(healthy);
    await prober.stop();
    prober.watch('ns/a', [pod('a1')]);
    await clock.advance(5_000);
    expect([asked, answerOf(pod('a1'))?.kind]).toEqual([[], 'Silent']);
  });
});
