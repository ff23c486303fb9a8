import { deadLetterStream, FAN_OUT_LENGTH, PAYLOAD_FIELD } from '../../contracts/keys.ts';
import type { RedisClient } from '../client.ts';
import { prolong } from '../prolong.ts';
import { replyCode } from '../redis-error.ts';
import { entriesOf, entriesOfRead, type EntryReply, type RawEntry, type ReadReply } from '../stream-entry.ts';

/** A consumer of a group, with the connection for all commands except blocking reads. */
export interface Membership {
  readonly group: string;
  readonly consumer: string;
  readonly commands: RedisClient;
}

/**
 * Creates the stream and the group if they are missing. `from`: `0` delivers the existing entries of the stream, `$`
 * only new ones.
 */
export async function ensureGroup(member: Membership, stream: string, from: '0' | '$'): Promise<void> {
  try {
    await member.commands.xgroup('CREATE', stream, member.group, from, 'MKSTREAM');
  } catch (error) {
    if (replyCode(error) !== 'BUSYGROUP') throw error;
  }
  await prolong(member.commands, stream);
}

/** Reads entries that were not delivered to any consumer of the group yet. Waits up to `blockMs`. */
export async function readNew(
  blocking: RedisClient,
  member: Membership,
  options: { readonly streams: readonly string[]; readonly count: number; readonly blockMs: number },
): Promise<readonly RawEntry[]> {
  const { streams, count, blockMs } = options;
  const who = ['GROUP', member.group, member.consumer];
  const where = ['STREAMS', ...streams, ...streams.map(() => '>')];
  const reply = await blocking.call('XREADGROUP', ...who, 'COUNT', count, 'BLOCK', blockMs, ...where);
  return entriesOfRead(reply as ReadReply, blocking.options.keyPrefix);
}

/** Beyond every ID that is a time. */
const LAST_ID = `${Number.MAX_SAFE_INTEGER}-0`;

type PendingRows = readonly (readonly [id: string, consumer: string, idleMs: number, deliveries: number])[];

export interface Claim {
  readonly entries: readonly RawEntry[];
  /** ID from which to continue; `0-0` after the last entry. */
  readonly next: string;
  /** Entries that were trimmed or deleted while pending: their payload is lost. */
  readonly lost: number;
}

/**
 * Claims entries that were delivered to any consumer, including this one, at least `minIdleMs` ago and not
 * acknowledged.
 */
export async function claimIdle(
  member: Membership,
  options: { readonly stream: string; readonly minIdleMs: number; readonly count: number; readonly start: string },
): Promise<Claim> {
  const { commands, group, consumer } = member;
  const { stream, minIdleMs, count, start } = options;
  const reply = await commands.call('XAUTOCLAIM', stream, group, consumer, minIdleMs, start, 'COUNT', count);
  const [next, claimed, deleted] = reply as [string, readonly EntryReply[], readonly string[]];
  const entries = entriesOf(stream, claimed);
  const deliveries = await deliveriesOf(member, stream, entries);
  return {
    entries: entries.map((entry) => ({ ...entry, deliveries: deliveries.get(entry.id) ?? 1 })),
    next,
    lost: deleted.length,
  };
}

/**
 * Claims at once what an earlier process of the same name left unacknowledged: the first run of such entries from
 * `start` on. What other members hold stays theirs.
 */
export async function claimOwn(
  member: Membership,
  { stream, start, count }: { readonly stream: string; readonly start: string; readonly count: number },
): Promise<Claim> {
  const { commands, group, consumer } = member;
  const looked = count + 1_000;
  const reply = await commands.call('XPENDING', stream, group, start, LAST_ID, looked);
  const rows = reply as PendingRows;
  const first = rows.findIndex(([, owner]) => owner === consumer);
  const id = rows[first]?.[0];
  if (id === undefined)
    return { entries: [], next: rows.length < looked ? '0-0' : (rows.at(-1)?.[0] ?? '0-0'), lost: 0 };
  const others = rows.slice(first).findIndex(([, owner]) => owner !== consumer);
  const run = others < 0 ? rows.length - first : others;
  return await claimIdle(member, { stream, minIdleMs: 0, count: Math.min(run, count), start: id });
}

/** Entries of others that are looked at. Each is read by a command of its own. */
export const HELD_MAX = 500;

/**
 * Returns the entries that other members were given and have not acknowledged. Undefined when that cannot be said of
 * every one of them, because the group has more than HELD_MAX entries that are not acknowledged.
 */
export async function heldByOthers(
  { commands, group, consumer }: Membership,
  stream: string,
): Promise<readonly RawEntry[] | undefined> {
  // One command for all members: it misses no entry that passes from one to another.
  const reply = await commands.call('XPENDING', stream, group, '0-0', LAST_ID, HELD_MAX + 1);
  const rows = reply as PendingRows;
  if (rows.length > HELD_MAX) return undefined;
  const others = rows.filter(([, owner]) => owner !== consumer);
  return await Promise.all(
    others.map(async ([id]): Promise<RawEntry> => {
      const found = (await commands.call('XRANGE', stream, id, id)) as readonly EntryReply[];
      return entriesOf(stream, found)[0] ?? { id, stream, data: undefined, deliveries: 1 };
    }),
  );
}

async function deliveriesOf(
  { commands, group, consumer }: Membership,
  stream: string,
  entries: readonly RawEntry[],
): Promise<ReadonlyMap<string, number>> {
  const first = entries.at(0);
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return new Map();
  // All pending entries of this consumer in the range, which may be more than were just claimed.
  const count = entries.length + 1_000;
  const reply = await commands.call('XPENDING', stream, group, first.id, last.id, count, consumer);
  const rows = reply as PendingRows;
  return new Map(rows.map(([id, , , deliveries]) => [id, deliveries]));
}

/** Acknowledges entries. Repeating it is harmless. */
export async function acknowledge(member: Membership, stream: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await member.commands.xack(stream, member.group, ...ids);
}

/**
 * Moves an entry to the dead letters of its stream. It is written there first and then acknowledged, so that it cannot
 * be lost.
 */
export async function bury(member: Membership, entry: RawEntry, reason: string): Promise<void> {
  const { stream, id, data = null, deliveries } = entry;
  const letter = JSON.stringify({ stream, id, group: member.group, reason, deliveries, payload: data });
  const target = deadLetterStream(stream);
  await member.commands.call('XADD', target, 'MAXLEN', '~', FAN_OUT_LENGTH.dead, '*', PAYLOAD_FIELD, letter);
  await prolong(member.commands, target);
  await acknowledge(member, stream, [id]);
}
