import type { RedisClient } from '../../shared/redis/client.ts';

/** Returns the newest ID of every stream, `0-0` for an empty or missing one. Rejects when Redis does not answer. */
export async function newestIds(client: RedisClient, streams: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const stream of streams) {
    const [newest] = await client.xrevrange(stream, '+', '-', 'COUNT', 1);
    ids.set(stream, newest?.[0] ?? '0-0');
  }
  return ids;
}
