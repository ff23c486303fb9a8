import type { WantedStance } from '../stances/wanted-stance.ts';
import { wantedBy } from '../stances/wanted-stance.ts';
import type { ExitPlan, LeavingPosition } from './exit-plan.ts';
import { keyOf } from './exit.ts';

/** Since when each position should have been left, in UTC milliseconds, by `keyOf`. */
export type LeavingTimes = ReadonlyMap<string, number>;

/**
 * Returns the times of the positions of a plan. A position that is new in it should be left from now on. In the first
 * plan of a process (`before` is undefined) it is the strategy's stance that says since when, so that a restart hides
 * no position that waits for long.
 */
export function leavingTimes(
  before: LeavingTimes | undefined,
  { open, dust }: Pick<ExitPlan, 'open' | 'dust'>,
  { stances, nowMs }: { readonly stances: readonly WantedStance[]; readonly nowMs: number },
): LeavingTimes {
  const sinceMs = (position: LeavingPosition): number => {
    const changedAt = position.cause === 'Flat' ? wantedBy(stances, position)?.changedAt : undefined;
    const first = Math.min(nowMs, changedAt ?? nowMs);
    return before === undefined ? first : (before.get(keyOf(position)) ?? nowMs);
  };
  return new Map([...open, ...dust].map((position) => [keyOf(position), sinceMs(position)]));
}

const OVERDUE_MS = 60_000;

/** Returns the open positions that should have been left for longer than a minute, oldest first. */
export function overdueExits(
  open: readonly LeavingPosition[],
  times: LeavingTimes,
  nowMs: number,
): readonly LeavingPosition[] {
  const ageMs = (position: LeavingPosition): number => nowMs - (times.get(keyOf(position)) ?? nowMs);
  return open.filter((position) => ageMs(position) > OVERDUE_MS).toSorted((a, b) => ageMs(b) - ageMs(a));
}
