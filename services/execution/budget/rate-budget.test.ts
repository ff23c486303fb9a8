import { array, assert, asyncProperty, integer, nat } from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { BudgetProcesses, refuse } from '../../../test/harness/execution/budget-processes.ts';
import type { VirtualClock } from '../../../test/harness/virtual-clock.ts';
import type { Lane } from '../core/budget/lanes.ts';
import type { RateBudget } from './rate-budget.ts';

const LIMITS = { ordersPerSecond: 5, queries: { tokens: 20, windowMs: 10_000 } };
let clock: VirtualClock;
let processes: BudgetProcesses;

beforeEach(() => {
  processes = new BudgetProcesses();
  ({ clock } = processes);
});

const hang = async (): Promise<never> => await new Promise(() => {});

/** Asks for a turn, and returns when and how it ended, once it has. */
function turnOf(budget: RateBudget, lane: Lane, terms?: Parameters<RateBudget['turn']>[1]) {
  const ended: { turn?: string; atMs?: number } = {};
  const startMs = clock.monotonicMs();
  void budget.turn(lane, terms).then((turn) => {
    ended.turn = turn;
    ended.atMs = clock.monotonicMs() - startMs;
  });
  return ended;
}

async function turnsOf(budget: RateBudget, lane: Lane, count: number, ms = 0) {
  const turns = Array.from({ length: count }, () => turnOf(budget, lane));
  await clock.advance(ms);
  return turns.filter(({ turn }) => turn === 'Granted').length;
}

describe('a turn', () => {
  it('takes one round trip, and is granted at once while there are tokens', async () => {
    const budget = processes.processOf();
    expect([budget.expectedWaitMs('entry'), await budget.turn('entry'), processes.asked]).toEqual([0, 'Granted', 1]);
  });

  it('waits until a token returns, cancellations before exits before entries', async () => {
    const budget = processes.processOf();
    expect(await turnsOf(budget, 'cancel', 5)).toBe(5);
    const [entry, exit, cancel] = (['entry', 'exit', 'cancel'] as const).map((lane) => turnOf(budget, lane));
    await clock.advance(999);
    expect([entry?.turn, exit?.turn, cancel?.turn]).toEqual([undefined, undefined, undefined]);
    await clock.advance(1);
    expect([entry?.turn, exit?.turn, cancel?.turn]).toEqual([undefined, 'Granted', 'Granted']);
    await clock.advance(100);
    expect(entry?.turn).toBe('Granted');
  });

  it('of a cancellation is granted while entries and exits wait', async () => {
    const budget = processes.processOf();
    expect(await turnsOf(budget, 'entry', 5)).toBe(3);
    expect(await turnsOf(budget, 'exit', 5)).toBe(1);
    expect(await turnsOf(budget, 'cancel', 1)).toBe(1);
  });

  it('is shared with other processes', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    expect(await turnsOf(one, 'exit', 4)).toBe(4);
    const waiting = turnOf(other, 'exit');
    await clock.advance(0);
    expect([waiting.turn, other.expectedWaitMs('exit')]).toEqual([undefined, 1_000]);
    await clock.advance(1_000);
    expect(waiting).toEqual({ turn: 'Granted', atMs: 1_000 });
  });

  it('ends late when it would come after the time that was given', async () => {
    const budget = processes.processOf();
    await turnsOf(budget, 'exit', 4);
    expect(await budget.turn('exit', { untilMs: clock.monotonicMs() + 999 })).toBe('Late');
    const intime = turnOf(budget, 'exit', { untilMs: clock.monotonicMs() + 1_000 });
    await clock.advance(1_000);
    expect(intime.turn).toBe('Granted');
  });

  it('of queries is by weight, and takes nothing from orders', async () => {
    const budget = processes.processOf();
    const queries = Array.from({ length: 3 }, () => turnOf(budget, 'query', { tokens: 10 }));
    await clock.advance(0);
    expect(queries.map(({ turn }) => turn)).toEqual(['Granted', 'Granted', undefined]);
    expect(await budget.turn('exit')).toBe('Granted');
    await clock.advance(10_000);
    expect(queries[2]?.turn).toBe('Granted');
  });

  it('is expected when the own tokens return, without asking', async () => {
    const budget = processes.processOf();
    await turnsOf(budget, 'entry', 3);
    await clock.advance(300);
    const before = processes.asked;
    expect((['cancel', 'exit', 'entry'] as const).map((lane) => budget.expectedWaitMs(lane))).toEqual([0, 0, 700]);
    expect(processes.asked).toBe(before);
  });
});

