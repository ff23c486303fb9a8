import { compareEntryIds, ZERO_ID, type EntryId } from './entry-id.ts';

/** A stream as plain data, so that it can be copied. */
export interface StreamState {
  readonly kind: 'stream';
  /** In ascending order. */
  entries: StoredEntry[];
  lastId: EntryId;
  readonly groups: Map<string, GroupRecord>;
}

export interface StoredEntry {
  readonly id: EntryId;
  readonly fields: readonly string[];
}

export interface GroupRecord {
  delivered: EntryId;
  /** Delivered and not acknowledged, by ID as text. */
  readonly pending: Map<string, Pending>;
  readonly consumers: Map<string, { seenMs: number }>;
}

export interface Pending {
  readonly id: EntryId;
  consumer: string;
  deliveredMs: number;
  deliveries: number;
}

/** Entries of one node: Redis removes whole nodes when it may trim approximately. */
const NODE = 100;

export function newStream(): StreamState {
  return { kind: 'stream', entries: [], lastId: ZERO_ID, groups: new Map() };
}

/** Returns the entries between two IDs, both inclusive. */
export function entriesBetween({ entries }: StreamState, from: EntryId, to: EntryId): readonly StoredEntry[] {
  return entries.slice(firstAtLeast(entries, from), firstAtLeast(entries, { ms: to.ms, seq: to.seq + 1 }));
}

export function entriesAfter({ entries }: StreamState, id: EntryId, count: number): readonly StoredEntry[] {
  const first = firstAtLeast(entries, { ms: id.ms, seq: id.seq + 1 });
  return entries.slice(first, first + count);
}

export function entryAt({ entries }: StreamState, id: EntryId): StoredEntry | undefined {
  const entry = entries[firstAtLeast(entries, id)];
  return entry !== undefined && compareEntryIds(entry.id, id) === 0 ? entry : undefined;
}

/** Trims to about the newest `length` entries. Returns the number of removed ones. */
export function trimToLength(stream: StreamState, length: number): number {
  return removeNodes(stream, stream.entries.length - length);
}

/** Trims about the entries below an ID. Returns the number of removed ones. */
export function trimBelow(stream: StreamState, id: EntryId): number {
  return removeNodes(stream, firstAtLeast(stream.entries, id));
}

/** Pending entries of a group in the order of their IDs. */
export function pendingInOrder({ pending }: GroupRecord): readonly Pending[] {
  return [...pending.values()].sort((a, b) => compareEntryIds(a.id, b.id));
}

function removeNodes(stream: StreamState, removable: number): number {
  const removed = Math.max(0, Math.floor(removable / NODE) * NODE);
  if (removed > 0) stream.entries = stream.entries.slice(removed);
  return removed;
}

function firstAtLeast(entries: readonly StoredEntry[], id: EntryId): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && compareEntryIds(entry.id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
