import { catalogueRow, groupsOf, type ServiceName } from '../../contracts/catalogue.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { periodic, type Periodic } from '../../runtime/periodic.ts';
import type { RedisClient } from '../client.ts';
import { replyCode } from '../redis-error.ts';
import { compareIds } from '../stream-entry.ts';

export interface TrimmerOptions {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Logger;
}

const TRIM_MS = 30_000;

/**
 * Creates a periodic task for each work stream that the catalogue lets a service trim: it trims the stream to the
 * entries that its slowest group still needs.
 */
export function createTrimmers(service: ServiceName, options: TrimmerOptions): readonly Periodic[] {
  return (catalogueRow(service).redis?.trims ?? []).map((stream) => createTrimmer(stream, options));
}

function createTrimmer(stream: string, { client, clock, log }: TrimmerOptions): Periodic {
  const groups = groupsOf(stream);
  return periodic({
    name: `trim ${stream}`,
    intervalMs: TRIM_MS,
    clock,
    log,
    task: async () => {
      if (client.status === 'ready') await trimBelowSlowestGroup(client, stream, groups);
    },
  });
}

/**
 * Removes entries that every group has acknowledged and returns how many were removed. If any of the groups does not
 * exist, removes none: the group may be created later and has not read any entry.
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

/**
 * Returns the oldest pending entry, or the last delivered one if none is pending; undefined when the group does not
 * exist.
 */
async function oldestNeeded(client: RedisClient, stream: string, group: string): Promise<string | undefined> {
  try {
    // The order matters: entries delivered between the two commands are newer than the reply to the first.
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
