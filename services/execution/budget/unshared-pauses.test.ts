import { beforeEach, describe, expect, it } from 'vitest';
import { BudgetProcesses, refuse } from '../../../test/harness/execution/budget-processes.ts';
import type { VirtualClock } from '../../../test/harness/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const LIMIT = { kind: 'rateLimited', retryAfterMs: 3_000 } as const;
let clock: VirtualClock;
let processes: BudgetProcesses;

beforeEach(() => {
  processes = new BudgetProcesses();
  ({ clock } = processes);
});

describe('a pause of the venue', () => {
  it.each<[string, { isUnavailable: boolean; holdsFence: boolean; retryAfterMs?: number; stopMs: number }]>([
    [
      'without Redis, in one without the fence, four times as long',
      { isUnavailable: true, holdsFence: false, stopMs: 12_000 },
    ],
    [
      'without Redis, in one without the fence, for ten minutes more at most',
      { isUnavailable: true, holdsFence: false, retryAfterMs: HOUR_MS, stopMs: HOUR_MS + 600_000 },
    ],
    ['without Redis, in the sender, for its time', { isUnavailable: true, holdsFence: true, stopMs: 3_000 }],
    ['with Redis, in one without the fence, for its time', { isUnavailable: false, holdsFence: false, stopMs: 3_000 }],
  ])('stops requests %s', async (_what, { isUnavailable, holdsFence, retryAfterMs = 3_000, stopMs }) => {
    const budget = processes.processOf(undefined, holdsFence);
    if (isUnavailable) processes.redis = refuse;
    await budget.turn('query');
    budget.onCancelReply({ ...LIMIT, retryAfterMs, banned: true });
    expect([budget.limitedForMs(), budget.bannedForMs()]).toEqual([stopMs, stopMs]);
    await clock.advance(stopMs - 1);
    expect([await budget.turn('cancel'), await budget.turn('query')]).toEqual(['Paused', 'Paused']);
    await clock.advance(1);
    expect([await budget.turn('cancel'), await budget.turn('query')]).toEqual(['Granted', 'Granted']);
  });

  it.each([
    ['one without the fence waits for four times as long', false, 11_990],
    ['the sender waits for its time', true, 2_990],
  ])('that is met after Redis went, and before a process noticed: %s', async (_what, holdsFence, leftMs) => {
    const budget = processes.processOf(undefined, holdsFence);
    await budget.turn('query');
    processes.redis = refuse;
    budget.onReply({ ...LIMIT, banned: true });
    await clock.advance(10);
    expect([budget.isShared, budget.bannedForMs(), budget.limitedForMs()]).toEqual([false, leftMs, leftMs]);
  });

  it('that is met after Redis went is not longer by one that has passed', async () => {
    const spare = processes.processOf(undefined, false);
    await spare.turn('query');
    spare.onReply({ ...LIMIT, retryAfterMs: HOUR_MS, banned: true });
    await clock.advance(HOUR_MS + 1);
    await spare.turn('query');
    processes.redis = refuse;
    spare.onReply(LIMIT);
    await clock.advance(10);
    expect([spare.bannedForMs(), spare.limitedForMs()]).toEqual([0, 11_990]);
  });

  it('that lasts longer without Redis is no longer for others, nor for its process once that has Redis', async () => {
    const [spare, sender] = [processes.processOf(undefined, false), processes.processOf()];
    processes.redis = refuse;
    await spare.turn('query');
    spare.onCancelReply(LIMIT);
    expect(spare.bannedForMs()).toBe(12_000);
    await clock.advance(1_000);
    processes.redis = processes.memory.take;
    expect(await spare.turn('cancel')).toBe('Paused');
    await clock.advance(0);
    expect([spare.bannedForMs(), spare.limitedForMs()]).toEqual([2_000, 2_000]);
    expect([await sender.turn('cancel'), sender.bannedForMs()]).toEqual(['Paused', 2_000]);
    await clock.advance(2_000);
    expect([await sender.turn('cancel'), await sender.turn('entry')]).toEqual(['Granted', 'Granted']);
  });

  it('ends for a process that waits longer once Redis is back, also after the pause itself', async () => {
    const spare = processes.processOf(undefined, false);
    processes.redis = refuse;
    await spare.turn('query');
    spare.onReply({ ...LIMIT, retryAfterMs: HOUR_MS, banned: true });
    await clock.advance(HOUR_MS + 1);
    processes.redis = processes.memory.take;
    expect(await spare.turn('cancel')).toBe('Paused');
    await clock.advance(0);
    expect([spare.bannedForMs(), await spare.turn('cancel')]).toEqual([0, 'Granted']);
  });

  it('does not begin again for a process that waits longer when Redis is back and fails once more', async () => {
    const spare = processes.processOf(undefined, false);
    processes.redis = refuse;
    await spare.turn('query');
    spare.onReply({ ...LIMIT, banned: true });
    await clock.advance(3_000);
    processes.redis = processes.memory.take;
    await spare.turn('cancel');
    await clock.advance(0);
    expect(await spare.turn('cancel')).toBe('Granted');
    processes.redis = refuse;
    await clock.advance(1_000);
    expect([await spare.turn('cancel'), await spare.turn('cancel'), spare.bannedForMs()]).toEqual([
      'Granted',
      'Granted',
      0,
    ]);
  });

  it('of another process is not longer by the time since this one met its last, when Redis goes', async () => {
    const [spare, sender] = [processes.processOf(undefined, false), processes.processOf()];
    await spare.turn('query');
    spare.onReply(LIMIT);
    await clock.advance(24 * HOUR_MS);
    sender.onReply({ ...LIMIT, banned: true });
    await clock.advance(0);
    await spare.turn('query');
    expect(spare.bannedForMs()).toBe(3_000);
    processes.redis = refuse;
    await clock.advance(3_000);
    await spare.turn('cancel');
    expect([spare.bannedForMs(), await spare.turn('cancel')]).toEqual([0, 'Granted']);
  });

  it.each([
    ['Redis', false],
    ['the fence, but not Redis', true],
  ])('that has passed does not begin again for a process that loses %s', async (_what, isUnavailable) => {
    let holdsFence = true;
    const budget = processes.processOf(undefined, () => holdsFence);
    if (isUnavailable) processes.redis = refuse;
    await budget.turn('query');
    budget.onReply({ ...LIMIT, retryAfterMs: 2 * HOUR_MS, banned: true });
    await clock.advance(2 * HOUR_MS + 60_000);
    expect([await budget.turn('cancel'), await budget.turn('query')]).toEqual(['Granted', 'Granted']);
    processes.redis = refuse;
    holdsFence = false;
    await budget.turn('cancel');
    await clock.advance(2_000);
    expect([await budget.turn('cancel'), await budget.turn('query')]).toEqual(['Granted', 'Granted']);
  });

  it('does not begin again after a process held the fence and handed it over', async () => {
    let holdsFence = false;
    const budget = processes.processOf(undefined, () => holdsFence);
    processes.redis = refuse;
    await budget.turn('query');
    budget.onReply({ ...LIMIT, retryAfterMs: HOUR_MS, banned: true });
    await clock.advance(HOUR_MS);
    expect(await budget.turn('cancel')).toBe('Paused');
    holdsFence = true;
    expect(await budget.turn('cancel')).toBe('Granted');
    holdsFence = false;
    await clock.advance(1_000);
    expect([budget.bannedForMs(), await budget.turn('cancel')]).toEqual([0, 'Granted']);
  });

  it('is named without what a process adds to it', async () => {
    const budget = processes.processOf(undefined, false);
    processes.redis = refuse;
    await budget.turn('query');
    budget.onReply(LIMIT);
    expect([budget.limitedForMs(), budget.demandedForMs()]).toEqual([12_000, 3_000]);
    await clock.advance(3_000);
    expect([budget.limitedForMs(), budget.demandedForMs()]).toEqual([9_000, 0]);
  });

  it('is new to the stops of cancellations, although its process still waits after the one before', async () => {
    const spare = processes.processOf(undefined, false);
    processes.redis = refuse;
    await spare.turn('query');
    spare.onReply({ ...LIMIT, retryAfterMs: 200_000 });
    spare.onCancelReply({ ...LIMIT, retryAfterMs: 130_000 });
    await clock.advance(250_000);
    expect(await spare.turn('cancel')).toBe('Granted');
    spare.onCancelReply({ ...LIMIT, retryAfterMs: 5 * HOUR_MS });
    expect(spare.bannedForMs()).toBe(4 * 60_000);
  });
});

