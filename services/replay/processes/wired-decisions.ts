import type { ReplayContext } from '../context.ts';
import { createFeeds, type Decisions } from '../decisions.ts';
import type { RedisWorld } from '../redis/redis-world.ts';
import { startMarketPublisher } from './market-publisher.ts';
import { startRisk } from './risk-process.ts';
import type { RunningProcess } from './running-process.ts';
import { startSignal } from './signal-process.ts';

/** The process of a service is killed, and another one is started in its place. */
export interface ServiceRestart {
  readonly service: 'signal' | 'risk';
  /** The pod is replaced by one of another name. Otherwise its container restarts. */
  readonly isReplaced?: boolean;
  /** Milliseconds after the start of the run. */
  readonly afterMs: number;
  /** Until the new process starts. */
  readonly downMs: number;
}

/** Starts ws, signal and risk as processes that share nothing but Redis and the record, and replaces the last two. */
export function startWiredDecisions(
  context: ReplayContext,
  redis: RedisWorld,
  restarts: readonly ServiceRestart[],
): Decisions {
  const { scheduler, digest, record } = context;
  const counts = { trades: 0, books: 0, signals: 0 };
  const publisher = startMarketPublisher(context, redis);
  const feed = createFeeds(context, {
    onTrade: (trade) => {
      counts.trades += 1;
      publisher.onTrade(trade);
    },
    onBook: (book) => {
      counts.books += 1;
      digest.add('book', book);
      publisher.onBook(book);
    },
  });
  let riskPods = 1;
  const start = {
    signal: () =>
      startSignal(context, redis, (signal) => {
        counts.signals += 1;
        digest.add('signal', signal);
        const { strategy, symbol, barClose } = signal;
        const position = { strategy, symbol, at_ms: scheduler.nowMs() };
        record.exitSteps.push({ ...position, kind: 'Signalled', bar_close: barClose });
      }),
    risk: () => startRisk(context, redis, `risk-${riskPods}`),
  };
  const running: Record<ServiceRestart['service'], RunningProcess> = { signal: start.signal(), risk: start.risk() };
  for (const { service, isReplaced = false, afterMs, downMs } of restarts) {
    scheduler.after(afterMs, () => {
      running[service].kill();
      scheduler.after(downMs, () => {
        running[service].kill();
        if (isReplaced && service === 'risk') riskPods += 1;
        running[service] = start[service]();
      });
    });
  }
  return { feed, counts, marks: () => new Map(), bestBid: () => undefined };
}
