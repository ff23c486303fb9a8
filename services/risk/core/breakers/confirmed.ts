/** How many values are compared: of three, one bad one is never the middle. */
export const CONFIRMING = 3;

/** Returns the middle one of three values; undefined while there are fewer. `values` are the newest last. */
export function middleOf<T extends bigint>(values: readonly T[]): T | undefined {
  if (values.length < CONFIRMING) return undefined;
  return values.slice(-CONFIRMING).toSorted((a, b) => (a < b ? -1 : Number(a > b)))[1];
}