describe('an exit that waits', () => {
  const SMALLEST = { ...LIMITS, ordersPerSecond: 2 };

  it('has the next token, of entries that waited before it and that come later', async () => {
    const budget = processes.processOf(SMALLEST);
    const first = turnOf(budget, 'entry');
    await clock.advance(1);
    const before = turnOf(budget, 'entry');
    await clock.advance(99);
    const exit = turnOf(budget, 'exit');
    await clock.advance(800);
    const after = turnOf(budget, 'entry');
    await clock.advance(100);
    expect([first.atMs, before.turn, exit.atMs, after.turn]).toEqual([0, undefined, 900, undefined]);
    await clock.advance(2_000);
    expect([before.turn, after.turn]).toEqual(['Granted', 'Granted']);
  });

  it('keeps entries back without asking, if it only knows when its token returns', async () => {
    const budget = processes.processOf(SMALLEST);
    await budget.turn('exit');
    await clock.advance(100);
    expect(budget.expectedWaitMs('entry')).toBe(900);
    expect(budget.expectedWaitMs('exit')).toBe(900);
    expect(budget.expectedWaitMs('entry')).toBeGreaterThan(900);
    expect(await budget.turn('entry', { untilMs: clock.monotonicMs() + 900 })).toBe('Late');
    const entry = turnOf(budget, 'entry');
    await clock.advance(899);
    const exit = turnOf(budget, 'exit');
    await clock.advance(101);
    expect([exit.turn, entry.turn]).toEqual(['Granted', undefined]);
  });

  it.each([5, 2])('of %d a second has the next token before repeated cancellations that waited', async (rate) => {
    const budget = processes.processOf({ ...LIMITS, ordersPerSecond: rate });
    await turnsOf(budget, 'cancel', rate);
    const repeats = Array.from({ length: 10 }, () => turnOf(budget, 'cancelAgain'));
    const exit = turnOf(budget, 'exit');
    await clock.advance(1_200);
    expect(exit).toEqual({ turn: 'Granted', atMs: expect.toSatisfy((atMs: number) => atMs <= 1_100) });
    await clock.advance(10_000);
    expect(repeats.every(({ turn }) => turn === 'Granted')).toBe(true);
  });

  it('keeps no cancellation back while the venue pauses the account for another process', async () => {
    const [other, budget] = [processes.processOf(), processes.processOf()];
    other.onReply({ kind: 'rateLimited', retryAfterMs: 30_000 });
    await clock.advance(10);
    expect([await budget.turn('exit'), budget.expectedWaitMs('exit')]).toEqual(['Paused', 0]);
    const cancellations = (['cancel', 'cancelAgain'] as const).map((lane) => turnOf(budget, lane));
    await clock.advance(1);
    expect(cancellations.map(({ turn }) => turn)).toEqual(['Granted', 'Granted']);
    await clock.advance(30_000);
    expect([budget.expectedWaitMs('entry'), await budget.turn('entry')]).toEqual([0, 'Granted']);
  });

  it('keeps entries back no longer once it has its token', async () => {
    const budget = processes.processOf();
    await turnsOf(budget, 'exit', 4);
    const exit = turnOf(budget, 'exit');
    await clock.advance(1_000);
    expect([exit.turn, budget.expectedWaitMs('entry'), await budget.turn('entry')]).toEqual(['Granted', 0, 'Granted']);
  });

  it('keeps entries back although another exit that waited has its token', async () => {
    const budget = processes.processOf();
    await turnsOf(budget, 'exit', 4);
    const first = turnOf(budget, 'exit');
    await clock.advance(0);
    // They come when the first exit has its token, and before the others wake: these have tokens too.
    const entries = [1, 2].map(async () => await clock.sleep(1_000).then(() => turnOf(budget, 'entry')));
    const others = [turnOf(budget, 'exit'), turnOf(budget, 'exit')];
    await clock.advance(1_000);
    expect([first, ...others].map(({ atMs }) => atMs)).toEqual([1_000, 1_000, 1_000]);
    expect((await Promise.all(entries)).map(({ turn }) => turn)).toEqual([undefined, undefined]);
    await clock.advance(1_000);
    expect((await Promise.all(entries)).map(({ turn }) => turn)).toEqual(['Granted', 'Granted']);
  });

  it('and only knows when its token returns is awaited until it, and no other, has one', async () => {
    const budget = processes.processOf();
    await turnsOf(budget, 'exit', 4);
    await clock.advance(200);
    expect(['a', 'b', 'a'].map((asker) => budget.expectedWaitMs('exit', asker))).toEqual([800, 800, 800]);
    await clock.advance(800);
    expect([await budget.turn('exit', { asker: 'a' }), budget.expectedWaitMs('entry')]).toEqual(['Granted', 100]);
    expect([await budget.turn('exit', { asker: 'b' }), budget.expectedWaitMs('entry')]).toEqual(['Granted', 0]);
  });

  it('that gives up keeps entries back for no longer than until its token returns, and a moment', async () => {
    const budget = processes.processOf(SMALLEST);
    await budget.turn('entry');
    expect(budget.expectedWaitMs('exit')).toBe(1_000);
    const entry = turnOf(budget, 'entry');
    await clock.advance(1_000);
    expect(entry.turn).toBeUndefined();
    await clock.advance(100);
    expect(entry.turn).toBe('Granted');
  });

  it('is behind entries by no more tokens than the lane of cancellations, and behind none that comes later', async () => {
    const pauses = array(nat(120), { maxLength: 30 });
    await assert(
      asyncProperty(integer({ min: 2, max: 100 }), pauses, pauses, async (ordersPerSecond, earlier, later) => {
        processes = new BudgetProcesses();
        ({ clock } = processes);
        const budget = processes.processOf({ ...LIMITS, ordersPerSecond });
        const entries = async (pausesMs: readonly number[]) => {
          const turns = [];
          for (const pauseMs of pausesMs) {
            turns.push(turnOf(budget, 'entry'));
            await clock.advance(pauseMs);
          }
          return turns.filter(({ turn }) => turn === 'Granted').length;
        };
        await entries(earlier);
        const exit = turnOf(budget, 'exit');
        await clock.advance(0);
        const grantedAtOnce = exit.turn === 'Granted';
        const overtaking = await entries(later.slice(0, 8));
        await clock.advance(1_000);
        // Below 3, the lane of cancellations is one token, and so is what entries may take of the one for exits.
        expect(grantedAtOnce || (ordersPerSecond === 2 && overtaking === 0)).toBe(true);
        expect(exit).toEqual({ turn: 'Granted', atMs: expect.toSatisfy((ms: number) => ms <= 1_000) });
      }),
      { numRuns: 60 },
    );
  });
});