// The processes of a swap, of which one holds the fence. They begin to ask at different times.
it.each([
  [2, 10_000],
  [3, 10_000],
  [4, 10_000],
  [4, 100_000],
  [2, 600_000],
])('%i processes without Redis leave each other in peace at a strict venue (%i ms)', async (count, LIMIT_MS) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    processes = new BudgetProcesses();
    ({ clock } = processes);
    processes.redis = refuse;
    let limitedUntilMs = clock.monotonicMs() + LIMIT_MS;
    let served = 0;
    const ask = async (index: number): Promise<void> => {
      const budget = processes.processOf(undefined, index === 0);
      await clock.sleep(1 + ((seed * 7_919 * index) % (2 * LIMIT_MS)));
      while (served === 0) {
        if ((await budget.turn('cancel')) === 'Granted') {
          if (clock.monotonicMs() >= limitedUntilMs) served += 1;
          else {
            limitedUntilMs = clock.monotonicMs() + LIMIT_MS;
            budget.onCancelReply({ kind: 'rateLimited', retryAfterMs: LIMIT_MS });
          }
        }
        await clock.sleep(LIMIT_MS / 100);
      }
    };
    for (let index = 0; index < count; index += 1) void ask(index);
    await clock.advance(10 * LIMIT_MS);
    expect(served, `seed ${seed}`).toBeGreaterThan(0);
  }
});
