import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { FEED_CHECK } from '../shared/contracts/statusz.ts';
import { createMexcMarketData } from '../shared/venue/mexc/market-data.ts';
import { closeClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { keepFrame } from '../shared/redis/keep-frame.ts';
import { createPublisher } from '../shared/redis/publisher.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import type { Config } from './config.ts';
import { createWsMetrics } from './metrics.ts';
import { WsService } from './service.ts';
import { newestTrades } from './store/newest-trades.ts';
import { publishBook } from './store/publish-book.ts';
import { publishTrades } from './store/publish-trades.ts';
import { putInstruments } from './store/put-instruments.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireWs(config: Config, { log, clock, health, metrics, incarnation }: ServiceModules): ServicePlan {
  const { environment } = config;
  const { venue, symbols, bookLevels, maxFeedAgeMs } = config.settings;
  const client = createProducerClient({ ...config.redis, name: 'ws', log });
  const publisher = createPublisher(client);
  const service = new WsService({
    symbols,
    bookLevels,
    maxFeedAgeMs,
    clock,
    log,
    producer: `ws-${incarnation}`,
    venue: createMexcMarketData({ ...venue, symbols }),
    store: {
      newestTrades: async (symbol, count) => await newestTrades(client, symbol, count),
      publishTrades: async (trades) => await publishTrades(publisher, trades),
      publishBook: async (book) => await publishBook(publisher, book),
      putInstruments: async (instruments) => await putInstruments(client, instruments),
      keepFrame: async (frame) => await keepFrame(publisher, frame),
    },
    redisCheck: redisCheck(client),
    metrics: createWsMetrics(metrics),
  });
  health.add('redis', () => service.checkRedis());
  health.add('venue-connection', () => service.checkConnection());
  health.add(FEED_CHECK, () => service.checkFeed());
  health.add('instruments', () => service.checkInstruments());
  return {
    port: environment.port ?? catalogueRow('ws').port,
    parts: [resource('redis', async () => await closeClient(client)), service],
    figures: () => service.figures(),
  };
}
