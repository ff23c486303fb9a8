import type { SignalPayload } from '../../shared/contracts/messages/signal.ts';
import type { StanceRecord } from '../core/stance-record.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher, type PublishResult } from '../../shared/redis/publisher.ts';
import { newestIds } from './newest-ids.ts';
import { publishSignal } from './publish-signal.ts';
import { putStances } from './put-stances.ts';
import { readStances, type KeptStances } from './read-stances.ts';

export interface RedisSignalStore {
  newestIds(): Promise<ReadonlyMap<string, string>>;
  readStances(): Promise<KeptStances>;
  putStances(records: readonly StanceRecord[]): Promise<void>;
  publishSignal(signal: SignalPayload): Promise<PublishResult>;
}

/** Creates the store of signal over one producer connection. `streams` are the streams that signal reads. */
export function createSignalStore(client: RedisClient, streams: readonly string[]): RedisSignalStore {
  const publisher = createPublisher(client);
  return {
    newestIds: async () => await newestIds(client, streams),
    readStances: async () => await readStances(client),
    putStances: async (records) => await putStances(client, records),
    publishSignal: async (signal) => await publishSignal(publisher, signal),
  };
}
