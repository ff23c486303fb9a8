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

/** An entry that was delivered and is not acknowledged. */
export interface PendingRow {
  readonly stream: string;
  readonly id: string;
  /** The member to which it was delivered last. */
  readonly consumer: string;
  /** Since then. */
  readonly idleMs: number;
  readonly deliveries: number;
}

type PendingReply = readonly (readonly [id: string, consumer: string, idleMs: number, deliveries: number])[];

/**
 * Lists the first entries, in the order of their IDs, that were delivered to any member and are not acknowledged.
 * `from`: an ID, `(` and an ID to begin after it, or `-`.
 */
export async function pendingRows(
  { commands, group }: Membership,
  { stream, from, count }: { readonly stream: string; readonly from: string; readonly count: number },
): Promise<readonly PendingRow[]> {
  const reply = (await commands.call('XPENDING', stream, group, from, '+', count)) as PendingReply;
  return reply.map(([id, consumer, idleMs, deliveries]) => ({ stream, id, consumer, idleMs, deliveries }));
}

export interface Claim {
  readonly entries: readonly RawEntry[];
  /** Entries that were trimmed or deleted while pending: their payload is lost. */
  readonly lost: number;
}

/**
 * Claims entries that were delivered to any member, including this one, at least `minIdleMs` ago and not acknowledged:
 * the first `count` of them from the ID `start` on.
 */
export async function claimRun(
  member: Membership,
  options: { readonly stream: string; readonly start: string; readonly count: number; readonly minIdleMs: number },
): Promise<Claim> {
  const { commands, group, consumer } = member;
  const { stream, minIdleMs, count, start } = options;
  const reply = await commands.call('XAUTOCLAIM', stream, group, consumer, minIdleMs, start, 'COUNT', count);
  const [, claimed, deleted] = reply as [string, readonly EntryReply[], readonly string[]];
  const entries = entriesOf(stream, claimed);
  const deliveries = await deliveriesOf(member, stream, entries);
  return {
    entries: entries.map((entry) => ({ ...entry, deliveries: deliveries.get(entry.id) ?? 1 })),
    lost: deleted.length,
  };
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
  const rows = reply as PendingReply;
  return new Map(rows.map(([id, , , deliveries]) => [id, deliveries]));
}

/**
 * Gives entries of this member back undone: any member takes them up in its next round, and this delivery and those
 * before it do not count. What was acknowledged meanwhile stays so. `ids` is not empty.
 */
export async function giveBack(
  { commands, group, consumer }: Membership,
  { stream, ids, minIdleMs }: { readonly stream: string; readonly ids: readonly string[]; readonly minIdleMs: number },
): Promise<void> {
  const terms = ['IDLE', minIdleMs + 1, 'RETRYCOUNT', 0, 'JUSTID'];
  await commands.call('XCLAIM', stream, group, consumer, 0, ...ids, ...terms);
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
