import type { StanceRecord } from '../core/stance-record.ts';
import { SIGNAL_STANCES } from '../../shared/contracts/keys.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { prolong } from '../../shared/redis/prolong.ts';

/** Sets the records' fields in the hash `signals.stances`. Rejects when Redis does not answer; safe to repeat. */
export async function putStances(client: RedisClient, records: readonly StanceRecord[]): Promise<void> {
  const fields = records.flatMap((record) => [`${record.strategy}:${record.symbol}`, JSON.stringify(record)]);
  if (fields.length === 0) return;
  await client.hset(SIGNAL_STANCES, ...fields);
  await prolong(client, SIGNAL_STANCES);
}
