import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { afterAttempt, afterRefusal, progressOf, type Attempts } from './attempts.ts';

const d = parseDecimal;

function tried(count: number, change: Partial<Attempts> = {}): Attempts {
  return { count, atMs: 0, held: d('30'), refusal: undefined, refusedBefore: count - 1, ...change };
}

it('is due before the first attempt', () => {
  expect(progressOf(undefined, d('30'), 0)).toEqual({ dueInMs: 0, count: 0, problem: undefined });
});

describe('an attempt that did not reduce the position', () => {
  it.each([
    ['a refused one', { reason: 'x', message: 'y' }, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    ['one that found nobody at its price', undefined, [1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000]],
  ])('is repeated after waits that double: %s', (_what, refusal, expected) => {
    const waits = expected.map((_wait, index) => {
      let ms = 0;
      while (progressOf(tried(index + 1, { refusal }), d('30'), ms).dueInMs > 0) ms += 500;
      return ms;
    });
    expect(waits).toEqual(expected);
  });

  it('is reported with its refusal, or with the number of attempts', () => {
    const refusal = { reason: 'InsufficientFunds', message: 'too little' };
    expect(progressOf(tried(1, { refusal }), d('30'), 0).problem).toEqual(refusal);
    expect(progressOf(tried(1), d('30'), 0).problem).toBeUndefined();
    expect(progressOf(tried(3), d('30'), 0).problem).toMatchObject({ reason: 'ExitUnfilled' });
  });

  it('is reported with the code of the venue when that rejected its order', () => {
    const rejected = afterRefusal(tried(3, { orderId: 'o1' }), { state: 'Rejected', code: '30004' });
    expect(progressOf(rejected, d('30'), 0).problem).toEqual({
      reason: 'ExitRejected',
      message: 'the venue rejected order o1 with code 30004, the last of 3 attempts',
    });
  });

  it('is reported with why it was never sent, is repeated as soon, and the next one is judged by itself', () => {
    const unsent = afterRefusal(tried(5, { orderId: 'o1' }), { state: 'NeverSent', code: 'NotReconciled' });
    const message = 'execution did not send order o1: NotReconciled, the last of 5 attempts';
    expect(progressOf(unsent, d('30'), 0)).toMatchObject({
      dueInMs: 4_000,
      count: 5,
      problem: { reason: 'ExitNotSent', message },
    });
    const next = afterAttempt(unsent, { atMs: 9_000, held: d('30'), refusal: undefined });
    expect(progressOf(next, d('30'), 9_000).problem).toMatchObject({ reason: 'ExitUnfilled' });
  });

  it('waits by the refusals in a row, so that a single one delays no exit that went unfilled before', () => {
    const next = { atMs: 0, held: d('30'), refusal: { reason: 'x', message: 'y' } };
    const once = afterAttempt(tried(9), next);
    const again = afterAttempt(once, next);
    const unfilled = afterAttempt(again, { ...next, refusal: undefined });
    const waits = [once, again, unfilled, afterAttempt(unfilled, next)].map(
      (last) => progressOf(last, d('30'), 0).dueInMs,
    );
    expect(waits).toEqual([1_000, 2_000, 4_000, 1_000]);
  });

  it('is repeated at once after a fill, and the waits start again', () => {
    const before = tried(5, { refusal: { reason: 'x', message: 'y' } });
    expect(progressOf(before, d('29.9'), 0)).toEqual({ dueInMs: 0, count: 0, problem: undefined });
    const attempt = { atMs: 9, refusal: undefined };
    expect(afterAttempt(before, { ...attempt, held: d('29.9') }).count).toBe(1);
    expect(afterAttempt(before, { ...attempt, held: d('30') }).count).toBe(6);
  });
});
