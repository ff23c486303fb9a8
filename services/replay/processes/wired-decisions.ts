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
  const { scheduler, digest } = context;
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
  let riskProcesses = 0;
  const start = {
    signal: () =>
      startSignal(context, redis, (signal) => {
        counts.signals += 1;
        digest.add('signal', signal);
      }),
    risk: () => {
      riskProcesses += 1;
      // A container that restarts keeps the name of its pod; a pod that is replaced has another.
      return startRisk(context, redis, `risk-${Math.ceil(riskProcesses / 2)}`);
    },
  };
  const running: Record<ServiceRestart['service'], RunningProcess> = { signal: start.signal(), risk: start.risk() };
  for (const { service, afterMs, downMs } of restarts) {
    scheduler.after(afterMs, () => {
      running[service].kill();
      scheduler.after(downMs, () => {
        running[service].kill();
        running[service] = start[service]();
      });
    });
  }
  return { feed, counts, marks: () => new Map(), bestBid: () => undefined };
}
