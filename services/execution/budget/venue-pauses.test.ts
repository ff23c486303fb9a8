import { beforeEach, describe, expect, it } from 'vitest';
import { BudgetProcesses, refuse } from '../../../test/harness/execution/budget-processes.ts';
import type { VirtualClock } from '../../../test/harness/virtual-clock.ts';
import type { Lane } from '../core/budget/lanes.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';
import type { RateBudget } from './rate-budget.ts';

let clock: VirtualClock;
let processes: BudgetProcesses;

beforeEach(() => {
  processes = new BudgetProcesses();
  ({ clock } = processes);
});

describe('a pause of the venue', () => {
  const HOUR_MS = 3_600_000;
  const LIMIT = { kind: 'rateLimited', retryAfterMs: 3_000 } as const;

  it('stops everybody but cancellations, in every process, until it has passed', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    one.onReply(LIMIT);
    await clock.advance(0);
    expect([one.limitedForMs(), one.bannedForMs()]).toEqual([3_000, 0]);
    expect([await one.turn('query'), await other.turn('entry'), await other.turn('exit')]).toEqual([
      'Paused',
      'Paused',
      'Paused',
    ]);
    expect([await other.turn('cancel'), other.limitedForMs(), other.bannedForMs()]).toEqual(['Granted', 3_000, 0]);
    await clock.advance(3_000);
    expect([await one.turn('exit'), await other.turn('entry')]).toEqual(['Granted', 'Granted']);
  });

  it('that the reply to a cancellation demands stops cancellations too, in every process, and repeats longer', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    one.onCancelReply(LIMIT);
    one.onCancelReply({ ...LIMIT, retryAfterMs: 1_000 });
    const turns = async (lane: Lane) => [await one.turn(lane), await other.turn(lane)];
    const [paused, granted] = [
      ['Paused', 'Paused'],
      ['Granted', 'Granted'],
    ];
    await clock.advance(2_999);
    expect([await turns('cancel'), await turns('cancelAgain')]).toEqual([paused, paused]);
    await clock.advance(1);
    expect([await turns('cancel'), await turns('exit')]).toEqual([granted, granted]);
    expect(await turns('cancelAgain')).toEqual(paused);
    await clock.advance(1_500);
    expect(await turns('cancelAgain')).toEqual(granted);
  });

  it('that bans the account stops cancellations too, in every process', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    one.onReply({ ...LIMIT, banned: true });
    await clock.advance(0);
    expect([await one.turn('cancel'), await other.turn('cancel'), other.bannedForMs()]).toEqual([
      'Paused',
      'Paused',
      3_000,
    ]);
  });

  it('stops cancellations for a minute at most, unless it is a ban', () => {
    const budget = processes.processOf();
    budget.onCancelReply({ ...LIMIT, retryAfterMs: HOUR_MS });
    budget.onCancelReply({ ...LIMIT, retryAfterMs: HOUR_MS });
    expect([budget.bannedForMs(), budget.limitedForMs()]).toEqual([60_000, HOUR_MS]);
    budget.onCancelReply({ ...LIMIT, retryAfterMs: HOUR_MS, banned: true });
    expect(budget.bannedForMs()).toBe(HOUR_MS);
  });

  it('stops them for ten times as long each time that they are refused after it, and at most until its end', async () => {
    const budget = processes.processOf();
    const stops: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      for (let burst = 0; burst < 5; burst += 1) budget.onCancelReply({ ...LIMIT, retryAfterMs: 5 * HOUR_MS });
      stops.push(budget.bannedForMs());
      await clock.advance(budget.bannedForMs() - 1);
      expect(await budget.turn('cancel')).toBe('Paused');
      await clock.advance(1);
      expect(await budget.turn('cancel')).toBe('Granted');
    }
    expect(stops).toEqual([60_000, 600_000, 6_000_000, 5 * HOUR_MS]);
  });

  it.each<[string, number, Parameters<RateBudget['onCancelReply']>[0]]>([
    ['accepted one', 60_000, { kind: 'ok' }],
    ['does not know an order', 60_000, { kind: 'notFound' }],
    ['rejected one', 60_000, { kind: 'rejected', code: '-2011', message: 'unknown order' }],
    ['did not answer one', 600_000, { kind: 'unknown', reason: 'timeout' }],
  ])('that begins after the venue %s stops them for %i ms', async (_what, stopMs, reply) => {
    const budget = processes.processOf();
    budget.onCancelReply({ ...LIMIT, retryAfterMs: HOUR_MS });
    await clock.advance(60_000);
    budget.onCancelReply(reply);
    budget.onCancelReply({ ...LIMIT, retryAfterMs: HOUR_MS });
    expect(budget.bannedForMs()).toBe(stopMs);
  });

  it.each<[string, (budget: RateBudget, other: RateBudget) => void]>([
    [
      'limit',
      (budget) => {
        budget.onCancelReply({ ...LIMIT, retryAfterMs: 90_000 });
      },
    ],
    [
      'ban',
      (budget) => {
        budget.onCancelReply({ ...LIMIT, retryAfterMs: 90_000, banned: true });
      },
    ],
    [
      'limit, while one of queries is in force',
      (budget) => {
        budget.onCancelReply({ ...LIMIT, retryAfterMs: 5_000 });
        void clock.sleep(85_000).then(() => budget.onReply({ ...LIMIT, retryAfterMs: HOUR_MS }));
      },
    ],
    [
      'limit, while one that another process met is in force',
      (budget, other) => {
        budget.onCancelReply({ ...LIMIT, retryAfterMs: 5_000 });
        void clock.sleep(85_000).then(async () => {
          other.onReply({ ...LIMIT, retryAfterMs: HOUR_MS });
          await clock.sleep(0);
          await budget.turn('cancel');
        });
      },
    ],
  ])('that begins after another %s has passed stops them as the first one', async (_what, before) => {
    const [budget, other] = [processes.processOf(), processes.processOf()];
    before(budget, other);
    await clock.advance(91_000);
    for (let burst = 0; burst < 3; burst += 1) budget.onCancelReply({ ...LIMIT, retryAfterMs: HOUR_MS });
    expect(budget.bannedForMs()).toBe(60_000);
  });

  it('is reported at once again to a Redis whose clock was another, or that hung when it was first asked', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    expect(await one.turn('query')).toBe('Granted');
    clock.setNow(clock.nowMs() + 600_000);
    one.onReply({ ...LIMIT, banned: true });
    await clock.advance(0);
    expect(await other.turn('cancel')).toBe('Paused');
  });

  it.each([
    [5, 80],
    [100, 20],
  ])('grows by no more than one way there and back (%i orders a second, %i ms)', async (ordersPerSecond, wayMs) => {
    processes.redis = async (request) => {
      await clock.sleep(wayMs / 2);
      const answer = await processes.memory.take(request);
      await clock.sleep(wayMs / 2);
      return answer;
    };
    const limits = { ordersPerSecond, queries: { tokens: 20, windowMs: 10_000 } };
    const [one, other] = [processes.processOf(limits), processes.processOf(limits)];
    one.onReply(LIMIT);
    const cancelEach = async (budget: RateBudget): Promise<void> => {
      for (let count = 0; count < 5_000; count += 1) {
        await budget.turn('cancel');
        await clock.sleep(1);
      }
    };
    for (const budget of [one, other]) void cancelEach(budget);
    await clock.advance(2_900);
    expect([one.limitedForMs() > 0, other.limitedForMs() > 0]).toEqual([true, true]);
    await clock.advance(100 + 2 * wayMs);
    expect([one.limitedForMs(), other.limitedForMs()]).toEqual([0, 0]);
  });

  it.each([
    ['hung when it was first asked', []],
    ['answered before it hung', ['query']],
  ] as const)('that a Redis which %s learns after its end stops no process', async (_what, before) => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    for (const lane of before) expect([await one.turn(lane), await other.turn(lane)]).toEqual(['Granted', 'Granted']);
    processes.redis = async (request) => {
      await clock.sleep(4_000);
      return await processes.memory.take(request);
    };
    one.onReply({ ...LIMIT, banned: true });
    await clock.advance(4_000);
    processes.redis = processes.memory.take;
    expect([await other.turn('cancel'), await other.turn('exit')]).toEqual(['Granted', 'Granted']);
  });

  it('does not begin again when the clock of Redis is set back', async () => {
    const budget = processes.processOf();
    budget.onReply({ ...LIMIT, banned: true });
    await clock.advance(60_000);
    expect(await budget.turn('exit')).toBe('Granted');
    clock.setNow(clock.nowMs() - 600_000);
    expect([await budget.turn('cancel'), await budget.turn('exit')]).toEqual(['Granted', 'Granted']);
  });

  it('that Redis lost is reported again within a second by the process that met it, and no more often', async () => {
    const [budget, other] = [processes.processOf(), processes.processOf()];
    for (const retryAfterMs of [3_000, 500]) budget.onReply({ ...LIMIT, retryAfterMs, banned: true });
    await clock.advance(10);
    expect(await other.turn('cancel')).toBe('Paused');
    processes.redis = new MemoryBudget(clock).take;
    const before = processes.asked;
    for (let ms = 0; ms < 1_900; ms += 100) {
      expect([await budget.turn('cancel'), await other.turn('cancel')]).toEqual(['Paused', 'Paused']);
      await clock.advance(100);
    }
    expect(processes.asked - before).toBe(1);
    const third = processes.processOf();
    expect([await third.turn('cancel'), await third.turn('exit')]).toEqual(['Paused', 'Paused']);
    await clock.advance(1_100);
    expect(await budget.turn('cancel')).toBe('Granted');
  });

  it('of cancellations that Redis did not learn are reported with a turn that they refuse', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    expect(await one.turn('query')).toBe('Granted');
    processes.redis = refuse;
    one.onCancelReply(LIMIT);
    await clock.advance(900);
    processes.redis = processes.memory.take;
    expect(await one.turn('cancel')).toBe('Paused');
    await clock.advance(0);
    expect(await other.turn('cancel')).toBe('Granted');
    await clock.advance(100);
    const before = processes.asked;
    expect(await one.turn('cancel')).toBe('Paused');
    await clock.advance(0);
    expect([await other.turn('cancel'), await one.turn('cancel')]).toEqual(['Paused', 'Paused']);
    expect(processes.asked - before).toBe(2);
  });

  it('is not waited for, and asks Redis for nothing once it is known', async () => {
    const budget = processes.processOf();
    budget.onReply(LIMIT);
    const before = processes.asked;
    expect([await budget.turn('entry'), processes.asked]).toEqual(['Paused', before]);
  });

  it('that Redis did not learn is shared with the next request', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    processes.redis = refuse;
    one.onReply(LIMIT);
    await clock.advance(1_000);
    processes.redis = processes.memory.take;
    expect(await one.turn('cancel')).toBe('Granted');
    expect([await other.turn('exit'), other.limitedForMs()]).toEqual(['Paused', 2_000]);
  });

  it('does not follow from other replies', () => {
    const budget = processes.processOf();
    for (const reply of [{ kind: 'ok' }, { kind: 'notFound' }, { kind: 'unknown', reason: 'HTTP 500' }] as const)
      budget.onReply(reply);
    expect([budget.limitedForMs(), processes.asked]).toEqual([0, 0]);
  });
});
