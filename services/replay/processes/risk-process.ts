import { Registry } from 'prom-client';
import { createActivation, type Activation } from '../../risk/activation/activation.ts';
import { takeUp } from '../../risk/activation/take-up.ts';
import { createBreakerWatch } from '../../risk/breakers/breaker-watch.ts';
import { createEntryWorker } from '../../risk/entry-worker.ts';
import { createExitWorker } from '../../risk/exit-worker.ts';
import { createRiskMetrics } from '../../risk/metrics.ts';
import type { RiskStore } from '../../risk/ports.ts';
import { createRiskService } from '../../risk/service.ts';
import { consumeSignals } from '../../risk/store/consume-signals.ts';
import { publishApprovals } from '../../risk/store/publish-approvals.ts';
import { createInstrumentReader } from '../../shared/market/instrument-reader.ts';
import { MarketView } from '../../shared/market/market-view.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import { readBooks, readTrades } from '../../shared/market/read-market.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sha256 } from '../../shared/runtime/sha256.ts';
import { createStateReader } from '../../shared/trading-state/state-reader.ts';
import { TradingStates } from '../../shared/trading-state/trading-states.ts';
import type { ReplayContext } from '../context.ts';
import type { RedisWorld } from '../redis/redis-world.ts';
import { crashable, type Life } from './crashable.ts';
import { lossyWay } from './lossy-way.ts';
import type { RunningProcess } from './running-process.ts';

/** A process of risk, which the operator may activate. */
export interface RunningRisk extends RunningProcess {
  readonly activate: Activation['activate'];
}

export interface RiskOptions {
  readonly name: string;
  readonly release: string;
  /** Wraps the store that the process is given. */
  readonly wrapStore?: ((store: RiskStore) => RiskStore) | undefined;
}

/** As in the wiring of the service. */
const SIGNALS_MAX_AGE_MS = 10_000;
const WORKS_MAX_AGE_MS = 10_000;
const log = createLogger({ name: 'simulation', level: 'silent' });

/**
 * Starts the risk service with all its parts: signals, books, trades and instruments come from Redis, and approvals go
 * there. Its store is the record.
 */
export function startRisk(
  context: ReplayContext,
  redis: RedisWorld,
  { name, release, wrapStore = (store) => store }: RiskOptions,
): RunningRisk {
  const { settings, scheduler } = context;
  const life: Life = { dead: false };
  const access = redis.access();
  const commands = access.connect();
  const store = wrapStore(storeOf(context, life, commands));
  const modules = { clock: scheduler, log, metrics: new Registry() };
  const market = new MarketView(settings.risk.symbols);
  const states = new TradingStates({ clock: scheduler, log, store });
  const decisions = {
    ...modules,
    settings: settings.risk,
    release,
    digest: sha256,
    market,
    tradingStates: () => states.sources,
    store,
    metrics: createRiskMetrics(new Registry()),
  };
  const service = createRiskService(decisions);
  const onActive = (): void => takeUp(signals, exits);
  const works = (): boolean => exits.check(WORKS_MAX_AGE_MS).ok;
  const activation = createActivation({ ...modules, store, release, works, onActive });
  const { scope, decidedAt, heardSince, takesSignals: enabled } = activation;
  const signals = consumeSignals(
    { ...modules, blocking: access.connect(), commands, consumer: name, enabled },
    service,
  );
  const unreadSignals = () => signals.unread(SIGNALS_MAX_AGE_MS);
  const exits = createExitWorker({ ...decisions, states, service, scope, decidedAt, heardSince, unreadSignals });
  const entries = createEntryWorker({ ...decisions, service, scope, unreadSignals });
  const breakers = createBreakerWatch({ ...decisions, scope, states });
  const onBook: typeof market.onBook = (book) => {
    market.onBook(book);
    exits.onBook(book);
    breakers.onBook(book);
  };
  const { symbols } = settings.risk;
  const parts = [
    activation,
    states,
    createStateReader({ ...modules, states }),
    createInstrumentReader({ ...modules, read: store.readInstruments, onInstruments: market.onInstruments }),
    readBooks({ ...modules, client: access.connect() }, symbols, onBook),
    readTrades({ ...modules, client: access.connect() }, symbols, market.onTrade),
    signals,
    exits,
    entries,
    breakers,
  ];
  const ending = new AbortController();
  for (const part of parts) void part.run(ending.signal);
  return {
    activate: activation.activate,
    kill: () => {
      life.dead = true;
      access.kill();
      ending.abort(new Error('killed'));
    },
  };
}

function storeOf(context: ReplayContext, life: Life, commands: RedisClient): RiskStore {
  const statements = crashable(context.record.risk, life, lossyWay(context));
  const publisher = createPublisher(commands);
  return {
    decideAll: statements.decideAll,
    observeRelease: statements.observeRelease,
    renewRelease: statements.renewRelease,
    activateRelease: statements.activateRelease,
    readAccount: statements.readAccount,
    refusedOrders: statements.refusedOrders,
    readTradingStates: statements.readTradingStates,
    setTradingState: statements.setTradingState,
    requestCancels: statements.requestCancels,
    beginStop: statements.beginStop,
    changeStopRules: statements.changeStopRules,
    raiseStop: statements.raiseStop,
    triggerStop: statements.triggerStop,
    endStop: statements.endStop,
    saveEquity: statements.saveEquity,
    tripBreaker: statements.tripBreaker,
    leaveBreaker: statements.leaveBreaker,
    finishReset: statements.finishReset,
    publish: async (orders) => await publishApprovals(publisher, orders),
    readInstruments: async () => await readInstruments(commands),
  };
}
