import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterQuery, horizonOf, mayConclude, newInquiry, nextQueryMs, type Inquiry } from './unknown-schedule.ts';

const rules = { recvWindowMs: 1_000, skewBoundMs: 300, acceptedAheadMs: 1_000, visibilityMs: 700 };
const SIGNED = 10_000;
const HORIZON = 12_700;

function inquiryAfter(replies: readonly (readonly [at: number, absent: boolean])[]): Inquiry {
  return replies.reduce((inquiry, [at, absent]) => afterQuery(inquiry, at, absent, rules), newInquiry(SIGNED));
}

describe('an inquiry', () => {
  it.each([
    ['the second that the venue tolerates', 300, HORIZON],
    ['a wider bound on the clock skew', 1_500, HORIZON + 500],
  ])('adds window, visibility and %s to its horizon', (_title, skewBoundMs, horizon) => {
    expect(horizonOf(SIGNED, { ...rules, skewBoundMs })).toBe(horizon);
  });

  it('queries immediately, then with delays that double up to five seconds', () => {
    const longRules = { ...rules, visibilityMs: 60_000 };
    const times: number[] = [];
    let inquiry = newInquiry(SIGNED);
    let now = SIGNED;
    for (let query = 0; query < 9; query += 1) {
      now = Math.max(now, nextQueryMs(inquiry, longRules));
      times.push(now);
      inquiry = afterQuery(inquiry, now, false, longRules);
    }
    expect(times.map((time, index) => time - (times[index - 1] ?? SIGNED))).toEqual([
      0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
  });

  it('queries right after the horizon, and again soon after a "no such order" reply', () => {
    let inquiry = newInquiry(SIGNED);
    const times: number[] = [];
    for (let now = SIGNED; !mayConclude(inquiry); now = nextQueryMs(inquiry, rules)) {
      times.push(now);
      inquiry = afterQuery(inquiry, now, true, rules);
    }
    expect(times.slice(-2)).toEqual([HORIZON + 1, HORIZON + 251]);
  });

  it('returns to growing delays when the venue stops answering after a late "no such order" reply', () => {
    let inquiry = inquiryAfter([
      [SIGNED, true],
      [HORIZON + 1, true],
    ]);
    expect(nextQueryMs(inquiry, rules)).toBe(HORIZON + 251);
    const delays: number[] = [];
    for (let query = 0; query < 6; query += 1) {
      const now = nextQueryMs(inquiry, rules);
      inquiry = afterQuery(inquiry, now, false, rules);
      delays.push(nextQueryMs(inquiry, rules) - now);
    }
    expect(delays).toEqual([400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it.each<[string, readonly (readonly [number, boolean])[], boolean]>([
    [
      'many absent replies before the horizon',
      Array.from({ length: 20 }, (_, index) => [SIGNED + index, true] as const),
      false,
    ],
    [
      'one absent reply after it',
      [
        [SIGNED, true],
        [SIGNED + 1, true],
        [HORIZON + 1, true],
      ],
      false,
    ],
    [
      'replies that do not decide',
      [
        [HORIZON + 1, false],
        [HORIZON + 2, false],
        [HORIZON + 3, false],
      ],
      false,
    ],
    [
      'two absent replies in total',
      [
        [HORIZON + 1, true],
        [HORIZON + 2, true],
      ],
      false,
    ],
    [
      'several absent replies, the last two after it',
      [
        [SIGNED, true],
        [HORIZON + 1, true],
        [HORIZON + 2, true],
      ],
      true,
    ],
  ])('concludes from %s: %s', (_title, replies, conclusion) => {
    expect(mayConclude(inquiryAfter(replies))).toBe(conclusion);
  });

  it('never concludes before the horizon, whatever the venue replies', () => {
    const histories = fc.array(fc.tuple(fc.integer({ min: SIGNED, max: HORIZON }), fc.boolean()));
    fc.assert(
      fc.property(histories, (replies) => {
        expect(mayConclude(inquiryAfter(replies))).toBe(false);
      }),
    );
  });
});
