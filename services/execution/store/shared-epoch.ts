import { keptSecondsOf, VENUE_SENDER_EPOCH } from '../../shared/contracts/keys.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import type { SharedEpoch } from '../ports.ts';

/** Binds the epoch that was granted last to a connection. Rejects while Redis is unavailable. */
export function createSharedEpoch(client: RedisClient): SharedEpoch {
  return {
    read: async () => {
      const text = await client.get(VENUE_SENDER_EPOCH);
      const epoch = Number(text ?? Number.NaN);
      return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : undefined;
    },
    write: async (epoch) => {
      await client.set(VENUE_SENDER_EPOCH, epoch, 'EX', keptSecondsOf(VENUE_SENDER_EPOCH));
    },
  };
}
