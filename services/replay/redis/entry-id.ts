/** ID of a stream entry. Both parts are below 2^53 here. */
export interface EntryId {
  readonly ms: number;
  readonly seq: number;
}

export const ZERO_ID: EntryId = { ms: 0, seq: 0 };
export const LARGEST_ID: EntryId = { ms: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };

/** Parses `<ms>` or `<ms>-<seq>`; `seq` is the second part where it is missing. */
export function parseEntryId(text: string, seq = 0): EntryId {
  const [ms = '', own] = text.split('-');
  return { ms: Number(ms), seq: own === undefined ? seq : Number(own) };
}

export function formatEntryId({ ms, seq }: EntryId): string {
  return `${ms}-${seq}`;
}

/** Negative, zero or positive. */
export function compareEntryIds(a: EntryId, b: EntryId): number {
  return a.ms === b.ms ? a.seq - b.seq : a.ms - b.ms;
}
