import { closePool, createPool, createPostgresProbe, type PoolOptions } from '../../shared/postgres/pool.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createOutboxPorts } from './outbox-ports.ts';
import { createPostgresStore, type StoreRules } from './postgres-store.ts';

type Modules = Pick<Parameters<typeof createPostgresProbe>[0], 'clock' | 'log'>;

/** Opens the record of one stack: its pool, its statements, and its outbox. */
export function openDatabase(
  options: Omit<PoolOptions, 'applicationName' | 'log'>,
  stack: string,
  modules: Modules & StoreRules,
) {
  const pool = createPool({ ...options, applicationName: 'execution', log: modules.log });
  return {
    probe: createPostgresProbe({ clock: modules.clock, log: modules.log, pool }),
    store: createPostgresStore(pool, stack, modules),
    outboxTo: (redis: RedisClient) => createOutboxPorts(pool, redis, stack),
    close: async () => await closePool(pool),
  };
}
