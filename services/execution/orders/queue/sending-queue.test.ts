import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { EXITS_IN_A_ROW } from './exits-in-a-row.ts';
import type { QueuedOrder } from './next-order.ts';
import { SendingQueue } from './sending-queue.ts';

const sell = (symbol: string): QueuedOrder => ({ side: 'sell', symbol });
const buy = (symbol: string): QueuedOrder => ({ side: 'buy', symbol });
const turnOfLoop = async (): Promise<void> => {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
};

/** Puts orders into a queue in which another one is being admitted, and returns the order in which they start. */
async function started(orders: readonly QueuedOrder[]): Promise<readonly string[]> {
  const queue = new SendingQueue();
  const gate = Promise.withResolvers<void>();
  const first = queue.run(buy('first'), async () => await gate.promise);
  const names: string[] = [];
  const all = orders.map(
    async ({ side, symbol }, index) =>
      await queue.run({ side, symbol }, async () => await Promise.resolve(names.push(`${side} ${symbol} ${index}`))),
  );
  gate.resolve();
  await Promise.all([first, ...all]);
  return names;
}

it('admits one order at a time, and lets the next begin while the request of the last one is under way', async () => {
  const queue = new SendingQueue();
  const answer = Promise.withResolvers<void>();
  const steps: string[] = [];
  const slow = queue.run(sell('A'), async (admitted) => {
    steps.push('A admitted');
    await turnOfLoop();
    steps.push('A sends');
    admitted();
    await answer.promise;
    steps.push('A answered');
  });
  const next = queue.run(buy('B'), async () => await Promise.resolve(steps.push('B')));
  const own = queue.run(sell('A'), async () => await Promise.resolve(steps.push('A again')));
  await next;
  await turnOfLoop();
  expect(steps).toEqual(['A admitted', 'A sends', 'B']);
  answer.resolve();
  await Promise.all([slow, own]);
  expect(steps).toEqual(['A admitted', 'A sends', 'B', 'A answered', 'A again']);
});

it('takes exits first, then entries, each in the order of the calls', async () => {
  const names = await started([buy('A'), buy('B'), sell('C'), buy('C'), sell('B')]);
  expect(names).toEqual(['sell C 2', 'sell B 4', 'buy A 0', 'buy B 1', 'buy C 3']);
});

it('gives an entry its turn after a row of exits, but not while an exit of its instrument waits', async () => {
  const exits = Array.from({ length: EXITS_IN_A_ROW + 2 }, () => sell('A'));
  expect((await started([buy('B'), ...exits])).indexOf('buy B 0')).toBe(EXITS_IN_A_ROW);
  expect((await started([buy('A'), ...exits])).indexOf('buy A 0')).toBe(exits.length);
});

it('is idle when all work has ended, whether it failed or not, and not before', async () => {
  const queue = new SendingQueue();
  const answers = ['A', 'B'].map(() => Promise.withResolvers<void>());
  const results = answers.map(({ promise }, index) =>
    queue.run(sell(`${index}`), async (admitted) => {
      admitted();
      await promise;
    }),
  );
  const settled = Promise.allSettled(results);
  let isIdle = false;
  const idle = queue.idle().then(() => {
    isIdle = true;
  });
  answers[0]?.reject(new Error('the database is unavailable'));
  await turnOfLoop();
  expect(isIdle).toBe(false);
  answers[1]?.resolve();
  await idle;
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  await queue.idle();
});

const orders = fc.array(
  fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    symbol: fc.constantFrom('A', 'B', 'C'),
    admitMs: fc.nat(2),
    sendMs: fc.option(fc.nat(4), { nil: undefined }),
    fails: fc.boolean(),
  }),
  { maxLength: 25 },
);

it('never admits two orders, never works two of an instrument, and forgets none, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(orders, async (given) => {
      const queue = new SendingQueue();
      let admitting = 0;
      const working = new Map<string, number>();
      const ended: number[] = [];
      const results = given.map(async ({ side, symbol, admitMs, sendMs, fails }, index) => {
        await queue.run({ side, symbol }, async (admitted) => {
          admitting += 1;
          working.set(symbol, (working.get(symbol) ?? 0) + 1);
          expect([admitting, working.get(symbol)]).toEqual([1, 1]);
          for (let turn = 0; turn < admitMs; turn += 1) await turnOfLoop();
          admitting -= 1;
          if (sendMs !== undefined) admitted();
          for (let turn = 0; turn < (sendMs ?? 0); turn += 1) await turnOfLoop();
          working.set(symbol, (working.get(symbol) ?? 0) - 1);
          ended.push(index);
          if (fails) throw new Error('refused');
        });
      });
      const outcomes = await Promise.allSettled(results);
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(given.map(({ fails }) => fails));
      expect(ended.toSorted((a, b) => a - b)).toEqual(given.map((_, index) => index));
      for (const side of ['buy', 'sell'] as const)
        for (const symbol of ['A', 'B', 'C']) {
          const own = ended.filter((index) => given[index]?.side === side && given[index].symbol === symbol);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
      await queue.idle();
    }),
    { numRuns: 60 },
  );
});
