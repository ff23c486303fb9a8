import { array, assert, constantFrom, integer, nat, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES, laneOf, localShare, rulesOf, type BudgetLimits, type Lane } from './lanes.ts';
import { FULL_BUDGET, takeTokens, type BudgetRequest, type TokenBudget } from './token-budget.ts';

const LIMITS: BudgetLimits = { ordersPerSecond: 5, queries: { tokens: 20, windowMs: 10_000 } };
const NO_PAUSE = { limitedForMs: 0, bannedForMs: 0 };
const NOW = 1_800_000_000_000;

function request(lane: Lane, tokens = 1, limits = LIMITS): BudgetRequest {
  return { ...rulesOf(lane, limits), tokens, ...NO_PAUSE };
}

/** Takes one token after the other at these times, and returns the budget and who was granted. */
function taking(steps: readonly (readonly [Lane, number])[], from: TokenBudget = FULL_BUDGET) {
  let budget = from;
  const granted = steps.map(([lane, atMs]) => {
    const next = takeTokens(budget, request(lane), atMs);
    ({ budget } = next);
    return next.answer.granted;
  });
  return { budget, granted };
}

describe('a lane', () => {
  it.each([
    [2, [2, 1, 1]],
    [3, [3, 2, 1]],
    [5, [5, 4, 3]],
    [12, [12, 10, 8]],
    [100, [100, 80, 60]],
  ])('of %d orders a second takes at most %j: cancellations, exits, entries', (ordersPerSecond, expected) => {
    const limits = { ...LIMITS, ordersPerSecond };
    const lanes = ['cancel', 'exit', 'entry'] as const;
    expect(lanes.map((lane) => rulesOf(lane, limits).limit)).toEqual(expected);
    expect(rulesOf('cancelAgain', limits)).toEqual(rulesOf('cancel', limits));
  });

  it('is that of its side, and queries have a bucket of their own', () => {
    expect([laneOf('sell'), laneOf('buy')]).toEqual(['exit', 'entry']);
    expect(LANES.map((lane) => rulesOf(lane, LIMITS).bucket)).toEqual([
      'orders',
      'orders',
      'orders',
      'orders',
      'queries',
      'queries',
    ]);
  });

  it('of a rehearsal leaves half of the queries to the sender', () => {
    expect(rulesOf('rehearsal', LIMITS)).toEqual({ ...rulesOf('query', LIMITS), limit: LIMITS.queries.tokens / 2 });
  });

  it('is only stopped by a limit if it is no cancellation', () => {
    expect(LANES.filter((lane) => rulesOf(lane, LIMITS).passesLimit)).toEqual(['cancel', 'cancelAgain']);
  });

  it.each([
    [2, 2],
    [5, 2],
    [12, 6],
  ])('of %d orders a second has a share of %d in one process', (ordersPerSecond, share) => {
    expect(localShare({ ...LIMITS, ordersPerSecond })).toEqual({
      ordersPerSecond: share,
      queries: { tokens: 10, windowMs: 10_000 },
    });
  });
});

