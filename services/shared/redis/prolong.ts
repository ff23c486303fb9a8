import { keptSecondsOf } from '../contracts/keys.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RedisClient } from './client.ts';

/**
 * Extends the expiry of a key that was just written. Never rejects: if it fails, the next write to the key makes up for
 * it. Returns whether it did.
 */
export async function prolong(client: RedisClient, key: string): Promise<boolean> {
  return await client.expire(key, keptSecondsOf(key)).then(
    (changed) => changed === 1,
    () => false,
  );
}

/** Keys are kept for a day at least, so a minute less makes no difference. */
const EVERY_MS = 60_000;

/**
 * Returns a function that extends the expiry of a key that is written often, at most once a minute: with each write, it
 * would be every other command. Extends it again after a reconnect, because Redis may have lost its data.
 */
export function createProlonging(
  client: RedisClient,
  clock: Pick<Clock, 'monotonicMs'>,
): (key: string) => Promise<void> {
  const dueMs = new Map<string, number>();
  client.on('close', () => dueMs.clear());
  return async (key) => {
    const nowMs = clock.monotonicMs();
    if (nowMs < (dueMs.get(key) ?? 0)) return;
    // Before the reply, so that writes meanwhile do not extend it too.
    dueMs.set(key, nowMs + EVERY_MS);
    if (!(await prolong(client, key))) dueMs.delete(key);
  };
}
