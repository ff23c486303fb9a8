import { ReplyError } from 'ioredis';
import { newStream, type StreamState } from './stream-state.ts';

export interface HashState {
  readonly kind: 'hash';
  readonly fields: Map<string, string>;
}

export type Value = StreamState | HashState;

/** Values of RESP2, as the client library passes them on. */
export type Reply = string | number | null | readonly Reply[];

/** The data of a server: plain, so that it can be copied and put back. */
export interface Keyspace {
  readonly values: Map<string, Value>;
  /** When keys expire, UTC milliseconds. */
  readonly expiresMs: Map<string, number>;
}

export function newKeyspace(): Keyspace {
  return { values: new Map(), expiresMs: new Map() };
}

export function streamAt({ values }: Keyspace, key: string): StreamState | undefined {
  const value = values.get(key);
  if (value !== undefined && value.kind !== 'stream') throw wrongType();
  return value;
}

export function openStream(keyspace: Keyspace, key: string): StreamState {
  const known = streamAt(keyspace, key);
  if (known !== undefined) return known;
  const created = newStream();
  keyspace.values.set(key, created);
  return created;
}

export function openHash({ values }: Keyspace, key: string): HashState {
  const value = values.get(key) ?? { kind: 'hash', fields: new Map<string, string>() };
  if (value.kind !== 'hash') throw wrongType();
  values.set(key, value);
  return value;
}

/** Error reply of the server, as the client library reports it. */
export function replyError(message: string): Error {
  return new ReplyError(message);
}

function wrongType(): Error {
  return replyError('WRONGTYPE Operation against a key holding the wrong kind of value');
}
