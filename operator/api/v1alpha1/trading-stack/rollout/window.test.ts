import { describe, expect, it } from 'vitest';
import { sampleStack } from '../../../../../test/fixtures/sample-stack.ts';
import { parseSpec } from '../trading-stack.ts';
import { nextOpening, windowSpec } from './window.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const nightly = { schedule: '0 2 * * *', duration: '4h' };
const weekly = { schedule: '30 22 * * FRI', duration: '1h30m' };

describe('a window', () => {
  it.each([
    ['before its start', nightly, '2026-03-01T01:59:59.999', '2026-03-01T02:00'],
    ['at its start', nightly, '2026-03-01T02:00', undefined],
    ['in it', nightly, '2026-03-01T05:59:59.999', undefined],
    ['at its end', nightly, '2026-03-01T06:00', '2026-03-02T02:00'],
    ['over midnight', weekly, '2026-03-06T23:59:30', undefined],
    ['at its end on midnight', weekly, '2026-03-07T00:00', '2026-03-13T22:30'],
    ['long before', weekly, '2026-03-01T00:00', '2026-03-06T22:30'],
    ['of the summer time of other zones', nightly, '2026-07-01T01:30', '2026-07-01T02:00'],
    [
      'on the day that is left out of most years',
      { schedule: '0 0 29 2 *', duration: '1h' },
      '2026-03-01T00:00',
      '2028-02-29T00:00',
    ],
    ['that is longer than its period', { schedule: '0 * * * *', duration: '61m' }, '2026-03-01T10:59', undefined],
    ['on either day, as cron has it', { schedule: '0 0 1 * MON', duration: '1h' }, '2026-03-02T00:30', undefined],
  ])('%s', (_what, window, now, opening) => {
    expect(windowSpec.parse(window)).toEqual(window);
    expect(nextOpening(window, at(now))).toBe(opening === undefined ? undefined : at(opening));
  });
});

const problemOf = (window: object): string | undefined => {
  const result = parseSpec(sampleStack({ change: { rollout: { window } } }).spec);
  return 'problem' in result ? result.problem : undefined;
};

describe('is refused by the operator too', () => {
  it.each([
    [{ ...nightly, schedule: '0 2 * *' }, 'spec.rollout.window.schedule: must be a cron expression of five fields'],
    [{ ...nightly, schedule: '60 2 * * *' }, 'schedule: must be a cron expression'],
    [{ ...nightly, schedule: '@daily' }, 'schedule: must be a cron expression'],
    [{ ...nightly, schedule: '0 5-2 * * *' }, 'schedule: is no cron expression: '],
    [{ ...nightly, schedule: '0 0 30 2 *' }, 'schedule: never occurs'],
    [{ ...nightly, schedule: '0 0 31 4,6 *' }, 'schedule: never occurs'],
    [{ ...nightly, duration: '0m' }, 'duration: must be between 1m and 168h'],
    [{ ...nightly, duration: '169h' }, 'duration: must be between 1m and 168h'],
    [{ ...nightly, duration: '2 hours' }, 'duration: must be hours and minutes'],
    [{ schedule: '0 2 * * *' }, 'spec.rollout.window.duration'],
  ])('%j', (window, problem) => {
    expect(problemOf(window)).toContain(problem);
  });

  it('but for a valid one', () => {
    expect(problemOf(nightly)).toBeUndefined();
  });
});
