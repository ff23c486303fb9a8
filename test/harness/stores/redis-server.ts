import type { TestProject } from 'vitest/node';
import { startPrivateRedis, type RedisAddress } from './private-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redis: RedisAddress;
  }
}

/** One real Redis a run; `createTestRedis` gives each file a database of it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPrivateRedis();
  project.provide('redis', server.options);
  return async () => await server.stop();
}
