import type { ApprovedOrder } from '../../services/risk/core/risk-state.ts';
import { bookMessage } from '../../services/shared/contracts/messages/book.ts';
import { signalMessage, type SignalPayload } from '../../services/shared/contracts/messages/signal.ts';
import { tradeMessage } from '../../services/shared/contracts/messages/trade.ts';
import { createSignalEngine } from '../../services/signal/core/signal-engine.ts';
import type { Ground } from './ground.ts';
import { createMarketFeed, type MarketFeed } from './market-feed.ts';
import { createSimulatedRisk } from './simulated-risk.ts';

export interface Decisions {
  readonly feed: MarketFeed;
  /** How often risk decided what. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly counts: Readonly<Record<'trades' | 'books' | 'signals', number>>;
}

const CLOCK_TICK_MS = 200;

/** The services ws, signal and risk, each parsing what the one before has published. */
export function startDecisions(ground: Ground, onApproved: (order: ApprovedOrder) => void): Decisions {
  const { settings, scheduler, network, digest, market, instrument, hop } = ground;
  const counts = { trades: 0, books: 0, signals: 0 };
  const engine = createSignalEngine({ strategies: settings.signal.strategies, release: 'simulation' });
  const risk = createSimulatedRisk({
    ...ground,
    settings: settings.risk,
    onApproved: (order) => scheduler.after(network.commitMs(), () => hop(() => onApproved(order))),
  });
  const publish = (signals: readonly SignalPayload[]): void => {
    for (const payload of signals) {
      counts.signals += 1;
      digest.add('signal', payload);
      hop(() => risk.onSignal(signalMessage.parse(payload)));
    }
  };
  const listener = {
    onTrade: (payload: unknown): void => {
      counts.trades += 1;
      const trade = tradeMessage.parse(payload);
      hop(() => publish(engine.onTrade(trade)));
      hop(() => risk.onTrade(trade));
    },
    onBook: (payload: unknown): void => {
      counts.books += 1;
      digest.add('book', payload);
      const book = bookMessage.parse(payload);
      hop(() => risk.onBook(book));
    },
  };
  const tick = (): void => {
    publish(engine.onClock(scheduler.nowMs()));
    scheduler.after(CLOCK_TICK_MS, tick);
  };
  scheduler.after(CLOCK_TICK_MS, tick);
  const { bookLevels } = settings.ws;
  const feed = createMarketFeed({ market, instrument, scheduler, bookLevels, latencyMs: network.pushMs, listener });
  return { feed, outcomes: risk.outcomes, counts };
}
