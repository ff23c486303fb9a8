import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { closePool, createPool, createPostgresProbe } from '../shared/postgres/pool.ts';
import { closeClient, createBlockingClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { createInstrumentReader } from '../shared/market/instrument-reader.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { readBooks, readTrades } from '../shared/market/read-market.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import type { Config } from './config.ts';
import { createSpecHaltRecorder } from './spec-halt-recorder.ts';
import { createRiskMetrics } from './metrics.ts';
import { createRiskService } from './service.ts';
import { consumeSignals } from './store/consume-signals.ts';
import { createRiskStore } from './store/risk-store.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireRisk(
  { environment, settings, ...stores }: Config,
  { health, ...modules }: ServiceModules,
): ServicePlan {
  const redis = { ...stores.redis, name: 'risk', log: modules.log };
  const database = { ...stores.postgres, applicationName: 'risk', log: modules.log };
  const commands = createProducerClient(redis);
  const pool = createPool(database);
  const probe = createPostgresProbe({ ...modules, pool });
  const store = createRiskStore(pool, commands);
  const market = new MarketView(settings.symbols);
  const { release, podName: consumer } = environment;
  const metrics = createRiskMetrics(modules.metrics);
  const service = createRiskService({ ...modules, settings, release, digest: sha256, market, store, metrics });
  const consumerModules = { ...modules, blocking: createBlockingClient(redis), commands, consumer };
  const signals = consumeSignals(consumerModules, async (signal) => await service.onSignal(signal));
  const readerModules = () => ({ ...modules, client: createBlockingClient(redis) });
  health.add('redis', redisCheck(commands));
  health.add('postgres', () => probe.check());
  health.add('signals', () => signals.check());
  health.add('instruments', () => market.checkInstruments());
  health.add('feed', () => market.checkFeed(modules.clock.nowMs(), settings.limits.maxFeedAgeMs));
  return {
    port: environment.port ?? catalogueRow('risk').port,
    parts: [
      resource('redis', async () => await closeClient(commands)),
      resource('postgres', async () => await closePool(pool)),
      probe,
      createSpecHaltRecorder({ ...modules, settings, record: store.recordHalt }),
      createInstrumentReader({ ...modules, read: store.readInstruments, onInstruments: market.onInstruments }),
      readBooks(readerModules(), settings.symbols, market.onBook),
      readTrades(readerModules(), settings.symbols, market.onTrade),
      signals,
    ],
    figures: () => ({ ...signals.figures(), halted: String(settings.halt) }),
  };
}
