import { PAYLOAD_FIELD } from '../contracts/keys.ts';
import { messageOf } from '../runtime/errors.ts';

/** A parsed entry of a stream, as handlers see it. */
export interface StreamEntry<T> {
  readonly id: string;
  readonly stream: string;
  readonly payload: T;
  /** How many times it has been handed to a consumer, this time included. */
  readonly deliveries: number;
}

/** An entry as Redis gave it; `data` is undefined when it has no payload field, or was deleted. */
export interface RawEntry {
  readonly id: string;
  readonly stream: string;
  readonly data: string | undefined;
  readonly deliveries: number;
}

export type Decoded<T> =
  | { readonly kind: 'entry'; readonly entry: StreamEntry<T> }
  | { readonly kind: 'malformed'; readonly raw: RawEntry; readonly reason: string };

/** What a service turns the JSON of a payload into; throws when it is malformed. */
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

/** `[id, [field, value, ...]]`; the fields are null for an entry that was deleted while pending. */
export type EntryReply = readonly [id: string, fields: readonly string[] | null];
/** Reply of XREAD and XREADGROUP over RESP2: null when nothing came in time. */
export type ReadReply = readonly (readonly [stream: string, entries: readonly EntryReply[]])[] | null;

/** `keyPrefix` is the client's: it puts it in front of the keys, and Redis replies with what it was sent. */
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

/** Milliseconds in an entry's id; undefined for ids that count instead of telling the time. */
export function timeOfId(id: string): number | undefined {
  const ms = Number(id.split('-')[0]);
  // Before 2001: a number, not a time.
  return ms > 1_000_000_000_000 ? ms : undefined;
}

/** Orders ids `<ms>-<n>` as Redis does: negative, zero or positive. Both parts may exceed what `number` holds exactly. */
export function compareIds(left: string, right: string): number {
  const [leftMs = 0n, leftSeq = 0n] = left.split('-').map(BigInt);
  const [rightMs = 0n, rightSeq = 0n] = right.split('-').map(BigInt);
  return leftMs === rightMs ? Number(leftSeq - rightSeq) : Number(leftMs - rightMs);
}
