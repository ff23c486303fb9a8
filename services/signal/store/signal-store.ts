import { bookStream, tradesStream } from '../../shared/contracts/keys.ts';
import type { SignalStore } from '../ports.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { newestIds } from './newest-ids.ts';
import { publishSignal } from './publish-signal.ts';
import { putStances } from './put-stances.ts';
import { readStances } from './read-stances.ts';

/** Creates the store of signal over one producer connection. `symbols` are those that a strategy names. */
export function createSignalStore(client: RedisClient, symbols: readonly string[]): SignalStore {
  const publisher = createPublisher(client);
  return {
    newestIds: async () => await newestIds(client, symbols.map(tradesStream)),
    newestBookIds: async () => {
      const ids = await newestIds(client, symbols.map(bookStream));
      return new Map(symbols.map((symbol) => [symbol, ids.get(bookStream(symbol)) ?? '0-0']));
    },
    readStances: async () => await readStances(client),
    putStances: async (records) => await putStances(client, records),
    publishSignal: async (signal) => await publishSignal(publisher, signal),
  };
}
