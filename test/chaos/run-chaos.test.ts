import { expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../harness/virtual-clock.ts';
import type { ChaosRecord } from './report.ts';
import { runChaos } from './run-chaos.ts';
import type { ChaosWorld } from './world.ts';

const run = { minutes: 10, everySeconds: 30, seed: 1, faults: ['kill-a', 'kill-b', 'halt-c'] };
const SOUND = { violations: [], orders: 5, fills: 3 };

/** A stack in which a fault takes 2 s, recovery 3 s, and a comparison of the books 1 s. */
function worldWith(change: Partial<ChaosWorld> = {}, clock: VirtualClock = virtualClock()): ChaosWorld {
  return {
    clock,
    strike: async () => {
      await clock.sleep(2_000);
      return [];
    },
    untilRunsAgain: async () => await clock.sleep(3_000),
    firstOrderAfter: async (afterMs) => afterMs + 500,
    judgeBooks: async () => {
      await clock.sleep(1_000);
      return SOUND;
    },
    ...change,
  };
}

/** Runs to the end, or until the virtual time is over. */
async function outcomeOf(
  world: ChaosWorld,
  { stop = new AbortController(), forMs = 3_600_000, everySeconds = 30 } = {},
) {
  const lines: string[] = [];
  const record: ChaosRecord = { faults: [], violations: [] };
  const clock = world.clock as VirtualClock;
  const startMs = clock.nowMs();
  const over = runChaos(
    world,
    { ...run, everySeconds },
    { record, say: (line) => void lines.push(line), stop: stop.signal },
  );
  await clock.advance(forMs);
  await over;
  const startsS = record.faults.map(({ atMs }) => (atMs - startMs) / 1_000);
  return { lines, ...record, startsS, texts: record.violations.map(({ after, text }) => `${after}: ${text}`) };
}

it('strikes at the pace it is given until the time is over, and records each fault', async () => {
  const { faults, startsS, violations, lines } = await outcomeOf(worldWith());
  expect(startsS).toEqual(Array.from({ length: 20 }, (_, index) => index * 30));
  expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(run.faults));
  expect(faults[0]).toMatchObject({ lastedMs: 2_000, runningMs: 3_000, orderMs: 500 });
  expect(violations).toEqual([]);
  expect(lines.filter((line) => line.includes('lasted 2.0 s, Running again after 3.0 s'))).toHaveLength(20);
});

it('waits for a slow recovery before the next fault', async () => {
  const clock = virtualClock();
  const { startsS } = await outcomeOf(worldWith({ untilRunsAgain: async () => await clock.sleep(98_000) }, clock));
  expect(startsS.slice(0, 3)).toEqual([0, 100, 201]);
});

it('passes the drawn duration and the stop to each fault', async () => {
  const seen: number[] = [];
  const stop = new AbortController();
  await outcomeOf(
    worldWith({
      strike: async (_fault, options) => {
        seen.push(options.seconds);
        expect(options.stop).toBe(stop.signal);
        return [];
      },
    }),
    { stop },
  );
  expect(seen).toHaveLength(20);
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(3);
});

it('compares the books every three minutes and at the end', async () => {
  const clock = virtualClock();
  const timesS: number[] = [];
  const startMs = clock.nowMs();
  const judgeBooks = async () => {
    timesS.push((clock.nowMs() - startMs) / 1_000);
    return SOUND;
  };
  const { lines } = await outcomeOf(worldWith({ judgeBooks }, clock));
  expect(timesS).toEqual([185, 365, 545, 600]);
  expect(lines.filter((line) => line.includes("books equal the venue's: 5 orders, 3 fills"))).toHaveLength(4);
});

it('ends with its time, not with the pause after the last fault', async () => {
  const clock = virtualClock();
  const startMs = clock.nowMs();
  const ends: number[] = [];
  const judgeBooks = async () => {
    ends.push(clock.nowMs() - startMs);
    return SOUND;
  };
  const { startsS } = await outcomeOf(worldWith({ judgeBooks }, clock), { everySeconds: 400 });
  expect(startsS).toEqual([0, 400]);
  expect(ends.at(-1)).toBe(600_000);
});

it('records what the books, a fault and the recovery violate, and goes on', async () => {
  let strikes = 0;
  const { texts, faults, lines } = await outcomeOf(
    worldWith({
      strike: async () => ((strikes += 1) === 1 ? ['I10: late'] : []),
      untilRunsAgain: async () => (strikes === 2 ? await Promise.reject(new Error('it is Degraded')) : undefined),
      firstOrderAfter: async (afterMs) => (strikes === 3 ? await Promise.reject(new Error('no order')) : afterMs + 1),
      judgeBooks: async () => ({ violations: ['I5: a', 'I1: b'], orders: 1, fills: 1 }),
    }),
  );
  const [first, second, third, ...others] = faults;
  expect(texts.slice(0, 3)).toEqual([
    `${first?.fault}: I10: late`,
    `${second?.fault}: it is Degraded`,
    `${third?.fault}: no order`,
  ]);
  expect(texts.slice(-2)).toEqual(['the last fault: I5: a', 'the last fault: I1: b']);
  expect([second?.runningMs, third?.orderMs]).toEqual([undefined, undefined]);
  expect(others).toHaveLength(17);
  expect(lines.filter((line) => line.includes('VIOLATION'))).toHaveLength(texts.length);
  expect(lines.join()).not.toContain('books equal');
});

it('records what fails to begin, to break, and to compare', async () => {
  const fail = (what: string) => async () => await Promise.reject(new Error(what));
  const { texts } = await outcomeOf(
    worldWith({
      firstOrderAfter: async (afterMs) => (afterMs === 0 ? await fail('no trade')() : afterMs),
      strike: fail('no pod'),
      judgeBooks: fail('not halted'),
    }),
  );
  expect(texts[0]).toBe('the start: no trade');
  expect(texts.filter((text) => text.endsWith(': no pod'))).toHaveLength(20);
  expect(texts.at(-1)).toBe('the last fault: not halted');
});

it('ends when it is stopped, and judges nothing that the interrupt broke', async () => {
  const clock = virtualClock();
  const stop = new AbortController();
  const interrupted = async (): Promise<never> => {
    stop.abort();
    return await Promise.reject(new Error('killed by the interrupt'));
  };
  let recoveries = 0;
  const untilRunsAgain = async () => ((recoveries += 1) === 3 ? await interrupted() : undefined);
  const { faults, violations, lines } = await outcomeOf(worldWith({ untilRunsAgain }, clock), { stop });
  expect(faults).toHaveLength(2);
  expect(violations).toEqual([]);
  expect(lines).toHaveLength(2);
});

it('does not wait for the next fault when it is stopped in between', async () => {
  const stop = new AbortController();
  const clock = virtualClock();
  const over = outcomeOf(worldWith({}, clock), { stop, forMs: 20_000 });
  stop.abort();
  expect((await over).faults.length).toBeLessThanOrEqual(1);
});
