import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler.ts';

describe('scheduler', () => {
  it('runs by time, and by order of scheduling at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (times) => {
        const scheduler = createScheduler(0);
        const ran: { time: number; index: number }[] = [];
        times.forEach((time, index) => scheduler.at(time, () => ran.push({ time, index })));
        expect(await scheduler.run(20)).toBe(times.length);
        const expected = times
          .map((time, index) => ({ time, index }))
          .sort((a, b) => a.time - b.time || a.index - b.index);
        expect(ran).toEqual(expected);
      }),
    );
  });

  it('runs work that work has scheduled, not past the time that it is given, and never backwards', async () => {
    const scheduler = createScheduler(100);
    const ran: number[] = [];
    const again = (): void => {
      ran.push(scheduler.nowMs());
      scheduler.after(10, again);
    };
    scheduler.after(5, again);
    await scheduler.run(130);
    expect(ran).toEqual([105, 115, 125]);
    expect(scheduler.nowMs()).toBe(130);
    expect(() => scheduler.at(129, again)).toThrow('129');
  });

  it('lets what a sleeper does come to its end before the next work, and wakes none that was called off', async () => {
    const scheduler = createScheduler(100);
    const ran: string[] = [];
    const ending = new AbortController();
    const walk = async (): Promise<void> => {
      await scheduler.sleep(10);
      for (let step = 0; step < 50; step += 1) await Promise.resolve();
      ran.push(`walked at ${scheduler.nowMs()}, age ${scheduler.monotonicMs()}`);
    };
    const doze = async (): Promise<void> => {
      await scheduler.sleep(20, ending.signal).catch((error: unknown) => ran.push(String(error)));
    };
    void walk();
    void doze();
    scheduler.at(110, () => {
      ran.push('work');
      ending.abort(new Error('called off'));
    });
    expect(await scheduler.run(200)).toBe(3);
    expect(ran).toEqual(['walked at 110, age 10', 'work', 'Error: called off']);
  });
});
