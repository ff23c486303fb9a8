import { entriesOf, type EntryReply, type RawEntry } from '../stream-entry.ts';
import { pendingRows, type Membership } from './consumer-group.ts';
import type { JudgedEntries } from './judged-entries.ts';
import { isSuspect } from './left-entries.ts';

/** Entries whose payload is read. Each takes a command of its own. */
export const UNHANDLED_MAX = 500;
const LISTED_MAX = 10_000;

/**
 * Returns the entries that were delivered and that this member does not have in hand: other members have them, or they
 * wait until they are handed over alone. Undefined when there are more than UNHANDLED_MAX, or the group has more than
 * 10,000 entries that are not acknowledged.
 */
export async function unhandledEntries(
  member: Membership,
  stream: string,
  judged: JudgedEntries,
): Promise<readonly RawEntry[] | undefined> {
  // One command for all members: it misses no entry that passes from one to another.
  const rows = await pendingRows(member, { stream, from: '-', count: LISTED_MAX + 1 });
  const unhandled = rows.filter(
    (row) => row.consumer !== member.consumer || (isSuspect(row) && judged.reasonOf(row) === undefined),
  );
  if (rows.length > LISTED_MAX || unhandled.length > UNHANDLED_MAX) return undefined;
  return await Promise.all(
    unhandled.map(async ({ id }): Promise<RawEntry> => {
      const found = (await member.commands.call('XRANGE', stream, id, id)) as readonly EntryReply[];
      return entriesOf(stream, found)[0] ?? { id, stream, data: undefined, deliveries: 1 };
    }),
  );
}
