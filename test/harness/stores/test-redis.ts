import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { keyPrefixOf } from '../../../services/shared/contracts/keys.ts';
import type { RedisAddress } from './private-redis.ts';

export interface TestRedis {
  readonly options: RedisAddress & { readonly db: number };
  /** Connection for the test itself, with the key prefix of the services under test. */
  readonly redis: Redis;
  close(): Promise<void>;
}

/** Creates an empty numbered database on the server of the run, for one test file. */
export async function createTestRedis(): Promise<TestRedis> {
  const address = inject('redis');
  const counter = new Redis({ ...address, db: 0 });
  const db = await counter.incr('test-databases');
  await counter.quit();
  const options = { ...address, db };
  const redis = new Redis({ ...options, keyPrefix: keyPrefixOf(options.stack) });
  return {
    options,
    redis,
    close: async () => {
      await redis.flushdb();
      await redis.quit();
    },
  };
}
