import { Cron } from 'croner';
import { z } from 'zod';
import { textField } from '../../fields.ts';
import { validated } from '../../validation-rule.ts';

/** Items of a field of a cron expression: a number, a range, all, or a range or all with a step. */
function list(number: string): string {
  const item = `([*](/[1-9][0-9]?)?|(${number})(-(${number})(/[1-9][0-9]?)?)?)`;
  return `${item}(,${item})*`;
}

const MONTHS = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC';
const DAYS = 'SUN|MON|TUE|WED|THU|FRI|SAT';
const FIELDS = [
  list('[0-5]?[0-9]'),
  list('[01]?[0-9]|2[0-3]'),
  list('0?[1-9]|[12][0-9]|3[01]'),
  list(`0?[1-9]|1[0-2]|${MONTHS}`),
  list(`[0-7]|${DAYS}`),
];
const SCHEDULE = `^${FIELDS.join(' +')}$`;
/** A day that no year has, in one month. Other combinations are found by the operator. */
const NO_SUCH_DAY = '^[^ ]+ +[^ ]+ +((30|31) +(0?2|FEB)|31 +(0?[469]|11|APR|JUN|SEP|NOV)) +[*]$';
const DURATION = '^([0-9]{1,4}h)?([0-9]{1,5}m)?$';
const DURATION_MAX_MS = 7 * 24 * 3_600_000;

/** When a rollout and a swap of the sender may start. */
export const windowSpec = z
  .object({
    schedule: textField({
      description:
        'Start of each window, as a cron expression in UTC: minute, hour, day of the month, month and day of the week, ' +
        'such as "0 2 * * SAT".',
      maxLength: 100,
      pattern: SCHEDULE,
      wanted: 'a cron expression of five fields, such as "0 2 * * SAT"',
    }),
    duration: textField({
      description: 'Length of each window, in hours and minutes, such as "4h" or "1h30m". At most seven days.',
      maxLength: 10,
      pattern: DURATION,
      wanted: 'hours and minutes, such as "4h" or "1h30m"',
    }),
  })
  .superRefine(({ schedule, duration }, context) => {
    const problem = scheduleProblem(schedule);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['schedule'], message: problem });
    const lengthMs = millisecondsOf(duration);
    if (lengthMs < 60_000 || lengthMs > DURATION_MAX_MS)
      context.addIssue({ code: 'custom', path: ['duration'], message: 'must be between 1m and 168h' });
  })
  .meta({
    description:
      'Maintenance window. Outside it no rollout and no swap of the sender starts; one that has started goes on, and a ' +
      'rollback, a halt, a repair and a change of replicas never wait for it. Default: always.',
    ...validated(
      {
        rule: `!self.duration.matches('${DURATION}') || (duration(self.duration) >= duration('1m') && duration(self.duration) <= duration('168h'))`,
        message: 'must be between 1m and 168h',
        fieldPath: '.duration',
      },
      { rule: `!self.schedule.matches('${NO_SUCH_DAY}')`, message: 'never occurs', fieldPath: '.schedule' },
    ),
  });
export type RolloutWindow = z.output<typeof windowSpec>;

/** Any time: whether an expression ever occurs does not depend on when it is asked. */
const ANY_TIME = new Date(0);

function scheduleProblem(schedule: string): string | undefined {
  try {
    return cronOf(schedule).nextRun(ANY_TIME) === null ? 'never occurs' : undefined;
  } catch (error) {
    return `is no cron expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Returns when the window opens next, in UTC milliseconds; undefined while it is open, from the start of a minute of
 * the schedule until `duration` later.
 */
export function nextOpening({ schedule, duration }: RolloutWindow, nowMs: number): number | undefined {
  const cron = cronOf(schedule);
  // The first start that is less than the duration ago, or to come.
  const start = cron.nextRun(new Date(nowMs - millisecondsOf(duration)))?.getTime() ?? Number.POSITIVE_INFINITY;
  return start <= nowMs ? undefined : start;
}

function cronOf(schedule: string): Cron {
  return new Cron(schedule, { timezone: 'UTC', mode: '5-part', paused: true });
}

function millisecondsOf(duration: string): number {
  const [, hours = 0, minutes = 0] = /^(?:(\d+)h)?(?:(\d+)m)?$/.exec(duration) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
