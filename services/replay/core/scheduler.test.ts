import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler.ts';

describe('scheduler', () => {
  it('runs work in order of time, and in order of scheduling at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (times) => {
        const scheduler = createScheduler(0);
        const log: { time: number; index: number }[] = [];
        times.forEach((time, index) => scheduler.at(time, () => log.push({ time, index })));
        expect(await scheduler.run(20)).toBe(times.length);
        const expected = times
          .map((time, index) => ({ time, index }))
          .sort((a, b) => a.time - b.time || a.index - b.index);
        expect(log).toEqual(expected);
      }),
    );
  });

  it('runs work scheduled by other work, stops at the given time, and rejects times in the past', async () => {
    const scheduler = createScheduler(100);
    const log: number[] = [];
    const reschedule = (): void => {
      log.push(scheduler.nowMs());
      scheduler.after(10, reschedule);
    };
    scheduler.after(5, reschedule);
    await scheduler.run(130);
    expect(log).toEqual([105, 115, 125]);
    expect(scheduler.nowMs()).toBe(130);
    expect(() => scheduler.at(129, reschedule)).toThrow('129');
  });

  it('shows whole milliseconds, as the clock of a system does, and wakes nobody early', async () => {
    const scheduler = createScheduler(100);
    const log: number[] = [];
    scheduler.at(100.2, () => log.push(scheduler.nowMs()));
    void scheduler.sleep(2.5).then(() => log.push(scheduler.nowMs()));
    await scheduler.run(110);
    expect(log).toEqual([101, 103]);
  });

  it('finishes the ticks and promise continuations of each of many pieces of work before the next one', async () => {
    const scheduler = createScheduler(0);
    const log: string[] = [];
    const expected: string[] = [];
    for (let index = 0; index < 300; index += 1) {
      expected.push(`work ${index}`, `continued ${index}`);
      scheduler.at(1, () => {
        log.push(`work ${index}`);
        void Promise.resolve().then(() => {
          process.nextTick(() => {
            void Promise.resolve().then(() => log.push(`continued ${index}`));
          });
        });
      });
    }
    expect(await scheduler.run(1)).toBe(300);
    expect(log).toEqual(expected);
  });

  it('rejects with the error of work that throws, and runs no later work', async () => {
    const scheduler = createScheduler(0);
    const log: string[] = [];
    scheduler.at(1, () => {
      throw new Error('broken');
    });
    scheduler.at(2, () => log.push('later'));
    await expect(scheduler.run(10)).rejects.toThrow('broken');
    expect(log).toEqual([]);
  });

  it('finishes the work of a woken sleeper before the next work, and does not wake an aborted sleeper', async () => {
    const scheduler = createScheduler(100);
    const log: string[] = [];
    const ending = new AbortController();
    const sleepAndContinue = async (): Promise<void> => {
      await scheduler.sleep(10);
      for (let step = 0; step < 50; step += 1) await Promise.resolve();
      log.push(`continued at ${scheduler.nowMs()}, age ${scheduler.monotonicMs()}`);
    };
    const sleepUntilAborted = async (): Promise<void> => {
      await scheduler.sleep(20, ending.signal).catch((error: unknown) => log.push(String(error)));
    };
    void sleepAndContinue();
    void sleepUntilAborted();
    scheduler.at(110, () => {
      log.push('work');
      ending.abort(new Error('aborted'));
    });
    expect(await scheduler.run(200)).toBe(3);
    expect(log).toEqual(['continued at 110, age 10', 'work', 'Error: aborted']);
  });
});
