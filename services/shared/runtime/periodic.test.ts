import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from './logger.ts';
import { periodic } from './periodic.ts';

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