describe('the budget', () => {
  it('keeps tokens for exits from entries, and tokens for cancellations from both', () => {
    const at = (lane: Lane) => [lane, NOW] as const;
    const entries = taking([at('entry'), at('entry'), at('entry'), at('entry')]);
    expect(entries.granted).toEqual([true, true, true, false]);
    const exits = taking([at('exit'), at('exit')], entries.budget);
    expect(exits.granted).toEqual([true, false]);
    expect(taking([at('cancel'), at('cancel')], exits.budget).granted).toEqual([true, false]);
  });

  it('returns each token one window after it was taken, and says when', () => {
    const { budget } = taking([
      ['exit', NOW],
      ['exit', NOW + 100],
      ['exit', NOW + 200],
      ['exit', NOW + 300],
    ]);
    const ask = (atMs: number) => takeTokens(budget, request('exit'), atMs).answer;
    expect(ask(NOW + 400)).toEqual({ granted: false, waitMs: 600, ...NO_PAUSE, atMs: NOW + 400 });
    expect(ask(NOW + 999)).toMatchObject({ granted: false, waitMs: 1 });
    expect(ask(NOW + 1_000)).toMatchObject({ granted: true, waitMs: 0 });
    expect(takeTokens(budget, request('entry'), NOW + 400).answer.waitMs).toBe(700);
  });

  it('counts queries by weight, and returns them together with those of the same grain, not earlier', () => {
    const first = takeTokens(FULL_BUDGET, request('query', 10), NOW).budget;
    const second = takeTokens(first, request('query', 5), NOW + 100).budget;
    expect(second.queries).toEqual([{ atMs: NOW + 100, tokens: 15 }]);
    expect(takeTokens(second, request('query', 6), NOW + 200).answer).toMatchObject({ granted: false, waitMs: 9_900 });
    const third = takeTokens(second, request('query', 5), NOW + 300).budget;
    expect(third.queries).toHaveLength(2);
    expect(takeTokens(third, request('query', 20), NOW + 10_100).answer).toMatchObject({ granted: false, waitMs: 200 });
    expect(takeTokens(third, request('cancel'), NOW + 300).answer.granted).toBe(true);
  });

  it('takes nothing for a request of no tokens', () => {
    const { budget, answer } = takeTokens(FULL_BUDGET, request('query', 0), NOW);
    expect([budget, answer.granted]).toEqual([{ ...FULL_BUDGET, askedMs: NOW }, false]);
  });

  it('never grants more at once than the limit', () => {
    expect(takeTokens(FULL_BUDGET, request('query', 21), NOW).answer).toMatchObject({ granted: false, waitMs: 10_000 });
  });

  it.each<[string, Partial<BudgetRequest>, readonly Lane[]]>([
    ['a limit stops all but cancellations', { limitedForMs: 500 }, ['cancel', 'cancelAgain']],
    ['a ban stops cancellations too', { limitedForMs: 500, bannedForMs: 500 }, []],
  ])('%s, until it has passed', (_what, pause, passing) => {
    const { budget } = takeTokens(FULL_BUDGET, { ...request('query', 0), ...pause }, NOW);
    const granted = (atMs: number) => LANES.filter((lane) => takeTokens(budget, request(lane), atMs).answer.granted);
    expect(granted(NOW)).toEqual(passing);
    expect(granted(NOW + 499)).toEqual(passing);
    expect(granted(NOW + 500)).toEqual([...LANES]);
    expect(takeTokens(budget, request('entry'), NOW + 100).answer).toMatchObject({ waitMs: 400, limitedForMs: 400 });
  });

  it('keeps the longer of two pauses', () => {
    const { budget } = takeTokens(FULL_BUDGET, { ...request('query', 0), limitedForMs: 3_000 }, NOW);
    const next = takeTokens(budget, { ...request('query', 0), limitedForMs: 1_000, bannedForMs: 200 }, NOW + 500);
    expect(next.answer).toMatchObject({ limitedForMs: 2_500, bannedForMs: 200 });
  });

  it.each([
    ['late, counts a pause from when it was sent', NOW - 400, 2_600],
    ['after the pause has ended, counts none', NOW - 3_000, 0],
    ['by a clock that is ahead, counts it from now', NOW + 400, 3_000],
  ])('that it is asked for %s', (_what, sentMs, leftMs) => {
    const { answer } = takeTokens(FULL_BUDGET, { ...request('query', 0), limitedForMs: 3_000, sentMs }, NOW);
    expect(answer.limitedForMs).toBe(leftMs);
  });

  it('begins no pause again after the clock was set back', () => {
    const paused = takeTokens(FULL_BUDGET, { ...request('query', 0), limitedForMs: 3_000, bannedForMs: 1_000 }, NOW);
    const back = NOW - 600_000;
    expect(takeTokens(paused.budget, request('exit'), back).answer).toMatchObject({
      limitedForMs: 3_000,
      bannedForMs: 1_000,
    });
    const after = takeTokens(paused.budget, request('exit'), NOW + 3_000);
    const again = takeTokens(after.budget, request('exit'), back);
    expect(again.answer).toMatchObject({ granted: true, limitedForMs: 0, bannedForMs: 0 });
  });

  it('holds no token for longer than a window after the clock was set back', () => {
    const { budget } = taking([
      ['entry', NOW + 3_600_000],
      ['entry', NOW + 3_600_000],
      ['entry', NOW + 3_600_000],
    ]);
    const back = takeTokens(budget, request('entry'), NOW);
    expect(back.answer).toMatchObject({ granted: false, waitMs: 1_000 });
    expect(takeTokens(back.budget, request('entry'), NOW + 1_000).answer.granted).toBe(true);
  });
});

