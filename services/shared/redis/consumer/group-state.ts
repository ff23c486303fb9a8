import type { Membership } from './consumer-group.ts';
import type { EntryReply } from '../stream-entry.ts';

/** How far a group is behind in one stream. */
export interface GroupState {
  /** Handed out and not acknowledged. */
  readonly pending: number;
  /** Not handed out; null where Redis cannot tell. Blind to entries that were trimmed away. */
  readonly lag: number | null;
  /** Id of the oldest entry that is not done, handed out or not; undefined when all is done. */
  readonly oldestId: string | undefined;
}

const ABANDONED_MS = 3_600_000;

/** Reads the group's state; throws NOGROUP when the stream is gone. */
export async function readGroupState(member: Membership, stream: string): Promise<GroupState> {
  const { commands, group } = member;
  const rows = (await commands.call('XINFO', 'GROUPS', stream)) as readonly (readonly (string | number | null)[])[];
  const row = rows.map(recordOf).find((candidate) => candidate['name'] === group);
  const delivered = String(row?.['last-delivered-id'] ?? '0-0');
  const [pending, oldestPending] = (await commands.call('XPENDING', stream, group)) as [number, string | null];
  const unread = (await commands.call('XRANGE', stream, `(${delivered}`, '+', 'COUNT', 1)) as readonly EntryReply[];
  return {
    pending,
    lag: typeof row?.['lag'] === 'number' ? row['lag'] : null,
    oldestId: oldestPending ?? unread[0]?.[0],
  };
}

/** Consumers of processes that are gone and left nothing pending; without this their names pile up with every restart. */
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
