import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { messageOf } from './errors.ts';
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
