import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { ACTIVATION_CHECK, FEED_CHECK } from '../shared/contracts/statusz.ts';
import { closePool, createPool, createPostgresProbe } from '../shared/postgres/pool.ts';
import { closeClient, createBlockingClient, createProducerClient, redisCheck } from '../shared/redis/client.ts';
import { createInstrumentReader } from '../shared/market/instrument-reader.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { readBooks, readTrades } from '../shared/market/read-market.ts';
import { OK } from '../shared/runtime/health.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import type { Config } from './config.ts';
import { haltRoute } from '../shared/trading-state/halt-route.ts';
import { createStateMetrics } from '../shared/trading-state/state-metrics.ts';
import { createStateReader } from '../shared/trading-state/state-reader.ts';
import { TradingStates } from '../shared/trading-state/trading-states.ts';
import { createAccountReports, withReport } from './account-report.ts';
import { activateRoute } from './activation/activate-route.ts';
import { createActivation } from './activation/activation.ts';
import { takeUp } from './activation/take-up.ts';
import { accountAfter } from './core/account-after.ts';
import { createBreakerWatch } from './breakers/breaker-watch.ts';
import { createEntryWorker } from './entry-worker.ts';
import { createExitWorker } from './exit-worker.ts';
import { createRiskMetrics } from './metrics.ts';
import { createRiskService } from './service.ts';
import { consumeSignals } from './store/consume-signals.ts';
import { createRiskStore } from './store/risk-store.ts';

/** The record of trading states is unavailable after this time without a read. */
const STATES_MAX_AGE_MS = 10_000;
/** Signals of any pair may be unread after this time without a read that found nothing left. */
const SIGNALS_MAX_AGE_MS = 10_000;
/** Exits are not worked any more after this time without a pass. */
const EXITS_MAX_AGE_MS = 30_000;
/** Without a pass for so long, others work the exits, too. It costs a second look, as the record decides who sells. */
const WORKS_MAX_AGE_MS = 10_000;
/** Breakers are not watched any more after this time without a pass. */
const BREAKERS_MAX_AGE_MS = 30_000;

/** Builds clients and parts from the configuration; decides nothing. */
export function wireRisk(
  { environment, settings, controlToken, ...stores }: Config,
  { health, ...modules }: ServiceModules,
): ServicePlan {
  const redis = { ...stores.redis, name: 'risk', log: modules.log };
  const commands = createProducerClient(redis);
  const pool = createPool({ ...stores.postgres, applicationName: 'risk', log: modules.log, plansOnce: true });
  const probe = createPostgresProbe({ ...modules, pool });
  const market = new MarketView(settings.symbols);
  const { release, podName: consumer } = environment;
  const metrics = createRiskMetrics(modules.metrics);
  const reports = createAccountReports({ settings, market, metrics, log: modules.log });
  const store = withReport(createRiskStore(pool, commands, settings.stack.id, { accountAfter }), reports.onRead);
  // No journal: without Postgres, risk decides nothing, and with it, it reads the record for every decision.
  const states = new TradingStates({ ...modules, store, metrics: createStateMetrics(modules.metrics) });
  const reader = createStateReader({ ...modules, states });
  const tradingStates = () => states.sources;
  const decisions = { ...modules, settings, release, digest: sha256, market, tradingStates, store, metrics };
  const service = createRiskService(decisions);
  const consumerModules = { ...modules, blocking: createBlockingClient(redis), commands, consumer };
  const onActive = (): void => takeUp(signals, exits);
  const works = (): boolean => exits.check(WORKS_MAX_AGE_MS).ok;
  const activation = createActivation({ ...modules, store, release, works, onActive });
  const { scope, takesSignals, decidedAt, heardSince } = activation;
  const signals = consumeSignals({ ...consumerModules, enabled: takesSignals }, service);
  const unreadSignals = () => signals.unread(SIGNALS_MAX_AGE_MS);
  const exits = createExitWorker({ ...decisions, states, service, scope, decidedAt, heardSince, unreadSignals });
  const entries = createEntryWorker({ ...decisions, service, scope, unreadSignals });
  const breakers = createBreakerWatch({ ...decisions, scope, states });
  const onBook = inOrder(market.onBook, exits.onBook, breakers.onBook);
  health.add('redis', redisCheck(commands));
  health.add('postgres', () => probe.check());
  health.add(ACTIVATION_CHECK, () => activation.check());
  health.add('trading state', () => reader.check(STATES_MAX_AGE_MS));
  health.add('signals', () => (scope() === 'All' ? signals.check() : OK));
  health.add('exits', () => exits.check(EXITS_MAX_AGE_MS));
  health.add('breakers', () => breakers.check(BREAKERS_MAX_AGE_MS));
  health.add('account', () => reports.unread.check());
  health.add('positions', () => reports.abandoned.check());
  health.add('instruments', () => market.checkInstruments());
  health.add(FEED_CHECK, () => market.checkFeed(modules.clock.nowMs(), settings.limits.maxFeedAgeMs));
  return {
    port: environment.port ?? catalogueRow('risk').port,
    parts: [
      resource('redis', async () => await closeClient(commands)),
      resource('postgres', async () => await closePool(pool)),
      probe,
      activation,
      states,
      reader,
      createInstrumentReader({ ...modules, read: store.readInstruments, onInstruments: market.onInstruments }),
      readBooks({ ...modules, client: createBlockingClient(redis) }, settings.symbols, onBook),
      readTrades({ ...modules, client: createBlockingClient(redis) }, settings.symbols, market.onTrade),
      signals,
      exits,
      entries,
      breakers,
    ],
    routes: [haltRoute(controlToken, states, () => null), activateRoute(controlToken, activation)],
    figures: () => ({ ...signals.figures(), ...exits.figures(), ...breakers.figures(), ...reports.figures() }),
    statusFields: () => ({
      activation: activation.status(),
      trading: states.status(),
      flatten: exits.flatten(),
      exits: exits.exits(),
      breakers: breakers.status(),
    }),
  };
}

/** Returns a listener that calls each of several, the first one first. */
function inOrder<T>(...listeners: readonly ((value: T) => void)[]): (value: T) => void {
  return (value) => {
    for (const listener of listeners) listener(value);
  };
}
