import { keptSecondsOf } from '../contracts/keys.ts';
import type { RedisClient } from './client.ts';

/**
 * Extends the expiry of a key that was just written. Never rejects: if it fails, the next write to the key makes up for
 * it.
 */
export async function prolong(client: RedisClient, key: string): Promise<void> {
  await client.expire(key, keptSecondsOf(key)).catch(() => {});
}
