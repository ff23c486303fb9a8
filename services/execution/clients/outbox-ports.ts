import type { Pool } from 'pg';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher, type Publication } from '../../shared/redis/publisher.ts';
import { forgetPublished } from '../store/outbox/forget-published.ts';
import { loadUnpublished, type LoadTerms } from '../store/outbox/load-unpublished.ts';
import { markPublished } from '../store/outbox/mark-published.ts';
import { placeMessages } from '../store/outbox/place-messages.ts';

/** Returns access to the outbox of one stack, and to the streams that it is published to. */
export function createOutboxPorts(pool: Pool, redis: RedisClient, stack: string) {
  const publisher = createPublisher(redis);
  return {
    load: async (terms: LoadTerms) => {
      await placeMessages(pool, stack);
      return await loadUnpublished(pool, stack, terms);
    },
    mark: async (ids: readonly string[]) => await markPublished(pool, stack, ids),
    forget: async (beforeMs: number) => await forgetPublished(pool, stack, beforeMs),
    publish: async ({ stream, payload, ...terms }: Publication) => await publisher.publish(stream, payload, terms),
  };
}
