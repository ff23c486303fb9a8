import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { closePool, createPool, createPostgresProbe } from '../shared/postgres/pool.ts';
import { closeClient, createBlockingClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { createInstrumentReader } from '../shared/market/instrument-reader.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { readBooks, readTrades } from '../shared/market/read-market.ts';
import type { ServiceKit, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import type { Config } from './config.ts';
import { createSpecHaltRecorder } from './spec-halt-recorder.ts';
import { riskMetrics } from './metrics.ts';
import { createRiskService } from './service.ts';
import { consumeSignals } from './store/consume-signals.ts';
import { createRiskStore } from './store/risk-store.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireRisk(
  { environment, settings, redisPassword, postgresPassword }: Config,
  { health, ...kit }: ServiceKit,
): ServicePlan {
  const { id: stack } = settings.stack;
  const redis = { ...settings.redis, stack, password: redisPassword, name: 'risk', log: kit.log };
  const database = { ...settings.postgres, password: postgresPassword, applicationName: 'risk', log: kit.log };
  const commands = createProducerClient(redis);
  const pool = createPool(database);
  const probe = createPostgresProbe({ ...kit, pool });
  const store = createRiskStore(pool, commands);
  const market = new MarketView(settings.symbols);
  const { release, podName: consumer } = environment;
  const metrics = riskMetrics(kit.metrics);
  const service = createRiskService({ ...kit, settings, release, digest: sha256, market, store, metrics });
  const consumerKit = { ...kit, blocking: createBlockingClient(redis), commands, consumer };
  const signals = consumeSignals(consumerKit, async (signal) => await service.onSignal(signal));
  const reading = () => ({ ...kit, client: createBlockingClient(redis) });
  health.add('redis', redisCheck(commands));
  health.add('postgres', () => probe.check());
  health.add('signals', () => signals.check());
  health.add('instruments', () => market.checkInstruments());
  health.add('feed', () => market.checkFeed(kit.clock.nowMs(), settings.limits.maxFeedAgeMs));
  return {
    port: environment.port ?? catalogueRow('risk').port,
    parts: [
      resource('redis', async () => await closeClient(commands)),
      resource('postgres', async () => await closePool(pool)),
      probe,
      createSpecHaltRecorder({ ...kit, settings, record: store.recordHalt }),
      createInstrumentReader({ ...kit, read: store.readInstruments, onInstruments: market.onInstruments }),
      readBooks(reading(), settings.symbols, market.onBook),
      readTrades(reading(), settings.symbols, market.onTrade),
      signals,
    ],
    figures: () => ({ ...signals.figures(), halted: String(settings.halt) }),
  };
}
