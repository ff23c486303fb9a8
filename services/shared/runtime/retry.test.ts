import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { messageOf } from './errors.ts';
import { ageCheck } from './health.ts';
import { createLogger } from './logger.ts';
import { boundedLabel } from './metrics.ts';
import { periodic } from './periodic.ts';
import { backoffMs, retry } from './retry.ts';

const bounds = { minMs: 100, maxMs: 1_000 };

async function messageFrom(work: Promise<unknown>): Promise<string> {
  return await work.then(() => 'resolved', messageOf);
}

describe('backoffMs', () => {
  it.each([
    [1, 1, 100],
    [2, 1, 200],
    [5, 1, 1_000],
    [500, 1, 1_000],
    [1, 0, 50],
    [9, 0, 50],
  ])('waits after attempt %i with random %d for %d ms', (attempt, random, expected) => {
    expect(backoffMs(attempt, bounds, () => random)).toBe(expected);
  });
});

describe('retry', () => {
  it('retries until it succeeds, with growing pauses whose jitter comes from the clock', async () => {
    const clock = { ...virtualClock(), random: () => 1 };
    const attemptMs: number[] = [];
    const result = retry(
      async (attempt) => {
        attemptMs.push(clock.monotonicMs());
        return attempt < 3 ? await Promise.reject(new Error('not yet')) : 'done';
      },
      { clock, ...bounds },
    );
    await clock.advance(10_000);
    expect(await result).toBe('done');
    expect(attemptMs).toEqual([0, 100, 300]);
  });

  it('stops after the maximum attempts, on an error that is not retryable and on abort', async () => {
    const clock = virtualClock();
    const fail = async (): Promise<void> => await Promise.reject(new Error('no'));
    const bounded = messageFrom(retry(fail, { clock, ...bounds, attempts: 2 }));
    await clock.advance(1_000);
    expect(await bounded).toBe('no');
    await expect(retry(fail, { clock, ...bounds, retryable: () => false })).rejects.toThrow('no');
    const abort = new AbortController();
    const aborted = messageFrom(retry(fail, { clock, ...bounds, signal: abort.signal }));
    await clock.advance(1);
    abort.abort(new Error('stop'));
    expect(await aborted).toBe('stop');
  });
});

describe('periodic', () => {
  it('never overlaps, continues after a failure and reports it', async () => {
    const clock = virtualClock();
    const abort = new AbortController();
    let running = 0;
    let maxRunning = 0;
    let passes = 0;
    const part = periodic({
      name: 'refresh',
      intervalMs: 100,
      clock,
      log: createLogger({ name: 'test', level: 'silent' }),
      task: async () => {
        running += 1;
        passes += 1;
        maxRunning = Math.max(maxRunning, running);
        await clock.sleep(250);
        running -= 1;
        if (passes > 1) throw new Error('broken');
      },
    });
    expect(part.check(1_000).ok).toBe(false);
    const ended = part.run(abort.signal);
    await clock.advance(700);
    expect([maxRunning, passes]).toEqual([1, 3]);
    expect(part.check(500).ok).toBe(true);
    expect(part.check(400)).toMatchObject({
      ok: false,
      reason: 'TaskFailing',
      message: expect.stringContaining('broken'),
    });
    abort.abort();
    await clock.advance(500);
    await expect(ended).resolves.toBeUndefined();
  });
});

describe('a pause of periodic', () => {
  function passes(taskMs: number, immediately = true) {
    const clock = virtualClock();
    const abort = new AbortController();
    const startedMs: number[] = [];
    const log = createLogger({ name: 'test', level: 'silent' });
    const task = async (): Promise<void> => {
      startedMs.push(clock.monotonicMs());
      if (taskMs > 0) await clock.sleep(taskMs);
    };
    const part = periodic({ name: 'refresh', intervalMs: 100, immediately, clock, log, task });
    let hasEnded = false;
    const start = (): void => void part.run(abort.signal).then(() => (hasEnded = true));
    return { clock, abort, part, startedMs, start, hasEnded: () => hasEnded };
  }

  it('ends with each wake, and lasts its whole time after the next pass', async () => {
    const { clock, part, startedMs, start } = passes(0);
    start();
    for (const ms of [30, 20, 99]) {
      await clock.advance(ms);
      part.wake();
    }
    await clock.advance(250);
    expect(startedMs).toEqual([0, 30, 50, 149, 249, 349]);
  });

  it('does not take place after a wake during the pass, once', async () => {
    const { clock, part, startedMs, start } = passes(10);
    start();
    await clock.advance(5);
    part.wake();
    part.wake();
    await clock.advance(150);
    expect(startedMs).toEqual([0, 10, 120]);
  });

  it.each([
    { when: 'during a pause', taskMs: 0, immediately: true, abortMs: 50, expected: [0] },
    { when: 'during a later pause', taskMs: 0, immediately: true, abortMs: 250, expected: [0, 100, 200] },
    { when: 'during the pause before the first pass', taskMs: 0, immediately: false, abortMs: 50, expected: [] },
    { when: 'before the start', taskMs: 0, immediately: false, abortMs: 0, expected: [] },
  ])('ends at once with the signal $when', async ({ taskMs, immediately, abortMs, expected }) => {
    const { clock, abort, startedMs, start, hasEnded } = passes(taskMs, immediately);
    if (abortMs > 0) start();
    await clock.advance(abortMs);
    abort.abort();
    if (abortMs === 0) start();
    await clock.advance(0);
    expect([hasEnded(), startedMs, clock.sleepers()]).toEqual([true, expected, 0]);
  });

  it('is left out when the signal is aborted during the pass', async () => {
    const { clock, abort, startedMs, start, hasEnded } = passes(10);
    start();
    await clock.advance(5);
    abort.abort();
    await clock.advance(5);
    expect([hasEnded(), startedMs]).toEqual([true, [0]]);
  });
});

describe('boundedLabel and ageCheck', () => {
  it('maps values beyond the limit to other', () => {
    const label = boundedLabel(2);
    expect(['a', 'b', 'c', 'a'].map(label)).toEqual(['a', 'b', 'other', 'a']);
  });

  it('fails before the first touch and when the last touch is too old', async () => {
    const clock = virtualClock();
    const age = ageCheck({ clock, maxAgeMs: 100, reason: 'FeedStale', what: 'trade' });
    expect(age.check()).toMatchObject({ ok: false, reason: 'FeedStale', message: 'no trade yet' });
    age.touch();
    await clock.advance(100);
    expect(age.check().ok).toBe(true);
    await clock.advance(1);
    expect(age.check().message).toBe('no trade for 101 ms; the limit is 100 ms');
  });
});
