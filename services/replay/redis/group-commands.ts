import { compareEntryIds, formatEntryId, parseEntryId, ZERO_ID } from './entry-id.ts';
import { openStream, replyError, streamAt, type Keyspace, type Reply } from './keyspace.ts';
import { lowerBound, readArguments, replyOf, upperBound, type Command } from './stream-commands.ts';
import { entriesAfter, entryAt, pendingInOrder, type GroupRecord, type StreamState } from './stream-state.ts';

/** XGROUP CREATE key group <id|$> MKSTREAM, XGROUP DELCONSUMER key group consumer. */
export const xgroup: Command = (keyspace, [action = '', key = '', group = '', last = '']) => {
  if (action === 'DELCONSUMER') return deleteConsumer(groupAt(keyspace, key, group).record, last);
  const stream = openStream(keyspace, key);
  if (stream.groups.has(group)) throw replyError('BUSYGROUP Consumer Group name already exists');
  const delivered = last === '$' ? stream.lastId : parseEntryId(last);
  stream.groups.set(group, { delivered, pending: new Map(), consumers: new Map() });
  return 'OK';
};

/** XREADGROUP GROUP group consumer COUNT n BLOCK ms STREAMS key... >... Null without entries. */
export const xreadgroup: Command = (keyspace, [, group = '', consumer = '', ...rest], nowMs) => {
  const { count, keys } = readArguments(rest);
  const groups = keys.map((key) => ({ key, ...groupAt(keyspace, key, group) }));
  const found = groups.flatMap(({ key, stream, record }): Reply[] => {
    const entries = entriesAfter(stream, record.delivered, count);
    // A consumer that has never got an entry is not known to the server.
    if (entries.length > 0 || record.consumers.has(consumer)) record.consumers.set(consumer, { seenMs: nowMs });
    for (const { id } of entries) {
      record.pending.set(formatEntryId(id), { id, consumer, deliveredMs: nowMs, deliveries: 1 });
      record.delivered = id;
    }
    return entries.length === 0 ? [] : [[key, entries.map(replyOf)]];
  });
  return found.length === 0 ? null : found;
};

/** XACK key group id... */
export const xack: Command = (keyspace, [key = '', group = '', ...ids]) => {
  const pending = streamAt(keyspace, key)?.groups.get(group)?.pending;
  return ids.filter((id) => pending?.delete(formatEntryId(parseEntryId(id))) === true).length;
};

/** XAUTOCLAIM key group consumer min-idle-time start COUNT n. */
export const xautoclaim: Command = (keyspace, [key = '', group = '', consumer = '', ...rest], nowMs) => {
  const { stream, record } = groupAt(keyspace, key, group);
  const [minIdleMs, from, count] = [Number(rest[0]), parseEntryId(rest[1] ?? ''), Number(rest[3])];
  record.consumers.set(consumer, { seenMs: nowMs });
  const idle = pendingInOrder(record)
    .filter(({ id }) => compareEntryIds(id, from) >= 0)
    .filter(({ deliveredMs }) => nowMs - deliveredMs >= minIdleMs);
  const taken = idle.slice(0, count).map((one) => ({ one, entry: entryAt(stream, one.id) }));
  for (const { one, entry } of taken) {
    if (entry === undefined) record.pending.delete(formatEntryId(one.id));
    else Object.assign(one, { consumer, deliveredMs: nowMs, deliveries: one.deliveries + 1 });
  }
  const next = formatEntryId(idle[taken.length]?.id ?? ZERO_ID);
  const claimed = taken.flatMap(({ entry }) => (entry === undefined ? [] : [replyOf(entry)]));
  const deleted = taken.flatMap(({ one, entry }) => (entry === undefined ? [formatEntryId(one.id)] : []));
  return [next, claimed, deleted];
};

/** XCLAIM key group consumer 0 id... IDLE ms RETRYCOUNT n JUSTID. */
export const xclaim: Command = (keyspace, [key = '', group = '', consumer = '', , ...rest], nowMs) => {
  const { stream, record } = groupAt(keyspace, key, group);
  const [ids, terms] = [rest.slice(0, -5), rest.slice(-5)];
  const [idleMs, deliveries] = [Number(terms[1]), Number(terms[3])];
  record.consumers.set(consumer, { seenMs: nowMs });
  return ids.filter((id) => {
    const one = record.pending.get(id);
    if (one !== undefined && entryAt(stream, one.id) === undefined) record.pending.delete(id);
    else if (one !== undefined) Object.assign(one, { consumer, deliveredMs: nowMs - idleMs, deliveries });
    return record.pending.has(id);
  });
};

/** XPENDING key group, or XPENDING key group from to n [consumer]. */
export const xpending: Command = (
  keyspace,
  [key = '', group = '', from, to = '', count = '', consumer = ''],
  nowMs,
) => {
  const pending = pendingInOrder(groupAt(keyspace, key, group).record);
  if (from === undefined) return summary(pending.map(({ id, consumer: owner }) => [formatEntryId(id), owner]));
  const [first, last] = [lowerBound(from), upperBound(to)];
  return pending
    .filter((one) => consumer === '' || one.consumer === consumer)
    .filter(({ id }) => compareEntryIds(id, first) >= 0 && compareEntryIds(id, last) <= 0)
    .slice(0, Number(count))
    .map((one) => [formatEntryId(one.id), one.consumer, nowMs - one.deliveredMs, one.deliveries]);
};

/** XINFO GROUPS key, XINFO CONSUMERS key group. */
export const xinfo: Command = (keyspace, [what = '', key = '', group = ''], nowMs) => {
  const stream = streamAt(keyspace, key);
  if (stream === undefined) throw replyError('ERR no such key');
  if (what === 'GROUPS') return [...stream.groups].map(([name, record]) => groupInfo(stream, name, record));
  const { pending, consumers } = groupAt(keyspace, key, group).record;
  return [...consumers].map(([name, { seenMs }]) => {
    const held = [...pending.values()].filter(({ consumer }) => consumer === name).length;
    return ['name', name, 'pending', held, 'idle', nowMs - seenMs];
  });
};

function groupInfo(stream: StreamState, name: string, { consumers, pending, delivered }: GroupRecord): Reply {
  const lag = entriesAfter(stream, delivered, Number.POSITIVE_INFINITY).length;
  const counts = ['name', name, 'consumers', consumers.size, 'pending', pending.size] as const;
  return [...counts, 'last-delivered-id', formatEntryId(delivered), 'lag', lag];
}

function summary(pending: readonly (readonly [id: string, owner: string])[]): Reply {
  const owners = Map.groupBy(pending, ([, owner]) => owner);
  const [first, last] = [pending[0]?.[0] ?? null, pending.at(-1)?.[0] ?? null];
  return [pending.length, first, last, [...owners].map(([owner, held]) => [owner, String(held.length)])];
}

function deleteConsumer({ pending, consumers }: GroupRecord, consumer: string): number {
  const held = [...pending].filter(([, one]) => one.consumer === consumer).map(([id]) => id);
  for (const id of held) pending.delete(id);
  consumers.delete(consumer);
  return held.length;
}

function groupAt(
  keyspace: Keyspace,
  key: string,
  group: string,
): { readonly stream: StreamState; readonly record: GroupRecord } {
  const stream = streamAt(keyspace, key);
  const record = stream?.groups.get(group);
  if (stream === undefined || record === undefined)
    throw replyError(`NOGROUP No such key '${key}' or consumer group '${group}'`);
  return { stream, record };
}
