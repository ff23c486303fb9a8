const DAY_MS = 86_400_000;

/** Returns the start of the UTC day of a time, both UTC milliseconds. */
export function utcDayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS;
}
