import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler.ts';

describe('scheduler', () => {
  it('runs by time, and by order of scheduling at the same time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
        const scheduler = createScheduler(0);
        const ran: { time: number; index: number }[] = [];
        times.forEach((time, index) => scheduler.at(time, () => ran.push({ time, index })));
        expect(scheduler.run(20)).toBe(times.length);
        const expected = times
          .map((time, index) => ({ time, index }))
          .sort((a, b) => a.time - b.time || a.index - b.index);
        expect(ran).toEqual(expected);
      }),
    );
  });

  it('runs work that work has scheduled, not past the time that it is given, and never backwards', () => {
    const scheduler = createScheduler(100);
    const ran: number[] = [];
    const again = (): void => {
      ran.push(scheduler.nowMs());
      scheduler.after(10, again);
    };
    scheduler.after(5, again);
    scheduler.run(130);
    expect(ran).toEqual([105, 115, 125]);
    expect(scheduler.nowMs()).toBe(130);
    expect(() => scheduler.at(129, again)).toThrow('129');
  });
});