const steps = array(record({ lane: constantFrom(...LANES), afterMs: nat(400), tokens: integer({ min: 1, max: 10 }) }), {
  maxLength: 80,
});
function isQuery(lane: Lane): boolean {
  return lane === 'query' || lane === 'rehearsal';
}

const rates = integer({ min: 2, max: 12 });

/** Runs steps, and returns the grants. */
function grantsOf(ordersPerSecond: number, run: readonly { lane: Lane; afterMs: number; tokens: number }[]) {
  const limits = { ...LIMITS, ordersPerSecond };
  let budget = FULL_BUDGET;
  let atMs = NOW;
  return run.flatMap(({ lane, afterMs, tokens }) => {
    atMs += afterMs;
    const cost = isQuery(lane) ? tokens : 1;
    const next = takeTokens(budget, request(lane, cost, limits), atMs);
    ({ budget } = next);
    return next.answer.granted ? [{ lane, atMs, tokens: cost }] : [];
  });
}

describe('over any course of requests', () => {
  it('never more than rate x time + burst is granted, and never more than the limit within a second', () => {
    assert(
      property(rates, steps, (rate, run) => {
        const orders = grantsOf(rate, run).filter(({ lane }) => !isQuery(lane));
        for (const [first, from] of orders.entries()) {
          for (const [last, to] of orders.entries()) {
            if (last < first) continue;
            const spanMs = to.atMs - from.atMs;
            expect(last - first + 1).toBeLessThanOrEqual((rate * spanMs) / 1_000 + rate);
            if (spanMs < 1_000) expect(last - first + 1).toBeLessThanOrEqual(rate);
          }
        }
      }),
    );
  });

  it('a cancellation always finds its lane: entries and exits alone never use it up', () => {
    assert(
      property(rates, steps, nat(300), (rate, run, laterMs) => {
        const limits = { ...LIMITS, ordersPerSecond: rate };
        let budget = FULL_BUDGET;
        let atMs = NOW;
        for (const { lane, afterMs } of run) {
          atMs += afterMs;
          if (!lane.startsWith('cancel')) ({ budget } = takeTokens(budget, request(lane, 1, limits), atMs));
        }
        expect(takeTokens(budget, request('cancel', 1, limits), atMs + laterMs).answer.granted).toBe(true);
      }),
    );
  });

  it('queries stay within their weight, and take nothing from orders', () => {
    assert(
      property(rates, steps, (rate, run) => {
        const grants = grantsOf(rate, run);
        const queries = grants.filter(({ lane }) => isQuery(lane));
        for (const { atMs } of queries) {
          const within = queries.filter((one) => one.atMs >= atMs && one.atMs < atMs + 10_000);
          expect(within.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(20);
        }
        const without = grantsOf(
          rate,
          run.map((step) => (isQuery(step.lane) ? { ...step, tokens: 21 } : step)),
        );
        const orders = ({ lane }: { readonly lane: Lane }): boolean => !isQuery(lane);
        expect(grants.filter(orders)).toEqual(without.filter(orders));
      }),
    );
  });

  it('whoever waits as long as the answer says is granted, if nobody else asks', () => {
    assert(
      property(rates, steps, constantFrom(...LANES), (rate, run, lane) => {
        const limits = { ...LIMITS, ordersPerSecond: rate };
        let budget = FULL_BUDGET;
        let atMs = NOW;
        for (const step of run) {
          atMs += step.afterMs;
          ({ budget } = takeTokens(budget, request(step.lane, isQuery(step.lane) ? step.tokens : 1, limits), atMs));
        }
        const { budget: asked, answer } = takeTokens(budget, request(lane, 1, limits), atMs);
        const again = takeTokens(asked, request(lane, 1, limits), atMs + answer.waitMs).answer;
        expect([answer.granted || again.granted, answer.waitMs <= 10_000]).toEqual([true, true]);
      }),
    );
  });

  it('stays small', () => {
    assert(
      property(rates, steps, (rate, run) => {
        const limits = { ordersPerSecond: rate, queries: { tokens: 10_000, windowMs: 10_000 } };
        let budget = FULL_BUDGET;
        for (const [index, { lane }] of [...run, ...run, ...run, ...run].entries())
          ({ budget } = takeTokens(budget, request(lane, 1, limits), NOW + index * 60));
        expect(budget.orders.length).toBeLessThanOrEqual(rate);
        expect(budget.queries.length).toBeLessThanOrEqual(42);
      }),
    );
  });
});
