import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permitAllows } from './permit.ts';
import { afterAsking, horizonOf, mayConclude, newInquiry, nextAskAt, type Inquiry } from './unknown-schedule.ts';

const rules = { recvWindowMs: 1_000, skewBoundMs: 300, acceptedAheadMs: 1_000, visibilityMs: 700 };
const SIGNED = 10_000;
const HORIZON = 12_700;

function asked(answers: readonly (readonly [at: number, absent: boolean])[]): Inquiry {
  return answers.reduce((inquiry, [at, absent]) => afterAsking(inquiry, at, absent, rules), newInquiry(SIGNED));
}

describe('an inquiry', () => {
  it.each([
    ['the second that the venue tolerates', 300, HORIZON],
    ['a bound on the skew that is wider', 1_500, HORIZON + 500],
  ])('adds window, visibility and %s to its horizon', (_what, skewBoundMs, horizon) => {
    expect(horizonOf(SIGNED, { ...rules, skewBoundMs })).toBe(horizon);
  });

  it('asks at once, then with pauses that double up to five seconds', () => {
    const longRules = { ...rules, visibilityMs: 60_000 };
    const times: number[] = [];
    let inquiry = newInquiry(SIGNED);
    let now = SIGNED;
    for (let turn = 0; turn < 9; turn += 1) {
      now = Math.max(now, nextAskAt(inquiry, longRules));
      times.push(now);
      inquiry = afterAsking(inquiry, now, false, longRules);
    }
    expect(times.map((time, index) => time - (times[index - 1] ?? SIGNED))).toEqual([
      0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
  });

  it('asks right behind the horizon, and once more soon after an absent answer', () => {
    let inquiry = newInquiry(SIGNED);
    const times: number[] = [];
    for (let now = SIGNED; !mayConclude(inquiry); now = nextAskAt(inquiry, rules)) {
      times.push(now);
      inquiry = afterAsking(inquiry, now, true, rules);
    }
    expect(times.slice(-2)).toEqual([HORIZON + 1, HORIZON + 251]);
  });

  it('goes back to growing pauses when the answer after a late absent one says nothing', () => {
    let inquiry = asked([
      [SIGNED, true],
      [HORIZON + 1, true],
    ]);
    expect(nextAskAt(inquiry, rules)).toBe(HORIZON + 251);
    const pauses: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const now = nextAskAt(inquiry, rules);
      inquiry = afterAsking(inquiry, now, false, rules);
      pauses.push(nextAskAt(inquiry, rules) - now);
    }
    expect(pauses).toEqual([400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it.each<[string, readonly (readonly [number, boolean])[], boolean]>([
    [
      'many absent answers before the horizon',
      Array.from({ length: 20 }, (_, index) => [SIGNED + index, true] as const),
      false,
    ],
    [
      'one absent answer after it',
      [
        [SIGNED, true],
        [SIGNED + 1, true],
        [HORIZON + 1, true],
      ],
      false,
    ],
    [
      'answers that say nothing',
      [
        [HORIZON + 1, false],
        [HORIZON + 2, false],
        [HORIZON + 3, false],
      ],
      false,
    ],
    [
      'two in all',
      [
        [HORIZON + 1, true],
        [HORIZON + 2, true],
      ],
      false,
    ],
    [
      'several, the last two after it',
      [
        [SIGNED, true],
        [HORIZON + 1, true],
        [HORIZON + 2, true],
      ],
      true,
    ],
  ])('concludes from %s: %s', (_what, answers, conclusion) => {
    expect(mayConclude(asked(answers))).toBe(conclusion);
  });

  it('never concludes before the horizon, whatever is answered', () => {
    const answers = fc.array(fc.tuple(fc.integer({ min: SIGNED, max: HORIZON }), fc.boolean()));
    fc.assert(
      fc.property(answers, (given) => {
        expect(mayConclude(asked(given))).toBe(false);
      }),
    );
  });
});

describe('permitAllows', () => {
  const permit = { epoch: 3, readAtMs: 1_000 };
  it.each([
    ['fresh', permit, { epoch: 3, monotonicMs: 1_999, permitMs: 1_000 }, true],
    ['as old as it may not be', permit, { epoch: 3, monotonicMs: 2_000, permitMs: 1_000 }, false],
    ['of another epoch', permit, { epoch: 4, monotonicMs: 1_001, permitMs: 1_000 }, false],
    ['not there', undefined, { epoch: 3, monotonicMs: 1_001, permitMs: 1_000 }, false],
  ])('%s', (_what, given, at, allowed) => {
    expect(permitAllows(given, at)).toBe(allowed);
  });
});
