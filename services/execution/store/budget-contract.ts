import { beforeEach, describe, expect, it } from 'vitest';
import { LANES, rulesOf, type Lane } from '../core/budget/lanes.ts';
import type { BudgetRequest } from '../core/budget/token-budget.ts';
import type { SharedBudget } from '../ports.ts';

/** Two processes on one full budget, and a function that lets time pass for it. */
export interface BudgetSubject {
  readonly one: SharedBudget;
  readonly other: SharedBudget;
  readonly pass: (ms: number) => Promise<void>;
}

const LIMITS = { ordersPerSecond: 5, queries: { tokens: 20, windowMs: 3_000 } };

/** Long windows: the times of a real server pass on a busy machine. */
const WINDOW_MS = 3_000;

function request(lane: Lane, change: Partial<BudgetRequest> = {}): BudgetRequest {
  const rules = { ...rulesOf(lane, LIMITS), windowMs: WINDOW_MS };
  return { ...rules, tokens: 1, limitedForMs: 0, bannedForMs: 0, ...change };
}

/** Tests the behaviour of every SharedBudget: the one in Redis and its twin in memory. */
export function budgetContract(name: string, create: () => Promise<BudgetSubject>): void {
  describe(`${name} as the request budget of an account`, () => {
    let subject: BudgetSubject;

    beforeEach(async () => {
      subject = await create();
    });

    const granted = async (budget: SharedBudget, lane: Lane, change: Partial<BudgetRequest> = {}) =>
      (await budget.take(request(lane, change))).granted;

    it('is shared: what one process takes, the other has not', async () => {
      const { one, other } = subject;
      expect(await one.take(request('entry'))).toMatchObject({
        granted: true,
        waitMs: 0,
        limitedForMs: 0,
        bannedForMs: 0,
      });
      expect([await granted(other, 'entry'), await granted(one, 'entry'), await granted(other, 'entry')]).toEqual([
        true,
        true,
        false,
      ]);
      expect([await granted(one, 'exit'), await granted(other, 'exit')]).toEqual([true, false]);
      expect([await granted(one, 'cancel'), await granted(other, 'cancel')]).toEqual([true, false]);
      expect(await granted(other, 'query')).toBe(true);
    });

    it('grants no more than the limit to many requests at the same time', async () => {
      const { one, other } = subject;
      const asked = Array.from(
        { length: 40 },
        async (_, index) => await granted(index % 2 === 0 ? one : other, 'cancel'),
      );
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(5);
    });

    it('returns tokens after a window, and says when', async () => {
      const { one, other, pass } = subject;
      for (let index = 0; index < 5; index += 1) await one.take(request('cancel'));
      const { waitMs } = await other.take(request('cancel'));
      expect(waitMs).toBeGreaterThan(1_000);
      expect(waitMs).toBeLessThanOrEqual(WINDOW_MS);
      await pass(waitMs + 5);
      expect(await granted(other, 'cancel')).toBe(true);
    });

    it('counts queries by weight', async () => {
      const { one, other } = subject;
      expect([await granted(one, 'query', { tokens: 10 }), await granted(other, 'query', { tokens: 9 })]).toEqual([
        true,
        true,
      ]);
      const { granted: more, waitMs } = await one.take(request('query', { tokens: 2 }));
      expect([more, waitMs > 1_000, waitMs <= WINDOW_MS]).toEqual([false, true, true]);
      expect(await granted(one, 'query', { tokens: 1 })).toBe(true);
      expect(await granted(one, 'query', { tokens: 0 })).toBe(false);
    });

    it('grants tokens that were taken at different times as they return', async () => {
      const { one, pass } = subject;
      for (const lane of ['exit', 'exit'] as const) await one.take(request(lane));
      await pass(1_200);
      for (const lane of ['exit', 'exit'] as const) await one.take(request(lane));
      await pass(1_900);
      expect([await granted(one, 'exit'), await granted(one, 'exit'), await granted(one, 'exit')]).toEqual([
        true,
        true,
        false,
      ]);
    });

    it.each<[string, Partial<BudgetRequest>, readonly Lane[]]>([
      ['limit', { limitedForMs: 2_000 }, ['cancel', 'cancelAgain']],
      ['ban', { limitedForMs: 2_000, bannedForMs: 2_000 }, []],
    ])('shares a %s that one process reports, until it has passed', async (_what, pause, passing) => {
      const { one, other, pass } = subject;
      await one.take(request('query', { tokens: 0, ...pause }));
      const passed: Lane[] = [];
      for (const lane of LANES) if (await granted(other, lane)) passed.push(lane);
      expect(passed).toEqual(passing);
      const answer = await other.take(request('entry'));
      expect(answer.limitedForMs).toBeGreaterThan(200);
      expect(answer.granted).toBe(false);
      expect(answer.waitMs).toBeGreaterThanOrEqual(answer.limitedForMs);
      expect(answer.bannedForMs > 0).toBe(passing.length === 0);
      await pass(2_010);
      expect(await other.take(request('entry'))).toMatchObject({ granted: true, limitedForMs: 0, bannedForMs: 0 });
    });

    it('counts a pause from when it was sent, by its own clock', async () => {
      const { one, other } = subject;
      const { atMs } = await one.take(request('query', { tokens: 0 }));
      const late = request('query', { tokens: 0, limitedForMs: 3_000, bannedForMs: 3_000, sentMs: atMs - 3_000 });
      expect(await one.take(late)).toMatchObject({ limitedForMs: 0, bannedForMs: 0 });
      const sentMs = atMs - 1_000.5;
      const { limitedForMs, bannedForMs } = await other.take({ ...late, sentMs });
      expect([limitedForMs, bannedForMs].every((ms) => ms > 500 && ms <= 2_000)).toBe(true);
      expect(await other.take({ ...late, sentMs: atMs + 60_000 })).toMatchObject({ limitedForMs: 3_000 });
    });

    it('keeps the longer of two pauses, also of one that a later request reports', async () => {
      const { one, other } = subject;
      await one.take(request('query', { tokens: 0, limitedForMs: 3_000 }));
      const { limitedForMs } = await other.take(request('query', { tokens: 0, limitedForMs: 500.5 }));
      expect(limitedForMs).toBeGreaterThan(2_000);
      expect((await one.take(request('cancel', { bannedForMs: 700 }))).granted).toBe(false);
    });
  });
}
