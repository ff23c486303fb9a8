import { PAYLOAD_FIELD } from '../contracts/keys.ts';
import { messageOf } from '../runtime/errors.ts';

/** Parsed entry of a stream, as handlers receive it. */
export interface StreamEntry<T> {
  readonly id: string;
  readonly stream: string;
  readonly payload: T;
  /** Number of deliveries to a consumer, including this one. */
  readonly deliveries: number;
}

/** Entry as Redis returned it. `data` is undefined when the entry has no payload field or was deleted. */
export interface RawEntry {
  readonly id: string;
  readonly stream: string;
  readonly data: string | undefined;
  readonly deliveries: number;
}

export type Decoded<T> =
  | { readonly kind: 'entry'; readonly entry: StreamEntry<T> }
  | { readonly kind: 'malformed'; readonly raw: RawEntry; readonly reason: string };

/** Parses the JSON of a payload. Throws when it is malformed. */
export type ParsePayload<T> = (json: unknown, stream: string) => T;

export function decodeEntry<T>(raw: RawEntry, parse: ParsePayload<T>): Decoded<T> {
  const { id, stream, deliveries, data } = raw;
  if (data === undefined) return { kind: 'malformed', raw, reason: `has no field "${PAYLOAD_FIELD}"` };
  try {
    return { kind: 'entry', entry: { id, stream, deliveries, payload: parse(JSON.parse(data), stream) } };
  } catch (error) {
    return { kind: 'malformed', raw, reason: messageOf(error).slice(0, 1_000) };
  }
}

/** `[id, [field, value, ...]]`. The fields are null for an entry that was deleted while pending. */
export type EntryReply = readonly [id: string, fields: readonly string[] | null];
/** Reply of XREAD and XREADGROUP over RESP2: null when no entry arrived in time. */
export type ReadReply = readonly (readonly [stream: string, entries: readonly EntryReply[]])[] | null;

/** Flattens a reply. `keyPrefix` is that of the client, which adds it to keys; Redis replies with the prefixed key. */
export function entriesOfRead(reply: ReadReply, keyPrefix = ''): readonly RawEntry[] {
  return (reply ?? []).flatMap(([stream, entries]) => entriesOf(stream.slice(keyPrefix.length), entries));
}

export function entriesOf(stream: string, entries: readonly EntryReply[]): readonly RawEntry[] {
  return entries.map(([id, fields]) => ({ id, stream, data: payloadOf(fields ?? []), deliveries: 1 }));
}

function payloadOf(fields: readonly string[]): string | undefined {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === PAYLOAD_FIELD) return fields[index + 1];
  }
  return undefined;
}

/** Returns the milliseconds in the ID of an entry; undefined for IDs that are counters, not times. */
export function timeOfId(id: string): number | undefined {
  const ms = Number(id.split('-')[0]);
  // A value before 2001 is a counter, not a time.
  return ms > 1_000_000_000_000 ? ms : undefined;
}

/**
 * Compares IDs `<ms>-<n>` in the order of Redis: negative, zero or positive. Both parts may exceed what `number` holds
 * exactly.
 */
export function compareIds(left: string, right: string): number {
  const [leftMs = 0n, leftSeq = 0n] = left.split('-').map(BigInt);
  const [rightMs = 0n, rightSeq = 0n] = right.split('-').map(BigInt);
  return leftMs === rightMs ? Number(leftSeq - rightSeq) : Number(leftMs - rightMs);
}
