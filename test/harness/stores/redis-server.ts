import type { TestProject } from 'vitest/node';
import { startPrivateRedis, type RedisAddress } from './private-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redis: RedisAddress;
  }
}

/** Starts one real Redis per run. `createTestRedis` gives each test file a database in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPrivateRedis();
  project.provide('redis', server.options);
  return async () => await server.stop();
}
