import type { WantedStance } from '../stances/wanted-stance.ts';
import { wantedBy } from '../stances/wanted-stance.ts';
import { keyOf } from '../holdings.ts';
import { stopOf, type StopRecord } from '../stops/stop-record.ts';
import type { ExitPlan, LeavingPosition } from './exit-plan.ts';

/** Since when each position should have been left, in UTC milliseconds, by `keyOf`. */
export type LeavingTimes = ReadonlyMap<string, number>;

interface Wanted {
  readonly stances: readonly WantedStance[];
  readonly stops: readonly StopRecord[];
  readonly nowMs: number;
}

/**
 * Returns the times of the positions of a plan. A position that is new in it should be left from now on. In the first
 * plan of a process (`before` is undefined) it is the strategy's stance or the stop that says since when, so that a
 * restart hides no position that waits for long.
 */
export function leavingTimes(
  before: LeavingTimes | undefined,
  { open, dust }: Pick<ExitPlan, 'open' | 'dust'>,
  { stances, stops, nowMs }: Wanted,
): LeavingTimes {
  const sinceMs = (position: LeavingPosition): number => {
    const first = Math.min(nowMs, wantedSince(position, { stances, stops }) ?? nowMs);
    return before === undefined ? first : (before.get(keyOf(position)) ?? nowMs);
  };
  return new Map([...open, ...dust].map((position) => [keyOf(position), sinceMs(position)]));
}

function wantedSince(position: LeavingPosition, { stances, stops }: Omit<Wanted, 'nowMs'>): number | undefined {
  if (position.cause === 'Stop') return stopOf(stops, position)?.triggered?.atMs;
  return position.cause === 'Flat' ? wantedBy(stances, position)?.changedAt : undefined;
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
