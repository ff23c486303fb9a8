import type { SignalStore } from '../ports.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { newestIds } from './newest-ids.ts';
import { publishSignal } from './publish-signal.ts';
import { putStances } from './put-stances.ts';
import { readStances } from './read-stances.ts';

/** Creates the store of signal over one producer connection. `streams` are the streams that signal reads. */
export function createSignalStore(client: RedisClient, streams: readonly string[]): SignalStore {
  const publisher = createPublisher(client);
  return {
    newestIds: async () => await newestIds(client, streams),
    readStances: async () => await readStances(client),
    putStances: async (records) => await putStances(client, records),
    publishSignal: async (signal) => await publishSignal(publisher, signal),
  };
}
