import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { periodic, type Periodic } from '../../runtime/periodic.ts';
import type { RedisClient } from '../client.ts';
import { replyCode } from '../redis-error.ts';
import { compareIds } from '../stream-entry.ts';

export interface TrimmerOptions {
  readonly client: RedisClient;
  readonly stream: string;
  /** Every group that has to have seen an entry before it may go. */
  readonly groups: readonly string[];
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Trims a work stream again and again, to what the slowest of its groups still needs. */
export function createTrimmer(options: TrimmerOptions): Periodic {
  const { client, stream, groups, intervalMs, clock, log } = options;
  return periodic({
    name: `trim ${stream}`,
    intervalMs,
    clock,
    log,
    task: async () => {
      if (client.status === 'ready') await trimBelowSlowestGroup(client, stream, groups);
    },
  });
}

/**
 * Removes what every group has acknowledged and returns how many entries went. While one of the groups does not exist nothing
 * is removed: it may be created later and has not seen anything.
 */
export async function trimBelowSlowestGroup(
  client: RedisClient,
  stream: string,
  groups: readonly string[],
): Promise<number> {
  const needed: string[] = [];
  for (const group of groups) {
    const id = await oldestNeeded(client, stream, group);
    if (id === undefined) return 0;
    needed.push(id);
  }
  const slowest = needed.sort(compareIds)[0];
  if (slowest === undefined) return 0;
  return Number(await client.call('XTRIM', stream, 'MINID', '~', slowest));
}

/** The oldest pending entry, or else the last one handed out; undefined when there is no such group. */
async function oldestNeeded(client: RedisClient, stream: string, group: string): Promise<string | undefined> {
  try {
    // In this order: what is handed out between the two questions lies above the answer to the first.
    const rows = (await client.call('XINFO', 'GROUPS', stream)) as readonly (readonly unknown[])[];
    const row = rows.find((fields) => fields[fields.indexOf('name') + 1] === group);
    const delivered: unknown = row?.[row.indexOf('last-delivered-id') + 1];
    if (typeof delivered !== 'string') return undefined;
    const [, oldest] = (await client.call('XPENDING', stream, group)) as [number, string | null];
    return oldest ?? delivered;
  } catch (error) {
    if (replyCode(error) === undefined) throw error;
    return undefined;
  }
}
