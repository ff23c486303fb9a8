import { Registry } from 'prom-client';
import { createSerialQueue } from '../shared/runtime/serial-queue.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { createEntryWorker } from '../risk/entry-worker.ts';
import { createExitWorker } from '../risk/exit-worker.ts';
import { createRiskMetrics } from '../risk/metrics.ts';
import { createRiskService } from '../risk/service.ts';
import { bookMessage, type BookMessage, type BookPayload } from '../shared/contracts/messages/book.ts';
import { signalMessage, type SignalMessage, type SignalPayload } from '../shared/contracts/messages/signal.ts';
import { tradeMessage } from '../shared/contracts/messages/trade.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { ALL_READ } from '../risk/core/stances/unread-signals.ts';
import { createSignalEngine } from '../signal/core/signal-engine.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import { TradingStates } from '../shared/trading-state/trading-states.ts';
import { crashable } from './processes/crashable.ts';
import { lossyWay } from './processes/lossy-way.ts';
import type { ReplayContext } from './context.ts';
import { createMarketFeed, joinedFeed, type FeedListener, type MarketFeed } from './market-feed.ts';

export interface Decisions {
  readonly feed: MarketFeed;
  readonly counts: Readonly<Record<'trades' | 'books' | 'signals', number>>;
  /** Last known mid price by symbol, to value the portfolio. */
  readonly marks: () => ReadonlyMap<string, Decimal>;
  readonly bestBid: MarketView['bestBid'];
}

const CLOCK_INTERVAL_MS = 200;
/** Delay before the decision on a signal is retried after a failure. */
const RETRY_MS = 1_000;

/**
 * Starts the cores of ws and signal, and the risk service. Each parses the output of the previous one. `onApproved` is
 * called with the ID of each approved decision.
 */
export function startDecisions(context: ReplayContext, onApproved: (decisionId: string) => void): Decisions {
  const { settings, scheduler, digest, createStream } = context;
  const counts = { trades: 0, books: 0, signals: 0 };
  const engine = createSignalEngine({ strategies: settings.signal.strategies, release: 'simulation' });
  const { view, onBook, offer } = startRisk(context, onApproved);
  const streams = {
    tradesToSignal: createStream(),
    tradesToRisk: createStream(),
    books: createStream(),
    signals: createStream(),
  };
  const publish = (signals: readonly SignalPayload[]): void => {
    for (const payload of signals) {
      counts.signals += 1;
      digest.addMessage('signal', payload);
      streams.signals(() => offer(signalMessage.parse(payload)));
    }
  };
  const listener = {
    onTrade: (payload: unknown): void => {
      counts.trades += 1;
      const trade = tradeMessage.parse(payload);
      streams.tradesToSignal(() => publish(engine.onTrade(trade)));
      streams.tradesToRisk(() => view.onTrade(trade));
    },
    onBook: (payload: BookPayload): void => {
      counts.books += 1;
      digest.addMessage('book', payload);
      const book = bookMessage.parse(payload);
      streams.books(() => onBook(book));
    },
  };
  const closeDueBars = (): void => {
    publish(engine.onClock(scheduler.nowMs()));
    scheduler.after(CLOCK_INTERVAL_MS, closeDueBars);
  };
  scheduler.after(CLOCK_INTERVAL_MS, closeDueBars);
  return { feed: createFeeds(context, listener), counts, marks: view.lastMids, bestBid: view.bestBid };
}

/** Creates the feed of every instrument. */
export function createFeeds(context: ReplayContext, listener: FeedListener): MarketFeed {
  const { settings, market, scheduler, network, instruments } = context;
  const { bookLevels } = settings.ws;
  const source = { market, scheduler, bookLevels, latencyMs: network.pushMs, listener };
  return joinedFeed([...instruments.values()].map((instrument) => createMarketFeed({ ...source, instrument })));
}

/**
 * Starts the risk service and its worker of exits on the record's risk store. Signals are processed one at a time, in
 * order. Each is retried until it is decided, as the service's stream consumer does.
 */
function startRisk(context: ReplayContext, onApproved: (id: string) => void) {
  const { settings, scheduler, instruments, record, createStream } = context;
  const market = new MarketView(settings.risk.symbols);
  market.onInstruments(instruments);
  const store = crashable(record.risk, { dead: false }, lossyWay(context));
  const approved = createStream();
  const modules = { clock: scheduler, log: createLogger({ name: 'simulation', level: 'silent' }) };
  const decisions = {
    ...modules,
    settings: settings.risk,
    release: 'simulation',
    digest: sha256,
    market,
    tradingStates: () => [],
    store: {
      decideAll: store.decideAll,
      readAccount: store.readAccount,
      requestCancels: store.requestCancels,
      beginStop: store.beginStop,
      changeStopRules: store.changeStopRules,
      refusedOrders: store.refusedOrders,
      raiseStop: store.raiseStop,
      triggerStop: store.triggerStop,
      endStop: store.endStop,
      publish: async (orders: readonly { readonly decisionId: string }[]) => {
        for (const { decisionId } of orders) approved(() => onApproved(decisionId));
        return await Promise.resolve(orders.map(({ decisionId: id }) => ({ kind: 'ok' as const, id })));
      },
    },
    metrics: createRiskMetrics(new Registry()),
  };
  const risk = createRiskService(decisions);
  // Nobody commands this process: the record of trading states, which each decision reads, is enough.
  const states = new TradingStates({ ...modules, store });
  const exits = createExitWorker({
    ...decisions,
    states,
    service: risk,
    scope: () => 'All',
    decidedAt: () => true,
    heardSince: () => true,
    unreadSignals: () => ALL_READ,
  });
  void exits.run(new AbortController().signal);
  const entries = createEntryWorker({ ...decisions, service: risk, scope: () => 'All', unreadSignals: () => ALL_READ });
  void entries.run(new AbortController().signal);
  const serially = createSerialQueue();
  const decided = async (signal: SignalMessage): Promise<boolean> =>
    await risk.onSignals([signal]).then(
      (problems) => problems.size === 0,
      () => false,
    );
  const offer = (signal: SignalMessage): void => {
    void serially(async () => {
      while (!(await decided(signal))) await scheduler.sleep(RETRY_MS);
    });
  };
  const onBook = (book: BookMessage): void => {
    market.onBook(book);
    exits.onBook(book);
  };
  return { view: market, onBook, offer };
}
