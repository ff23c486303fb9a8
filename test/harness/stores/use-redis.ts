import { afterAll, afterEach, beforeAll } from 'vitest';
import { createTestRedis, type TestRedis } from './test-redis.ts';

/** Gives the tests of a file a Redis, which is emptied after each of them. */
export function useRedis(): Pick<TestRedis, 'redis' | 'options'> {
  let opened: TestRedis | undefined;
  const open = (): TestRedis => {
    if (opened === undefined) throw new Error('Redis is open during the tests only');
    return opened;
  };
  beforeAll(async () => {
    opened = await createTestRedis();
  });
  afterEach(async () => void (await open().redis.flushdb()));
  afterAll(async () => await opened?.close());
  return {
    get redis() {
      return open().redis;
    },
    get options() {
      return open().options;
    },
  };
}
