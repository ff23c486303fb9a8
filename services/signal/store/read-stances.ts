import type { StanceRecord } from '../core/stance-record.ts';
import type { StoredStances } from '../ports.ts';
import { stanceEntry } from './stance-entry.ts';
import { SIGNAL_STANCES } from '../../shared/contracts/keys.ts';
import type { RedisClient } from '../../shared/redis/client.ts';

/** Returns the stances stored by the previous run. Rejects when Redis does not answer. */
export async function readStances(client: RedisClient): Promise<StoredStances> {
  const fields = Object.entries(await client.hgetall(SIGNAL_STANCES));
  const parsed = fields.map(([field, text]) => ({ field, record: parse(text) }));
  return {
    records: parsed.flatMap(({ record }) => record ?? []),
    malformed: parsed.filter(({ record }) => record === undefined).map(({ field }) => field),
  };
}

function parse(text: string): StanceRecord | undefined {
  try {
    return stanceEntry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
