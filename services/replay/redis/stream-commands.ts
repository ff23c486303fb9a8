import { compareEntryIds, formatEntryId, LARGEST_ID, parseEntryId, ZERO_ID, type EntryId } from './entry-id.ts';
import { openStream, replyError, streamAt, type Keyspace, type Reply } from './keyspace.ts';
import { entriesAfter, entriesBetween, trimBelow, trimToLength, type StoredEntry } from './stream-state.ts';

/** Arguments of a command after its name, and the server's time in UTC milliseconds. */
export type Command = (keyspace: Keyspace, args: readonly string[], nowMs: number) => Reply;

/** XADD key [MAXLEN ~ length] <id|*> field value. */
export const xadd: Command = (keyspace, [key = '', ...rest], nowMs) => {
  const limited = rest[0] === 'MAXLEN';
  const [text = '*', ...fields] = limited ? rest.slice(3) : rest;
  const stream = openStream(keyspace, key);
  const id = text === '*' ? nextId(stream.lastId, nowMs) : parseEntryId(text);
  if (compareEntryIds(id, ZERO_ID) <= 0) throw replyError('ERR The ID specified in XADD must be greater than 0-0');
  if (compareEntryIds(id, stream.lastId) <= 0)
    throw replyError('ERR The ID specified in XADD is equal or smaller than the target stream top item');
  stream.entries.push({ id, fields });
  stream.lastId = id;
  if (limited) trimToLength(stream, Number(rest[2]));
  return formatEntryId(id);
};

/** XRANGE key from to [COUNT n]. */
export const xrange: Command = (keyspace, [key = '', from = '-', to = '+', , count]) =>
  listed(keyspace, key, from, to).slice(0, countOf(count)).map(replyOf);

/** XREVRANGE key to from [COUNT n]. */
export const xrevrange: Command = (keyspace, [key = '', to = '+', from = '-', , count]) =>
  listed(keyspace, key, from, to).toReversed().slice(0, countOf(count)).map(replyOf);

/** XTRIM key MINID ~ id. */
export const xtrim: Command = (keyspace, [key = '', , , id = '0-0']) => {
  const stream = streamAt(keyspace, key);
  return stream === undefined ? 0 : trimBelow(stream, parseEntryId(id));
};

/** XLEN key. */
export const xlen: Command = (keyspace, [key = '']) => streamAt(keyspace, key)?.entries.length ?? 0;

/** XREAD COUNT n BLOCK ms STREAMS key... id... Null without entries. */
export const xread: Command = (keyspace, args) => {
  const { count, keys, ids } = readArguments(args);
  const found = keys.flatMap((key, index): Reply[] => {
    const stream = streamAt(keyspace, key);
    if (stream === undefined) return [];
    const entries = entriesAfter(stream, parseEntryId(ids[index] ?? '0-0'), count);
    return entries.length === 0 ? [] : [[key, entries.map(replyOf)]];
  });
  return found.length === 0 ? null : found;
};

/** Arguments of XREAD and XREADGROUP from COUNT on. */
export function readArguments(args: readonly string[]): {
  readonly count: number;
  readonly blockMs: number;
  readonly keys: readonly string[];
  readonly ids: readonly string[];
} {
  const names = args.map((one) => one.toUpperCase());
  const after = (name: string): number => Number(args[names.indexOf(name) + 1]);
  const streams = args.slice(names.indexOf('STREAMS') + 1);
  const half = streams.length / 2;
  return { count: after('COUNT'), blockMs: after('BLOCK'), keys: streams.slice(0, half), ids: streams.slice(half) };
}

export function replyOf({ id, fields }: StoredEntry): Reply {
  return [formatEntryId(id), [...fields]];
}

function listed(keyspace: Keyspace, key: string, from: string, to: string): readonly StoredEntry[] {
  const stream = streamAt(keyspace, key);
  return stream === undefined ? [] : entriesBetween(stream, lowerBound(from), upperBound(to));
}

/** Start of a range: `-`, an ID, or `(` and an ID that is not part of it. */
export function lowerBound(text: string): EntryId {
  if (text === '-') return ZERO_ID;
  if (!text.startsWith('(')) return parseEntryId(text);
  const { ms, seq } = parseEntryId(text.slice(1));
  return { ms, seq: seq + 1 };
}

/** End of a range: `+` or an ID. */
export function upperBound(text: string): EntryId {
  return text === '+' ? LARGEST_ID : parseEntryId(text, LARGEST_ID.seq);
}

function nextId(last: EntryId, nowMs: number): EntryId {
  return nowMs > last.ms ? { ms: nowMs, seq: 0 } : { ms: last.ms, seq: last.seq + 1 };
}

function countOf(text: string | undefined): number {
  return text === undefined ? Number.POSITIVE_INFINITY : Number(text);
}
