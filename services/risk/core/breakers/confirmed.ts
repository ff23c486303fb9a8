/** How many values are compared: of three, one bad one is never the middle. */
export const CONFIRMING = 3;

/** Returns the middle one of the last three values; undefined while there are fewer. The newest is last. */
export function middleOf<T extends bigint>(values: readonly T[]): T | undefined {
  return middleBy(values, (value) => value);
}

/** Returns the one whose value is the middle of the last three; undefined while there are fewer. The newest is last. */
export function middleBy<T>(all: readonly T[], valueOf: (one: T) => bigint): T | undefined {
  if (all.length < CONFIRMING) return undefined;
  const sorted = all.slice(-CONFIRMING).toSorted((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    return a < b ? -1 : Number(a > b);
  });
  return sorted[1];
}
