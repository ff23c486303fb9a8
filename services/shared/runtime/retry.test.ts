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
