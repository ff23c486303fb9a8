import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { stackTagOf } from '../shared/domain/ids.ts';
import { transferOf } from '../shared/domain/ledger.ts';
import { createInstrumentReader } from '../shared/market/instrument-reader.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { createMexcClient } from '../shared/venue/mexc/trading-client.ts';
import { createMexcPrivateStream } from '../shared/venue/mexc/stream/private-stream.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import { haltRoute } from '../shared/trading-state/halt-route.ts';
import { createStateJournal } from '../shared/trading-state/state-journal.ts';
import { createStateMetrics } from '../shared/trading-state/state-metrics.ts';
import { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { Config } from './config.ts';
import { controlRoutes } from './control-routes.ts';
import { manualEffects } from './core/reconcile/manual-trade.ts';
import { observe } from './core/order-decider.ts';
import { effectsOf } from './core/order-effects.ts';
import { createExecutionMetrics } from './metrics.ts';
import { createOutboxRelay, type OutboxRelay } from './outbox-relay.ts';
import { createExecution } from './service.ts';
import { openDatabase } from './clients/open-database.ts';
import { openStreams } from './clients/open-streams.ts';

/** In the volume of the pod at /tmp, which outlives the process: for a start while Postgres is unavailable. */
const STATE_JOURNAL = join(tmpdir(), 'trading-states.json');

/** Builds clients and parts from the configuration. Makes no decisions. */
export function wireExecution(
  { environment, settings, redis, postgres, account, controlToken }: Config,
  { health, ...modules }: ServiceModules,
): ServicePlan {
  const { stack, symbols } = settings;
  const tag = stackTagOf(stack.id, sha256);
  const streams = openStreams(redis, symbols, { ...modules, consumer: environment.podName });
  const database = openDatabase(postgres, stack.id, { ...modules, observe, effectsOf, transferOf, manualEffects });
  const venue = createMexcClient({ ...account, ...modules });
  const market = new MarketView(symbols);
  const ports = { store: database.store, venue, metrics: createExecutionMetrics(modules.metrics) };
  const journal = createStateJournal({ path: STATE_JOURNAL, stack: stack.id, log: modules.log });
  const states = new TradingStates({
    ...modules,
    store: database.store,
    journal,
    metrics: createStateMetrics(modules.metrics),
  });
  const views = { instrumentOf: market.instrument, marks: market.lastMids, bestBid: market.bestBid };
  const inRedis = { budget: streams.budget, sharedEpoch: streams.sharedEpoch, keepFrame: streams.keepFrame };
  const execution = createExecution({
    ...modules,
    states,
    ...ports,
    ...views,
    settings,
    tag,
    flushOutbox: async () => await outbox.flush(),
    ...inRedis,
  });
  const { streamEvents, through, onApproval, heldFence } = execution;
  const events = createMexcPrivateStream({ ...account, ...modules, ...streamEvents, through });
  const { approvals, books, trims } = streams.consume({
    isActive: () => execution.sender().role === 'active',
    onApproval,
    onBook: market.onBook,
  });
  const relaying = { ...modules, ...ports, heldFence };
  const outbox: OutboxRelay = createOutboxRelay(database.outboxTo(streams.commands), relaying);
  const instruments = createInstrumentReader({
    ...modules,
    read: streams.readInstruments,
    onInstruments: market.onInstruments,
  });
  const listener = database.listenForStates(() => void states.load().catch(() => undefined));
  const parts = [database.probe, listener, instruments, books, outbox, ...execution.parts, events, approvals, ...trims];
  health.add('redis', streams.check);
  health.add('postgres', () => database.probe.check());
  health.add('journal', () => states.checkJournal());
  health.add('private stream', () => events.check());
  health.add('approvals', () => approvals.check());
  health.add('outbox', () => outbox.check());
  health.add('instruments', () => market.checkInstruments());
  for (const [name, check] of execution.checks) health.add(name, check);
  return {
    port: environment.port ?? catalogueRow('execution').port,
    parts: [
      resource('redis', streams.close),
      resource('postgres', database.close),
      resource('venue', async () => await Promise.resolve(venue.close())),
      ...parts,
    ],
    routes: [
      ...controlRoutes(controlToken, execution),
      haltRoute(controlToken, states, () => execution.sender().openOrders?.count ?? null),
    ],
    figures: execution.figures,
    statusFields: () => ({ sender: execution.sender(), trading: states.status(), foreign: execution.foreign() }),
  };
}
