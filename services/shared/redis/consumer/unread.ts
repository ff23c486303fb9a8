/** Subjects of the entries that may not have been handled yet, or `All`: there may be some about anything. */
export type Unread = 'All' | ReadonlySet<string>;

export function allUnread(sets: readonly Unread[]): Unread {
  const known = sets.filter((set) => set !== 'All');
  return known.length < sets.length ? 'All' : new Set(known.flatMap((set) => [...set]));
}
