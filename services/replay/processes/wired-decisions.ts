import type { ReplayContext } from '../context.ts';
import { createFeeds, type Decisions } from '../decisions.ts';
import type { RedisWorld } from '../redis/redis-world.ts';
import { startMarketPublisher } from './market-publisher.ts';
import { startRisk, type RiskOptions, type RunningRisk } from './risk-process.ts';
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

/** Risk of another release is started beside the one that decides, and made active. The earlier one is killed. */
export interface RiskSwap {
  /** Milliseconds after the start of the run. */
  readonly afterMs: number;
  /** How long the new process is armed, and the old one lives after the new one was activated. */
  readonly armedMs: number;
  readonly leavesAfterMs: number;
  /** How long after the start of the new process the old one dies, if it does before that. */
  readonly diesAfterMs?: number;
}

export interface WiredOptions {
  readonly restarts: readonly ServiceRestart[];
  readonly riskSwaps: readonly RiskSwap[];
  /** Wraps the store of each process of risk. */
  readonly riskStore: RiskOptions['wrapStore'];
}

/** The record begins with the first of them as the active one. */
function releaseOf(epoch: number): string {
  return epoch === 1 ? 'simulation' : `simulation-${epoch}`;
}

/** Pause of the operator before it repeats an activation. */
const REPEAT_MS = 500;

/** Starts ws, signal and risk as processes that share nothing but Redis and the record, and replaces the last two. */
export function startWiredDecisions(
  context: ReplayContext,
  redis: RedisWorld,
  { restarts, riskSwaps, riskStore: wrapStore }: WiredOptions,
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
  let riskEpoch = 1;
  const start = {
    signal: () =>
      startSignal(context, redis, (signal) => {
        counts.signals += 1;
        digest.add('signal', signal);
        const { strategy, symbol, barClose } = signal;
        const position = { strategy, symbol, at_ms: scheduler.nowMs() };
        record.exitSteps.push({ ...position, kind: 'Signalled', bar_close: barClose });
      }),
    risk: () => startRisk(context, redis, { name: `risk-${riskPods}`, release: releaseOf(riskEpoch), wrapStore }),
  };
  const running: { signal: RunningProcess; risk: RunningRisk } = { signal: start.signal(), risk: start.risk() };
  for (const { service, isReplaced = false, afterMs, downMs } of restarts) {
    scheduler.after(afterMs, () => {
      running[service].kill();
      scheduler.after(downMs, () => {
        running[service].kill();
        if (isReplaced && service === 'risk') riskPods += 1;
        if (service === 'risk') running.risk = start.risk();
        else running.signal = start.signal();
      });
    });
  }
  /** As the operator does: until the process is seen to be active. */
  const activate = (epoch: number, onActive: () => void): void => {
    if ((record.store.activeRelease?.epoch ?? 0) >= epoch) {
      onActive();
      return;
    }
    running.risk.activate(epoch).catch(() => {});
    scheduler.after(REPEAT_MS, () => activate(epoch, onActive));
  };
  for (const { afterMs, armedMs, leavesAfterMs, diesAfterMs } of riskSwaps) {
    scheduler.after(afterMs, () => {
      const before = running.risk;
      riskPods += 1;
      riskEpoch += 1;
      running.risk = start.risk();
      const epoch = riskEpoch;
      const leave = (): void => {
        scheduler.after(leavesAfterMs, before.kill);
      };
      if (diesAfterMs !== undefined) scheduler.after(diesAfterMs, before.kill);
      scheduler.after(armedMs, () => activate(epoch, leave));
    });
  }
  return { feed, counts, marks: () => new Map(), bestBid: () => undefined };
}
