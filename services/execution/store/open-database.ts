import { closePool, createPool, createPostgresProbe, type PoolOptions } from '../../shared/postgres/pool.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createOutboxPorts } from './outbox-ports.ts';
import { createPostgresStore, type StoreRules } from './postgres-store.ts';

type Kit = Pick<Parameters<typeof createPostgresProbe>[0], 'clock' | 'log'>;

/** The record of one stack: its pool, its statements, and its outbox. */
export function openDatabase(
  options: Omit<PoolOptions, 'applicationName' | 'log'>,
  stack: string,
  kit: Kit & StoreRules,
) {
  const pool = createPool({ ...options, applicationName: 'execution', log: kit.log });
  return {
    probe: createPostgresProbe({ clock: kit.clock, log: kit.log, pool }),
    store: createPostgresStore(pool, stack, kit),
    outboxTo: (redis: RedisClient) => createOutboxPorts(pool, redis, stack),
    close: async () => await closePool(pool),
  };
}
