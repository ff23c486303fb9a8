import { createTestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { createBlockingClient, createProducerClient } from '../../shared/redis/client.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { redisContract } from './redis-contract.ts';

redisContract('a real Redis server', async () => {
  const test = await createTestRedis();
  const options = { ...test.options, name: 'test', log: createLogger({ name: 'test', level: 'silent' }) };
  const [commands, blocking] = [createProducerClient(options), createBlockingClient(options)];
  await until(() => commands.status === 'ready' && blocking.status === 'ready');
  return {
    commands,
    blocking,
    settle: async (promise) => await promise,
    pass: async (ms) => await systemClock.sleep(ms),
    close: async () => {
      commands.disconnect();
      blocking.disconnect();
      await test.close();
    },
  };
});
