import { keyPrefixOf } from '../../shared/contracts/keys.ts';
import type { RedisFaults, RedisRestart } from '../core/redis-faults.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { MemoryRedis } from './memory-redis.ts';
import { RedisConnection } from './redis-connection.ts';

export interface RedisWorldOptions {
  readonly scheduler: Scheduler;
  readonly faults: RedisFaults;
  readonly restarts: readonly RedisRestart[];
  readonly stack: string;
}

/** What the connections of one process share. */
export interface RedisAccess {
  /** Opens a connection. `gate` holds back replies while the process is frozen. */
  readonly connect: (gate?: (work: () => void) => void) => RedisConnection;
  /** Ends all connections with the process. */
  readonly kill: () => void;
}

export type RedisWorld = ReturnType<typeof createRedisWorld>;

/** How much older the data of a restarted server may be, as after a failover. */
const OLDER_MS = 1_000;

/** Creates the server that all processes of a run share, and schedules its restarts. */
export function createRedisWorld({ scheduler, faults, restarts, stack }: RedisWorldOptions) {
  const server = new MemoryRedis(scheduler);
  const connections = new Set<RedisConnection>();
  const startMs = scheduler.nowMs();
  let upAtMs = startMs;
  const restart = ({ kind, downMs }: RedisRestart, older: ReturnType<MemoryRedis['copy']>): void => {
    upAtMs = Math.max(upAtMs, scheduler.nowMs() + downMs);
    if (kind === 'Kept') server.restart(server.copy());
    else if (kind === 'Older') server.restart(older);
    else server.restart();
    for (const connection of connections) connection.close(downMs + faults.reconnectMs());
  };
  for (const one of restarts) {
    const restartMs = startMs + one.afterMs;
    scheduler.at(restartMs - OLDER_MS, () => {
      const older = server.copy();
      scheduler.at(restartMs, () => restart(one, older));
    });
  }
  return {
    server,
    /** Returns the connections of a new process. */
    access: (): RedisAccess => {
      const own = new Set<RedisConnection>();
      return {
        connect: (gate) => {
          const keyPrefix = keyPrefixOf(stack);
          const connection = new RedisConnection({ server, scheduler, faults, keyPrefix, ...(gate && { gate }) });
          if (upAtMs > scheduler.nowMs()) connection.close(upAtMs - scheduler.nowMs());
          connections.add(connection);
          own.add(connection);
          return connection;
        },
        kill: () => {
          for (const connection of own) {
            connection.kill();
            connections.delete(connection);
          }
        },
      };
    },
  };
}
