import { catalogueRow, groupsOf } from '../shared/contracts/catalogue.ts';
import { SIGNALS } from '../shared/contracts/keys.ts';
import { closePool, createPool, createPostgresProbe } from '../shared/postgres/pool.ts';
import { closeClient, createBlockingClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { createTrimmer } from '../shared/redis/consumer/trim.ts';
import type { ServiceKit, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import type { Config } from './config.ts';
import { dbWriterMetrics } from './metrics.ts';
import { createRetention } from './retention.ts';
import { createDbWriter } from './service.ts';
import { consumeBooks, consumeSignals, consumeTrades } from './store/consume.ts';
import { createMarketStore } from './store/market-store.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireDbWriter(
  { environment, settings, redisPassword, postgresPassword }: Config,
  { health, ...kit }: ServiceKit,
): ServicePlan {
  const { symbols, stack, maxLagMs: maxPendingAgeMs } = settings;
  const redis = { ...settings.redis, stack: stack.id, password: redisPassword, name: 'db-writer', log: kit.log };
  const database = { ...settings.postgres, password: postgresPassword, applicationName: 'db-writer', log: kit.log };
  const commands = createProducerClient(redis);
  const pool = createPool(database);
  const probe = createPostgresProbe({ ...kit, pool });
  const store = createMarketStore(pool, stack.id);
  const writer = createDbWriter(store, dbWriterMetrics(kit.metrics));
  const consumer = environment.podName;
  const consuming = () => ({ ...kit, blocking: createBlockingClient(redis), commands, consumer, maxPendingAgeMs });
  const trades = consumeTrades(consuming(), symbols, writer);
  const books = consumeBooks(consuming(), symbols, writer);
  const signals = consumeSignals(consuming(), writer);
  const trim = { client: commands, stream: SIGNALS, groups: groupsOf(SIGNALS), intervalMs: 30_000 };
  health.add('redis', redisCheck(commands));
  health.add('postgres', () => probe.check());
  health.add('trades', () => trades.check());
  health.add('books', () => books.check());
  health.add('signals', () => signals.check());
  return {
    port: environment.port ?? catalogueRow('db-writer').port,
    parts: [
      resource('redis', async () => await closeClient(commands)),
      resource('postgres', async () => await closePool(pool)),
      probe,
      trades,
      books,
      signals,
      createTrimmer({ ...kit, ...trim }),
      createRetention({ ...kit, store }),
    ],
    figures: () => trades.figures(),
  };
}
