import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { closePool, createPool, createPostgresProbe } from '../shared/postgres/pool.ts';
import { closeClient, createBlockingClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { createTrimmers } from '../shared/redis/consumer/trim.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import type { Config } from './config.ts';
import { createDbWriterMetrics } from './metrics.ts';
import { createRetention } from './retention.ts';
import { createDbWriter } from './service.ts';
import { consumeBooks, consumeSignals, consumeTrades } from './store/consume.ts';
import { createMarketStore } from './store/market-store.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireDbWriter(
  { environment, settings, ...stores }: Config,
  { health, ...modules }: ServiceModules,
): ServicePlan {
  const { symbols, stack, historyDays, maxLagMs: maxPendingAgeMs } = settings;
  const redis = { ...stores.redis, name: 'db-writer', log: modules.log };
  const database = { ...stores.postgres, applicationName: 'db-writer', log: modules.log };
  const commands = createProducerClient(redis);
  const pool = createPool(database);
  const probe = createPostgresProbe({ ...modules, pool });
  const store = createMarketStore(pool, stack.id);
  const writer = createDbWriter(store, createDbWriterMetrics(modules.metrics));
  const consumer = environment.podName;
  const consuming = () => ({ ...modules, blocking: createBlockingClient(redis), commands, consumer, maxPendingAgeMs });
  const trades = consumeTrades(consuming(), symbols, writer);
  const books = consumeBooks(consuming(), symbols, writer);
  const signals = consumeSignals(consuming(), writer);
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
      ...createTrimmers('db-writer', { ...modules, client: commands }),
      createRetention({ ...modules, store, historyDays }),
    ],
    figures: () => trades.figures(),
  };
}
