import { createListener } from '../../shared/postgres/listen.ts';
import { closePool, createPool, createPostgresProbe, type PoolOptions } from '../../shared/postgres/pool.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createOutboxPorts } from './outbox-ports.ts';
import { createPostgresStore, type StoreRules } from '../store/postgres-store.ts';

type Modules = Pick<Parameters<typeof createPostgresProbe>[0], 'clock' | 'log'>;

/**
 * Everything that an order waits for. A process that stops in a transaction keeps the next sender out until the server
 * ends its session, so a wait for a lock outlasts that; both end well within the 5 s in which the next sender must be
 * able to take over. A statement that takes longer than all that could not be sent in time anyway.
 */
export const ORDER_PATH = {
  durable: true,
  idleInTransactionMs: 1_500,
  lockTimeoutMs: 2_000,
  statementTimeoutMs: 2_500,
  silenceMs: 500,
} as const;

/**
 * Reads whose cost grows with the history. They have connections and time of their own: a slow one must neither fail
 * for ever nor keep a connection from an intent.
 */
const HISTORY = { max: 2 } as const;

/** Opens the record of one stack: its pools, its statements, and its outbox. */
export function openDatabase(
  options: Omit<PoolOptions, 'applicationName' | 'log'>,
  stack: string,
  modules: Modules & StoreRules,
) {
  const own = { ...options, applicationName: 'execution', log: modules.log };
  const pool = createPool({ ...own, ...ORDER_PATH });
  const history = createPool({ ...own, ...HISTORY });
  return {
    probe: createPostgresProbe({ clock: modules.clock, log: modules.log, pool }),
    store: createPostgresStore(pool, stack, modules, history),
    /** Listens for trading states that anybody records. */
    listenForStates: (onState: () => void) =>
      createListener({
        ...own,
        clock: modules.clock,
        channel: 'trading_state',
        onNotify: (of) => {
          if (of === undefined || of === stack) onState();
        },
      }),
    outboxTo: (redis: RedisClient) => createOutboxPorts(pool, redis, stack),
    close: async () => void (await Promise.all([closePool(pool), closePool(history)])),
  };
}