describe('while Redis is unavailable', () => {
  it('a process has a share of its own at once: one for a cancellation, and one for an exit or an entry', async () => {
    processes.redis = refuse;
    const budget = processes.processOf();
    expect([await budget.turn('exit'), budget.isShared]).toEqual(['Granted', false]);
    expect(await budget.turn('cancel')).toBe('Granted');
    const [exit, entry] = [turnOf(budget, 'exit'), turnOf(budget, 'entry')];
    await clock.advance(999);
    expect([exit.turn, entry.turn]).toEqual([undefined, undefined]);
    await clock.advance(1);
    expect([exit.turn, entry.turn].filter((turn) => turn === 'Granted')).toHaveLength(1);
  });

  it.each([
    ['refuses', refuse, 0],
    ['does not answer', hang, 100],
  ])('and %s, a cancellation waits at most a moment, and the next one not at all', async (_what, take, waitMs) => {
    processes.redis = take;
    const budget = processes.processOf();
    const first = turnOf(budget, 'cancel');
    await clock.advance(waitMs);
    expect(first).toEqual({ turn: 'Granted', atMs: waitMs });
    expect([await budget.turn('cancel'), processes.asked]).toEqual(['Granted', 1]);
  });

  it('an order is expected to wait as long as the own share makes it wait', async () => {
    processes.redis = refuse;
    const budget = processes.processOf();
    await budget.turn('entry');
    await clock.advance(300);
    expect((['cancel', 'exit', 'entry'] as const).map((lane) => budget.expectedWaitMs(lane))).toEqual([0, 700, 800]);
  });

  it('what was taken before counts', async () => {
    const budget = processes.processOf();
    await turnsOf(budget, 'exit', 3);
    processes.redis = refuse;
    const cancel = turnOf(budget, 'cancel');
    await clock.advance(999);
    expect(cancel.turn).toBeUndefined();
    await clock.advance(1);
    expect(cancel.turn).toBe('Granted');
  });

  it('it is asked again after a second, and shares the budget again', async () => {
    processes.redis = refuse;
    const budget = processes.processOf();
    await budget.turn('cancel');
    processes.redis = processes.memory.take;
    await clock.advance(999);
    await budget.turn('query');
    expect([budget.isShared, processes.asked]).toEqual([false, 1]);
    await clock.advance(1);
    await budget.turn('query');
    expect([budget.isShared, processes.asked]).toEqual([true, 2]);
  });

  it('a pause of the venue is obeyed', async () => {
    processes.redis = refuse;
    const budget = processes.processOf();
    budget.onReply({ kind: 'rateLimited', retryAfterMs: 500 });
    expect([await budget.turn('exit'), await budget.turn('cancel')]).toEqual(['Paused', 'Granted']);
    await clock.advance(500);
    const exit = turnOf(budget, 'exit');
    await clock.advance(500);
    expect(exit).toEqual({ turn: 'Granted', atMs: 500 });
  });
});
