import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { tradeMessage } from '../shared/contracts/messages/trade.ts';
import { tradesStream } from '../shared/contracts/keys.ts';
import { FEED_CHECK } from '../shared/contracts/statusz.ts';
import { closeClient, createBlockingClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { createStreamReader } from '../shared/redis/reader/stream-reader.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import type { Config } from './config.ts';
import { createSignalMetrics } from './metrics.ts';
import { SignalService } from './service.ts';
import { createSignalStore } from './store/signal-store.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireSignal(
  { environment, settings, redis: server }: Config,
  { log, clock, health, metrics }: ServiceModules,
): ServicePlan {
  const redis = { ...server, log };
  const client = createProducerClient({ ...redis, name: 'signal' });
  const symbols = [...new Set(settings.strategies.flatMap((strategy) => strategy.symbols))];
  const signalMetrics = createSignalMetrics(metrics);
  const reader = createStreamReader({
    client: createBlockingClient({ ...redis, name: 'signal trades' }),
    streams: symbols.map(tradesStream),
    from: 'start',
    parse: (json) => tradeMessage.parse(json),
    onEntries: async (entries) => await service.onTrades(entries),
    sequenceOf: ({ producer, seq }) => ({ producer, seq }),
    onGap: ({ stream, expected, received }) => signalMetrics.tradesMissing(stream, received - expected),
    clock,
    log,
    metrics,
  });
  const service = new SignalService({
    strategies: settings.strategies,
    release: environment.release,
    store: createSignalStore(client, symbols),
    redisCheck: redisCheck(client),
    readerCheck: () => reader.check(),
    clock,
    log,
    metrics: signalMetrics,
  });
  health.add('redis', () => service.checkRedis());
  health.add(FEED_CHECK, () => service.checkFeed());
  health.add('strategies', () => service.checkStrategies());
  return {
    port: environment.port ?? catalogueRow('signal').port,
    parts: [resource('redis', async () => await closeClient(client)), reader, service],
    figures: () => service.figures(),
  };
}
