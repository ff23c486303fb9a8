import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Side } from '../../../shared/domain/side.ts';
import { createExitsFirstQueue } from './exits-first.ts';
import { EXITS_IN_A_ROW } from './exits-in-a-row.ts';

/** Puts the work into a queue whose places are taken, and returns the order in which it starts. */
async function started(sides: readonly Side[], width = 1): Promise<readonly string[]> {
  const queue = createExitsFirstQueue(width);
  const gate = Promise.withResolvers<void>();
  const holders = Array.from({ length: width }, async () => await queue('buy', async () => await gate.promise));
  const order: string[] = [];
  const all = sides.map(
    async (side, index) => await queue(side, async () => await Promise.resolve(order.push(`${side} ${index}`))),
  );
  gate.resolve();
  await Promise.all([...holders, ...all]);
  return order;
}

it('runs exits before entries, each in the order of the calls', async () => {
  expect(await started(['buy', 'buy', 'sell', 'buy', 'sell'])).toEqual(['sell 2', 'sell 4', 'buy 0', 'buy 1', 'buy 3']);
});

it('never lets an entry wait for more than a row of exits, and no work twice or never', async () => {
  const sides = fc.array(fc.constantFrom<Side>('buy', 'sell'), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sides, async (given) => {
      const order = await started(given);
      expect([...order].sort()).toEqual(given.map((side, index) => `${side} ${index}`).sort());
      for (const side of ['buy', 'sell'] as const) {
        const own = order.filter((name) => name.startsWith(side)).map((name) => Number(name.split(' ')[1]));
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
      const lastEntry = order.findLastIndex((name) => name.startsWith('buy'));
      const rows = order
        .slice(0, lastEntry + 1)
        .join(',')
        .split(/buy \d+/);
      for (const row of rows) expect(row.match(/sell/g)?.length ?? 0).toBeLessThanOrEqual(EXITS_IN_A_ROW);
      const entries = given.filter((side) => side === 'buy').length;
      // Before the row is full, no entry goes while an exit waits.
      if (entries > 0 && given.length > entries)
        expect(order.findIndex((name) => name.startsWith('buy'))).toBe(
          Math.min(EXITS_IN_A_ROW, given.length - entries),
        );
    }),
  );
});

it('runs no more than its width at a time, and goes on after a failure', async () => {
  const queue = createExitsFirstQueue(2);
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from(
      { length: 10 },
      async (_, index) =>
        await queue(index % 2 === 0 ? 'buy' : 'sell', async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          running -= 1;
          if (index % 3 === 0) throw new Error(`work ${index}`);
          return index;
        }),
    ),
  );
  expect([most, running]).toEqual([2, 0]);
  expect(results.map(({ status }, index) => (status === 'rejected') === (index % 3 === 0))).not.toContain(false);
});
