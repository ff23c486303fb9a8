import type { Membership } from './consumer-group.ts';
import type { EntryReply } from '../stream-entry.ts';

/** How far a group lags in one stream. */
export interface GroupState {
  /** Entries delivered and not acknowledged. */
  readonly pending: number;
  /** Entries not delivered; null when Redis cannot determine it. Trimmed entries are not counted. */
  readonly lag: number | null;
  /** ID of the oldest unacknowledged entry, delivered or not; undefined when there is none. */
  readonly oldestId: string | undefined;
}

type PendingSummary = readonly [pending: number, oldest: string | null];

const ABANDONED_MS = 3_600_000;

/** Reads the state of the group. Throws NOGROUP when the stream does not exist. */
export async function readGroupState(member: Membership, stream: string): Promise<GroupState> {
  const { commands, group } = member;
  const rows = (await commands.call('XINFO', 'GROUPS', stream)) as readonly (readonly (string | number | null)[])[];
  const row = rows.map(recordOf).find((candidate) => candidate['name'] === group);
  const delivered = String(row?.['last-delivered-id'] ?? '0-0');
  const [pending, oldestPending] = (await commands.call('XPENDING', stream, group)) as PendingSummary;
  const unread = (await commands.call('XRANGE', stream, `(${delivered}`, '+', 'COUNT', 1)) as readonly EntryReply[];
  return {
    pending,
    lag: typeof row?.['lag'] === 'number' ? row['lag'] : null,
    oldestId: oldestPending ?? unread[0]?.[0],
  };
}

/** Removes consumers of ended processes without pending entries: their names would accumulate with every restart. */
export async function removeAbandonedConsumers(member: Membership, stream: string): Promise<void> {
  const { commands, group, consumer } = member;
  const rows = (await commands.call('XINFO', 'CONSUMERS', stream, group)) as readonly (readonly (string | number)[])[];
  for (const row of rows.map(recordOf)) {
    const abandoned = row['pending'] === 0 && Number(row['idle']) > ABANDONED_MS;
    const name = String(row['name']);
    if (abandoned && name !== consumer) await commands.xgroup('DELCONSUMER', stream, group, name);
  }
}

/** A RESP2 map: `[key, value, key, value]`. */
function recordOf(flat: readonly (string | number | null)[]): Readonly<Record<string, string | number | null>> {
  const pairs: [string, string | number | null][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) pairs.push([String(flat[index]), flat[index + 1] ?? null]);
  return Object.fromEntries(pairs);
}
