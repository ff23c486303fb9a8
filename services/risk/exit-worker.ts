import type { DecisionScope } from '../shared/domain/release/active-release.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { Activation } from './activation/activation.ts';
import { createCancelRequester } from './cancel-requester.ts';
import type { Attempts } from './core/exits/attempts.ts';
import { exitCause } from './core/exits/exit.ts';
import { isObeyed, planExits } from './core/exits/exit-plan.ts';
import { haltWhenFlat, liftWhenNotRequested } from './core/exits/flatten-halt.ts';
import { leavingTimes, type LeavingTimes } from './core/exits/leaving-times.ts';
import type { UnreadSignals } from './core/stances/unread-signals.ts';
import { attemptExit, forgetLeft, noteRefusals } from './exit-attempts.ts';
import { createExitReport, type ExitReport } from './exit-report.ts';
import type { RiskMetrics } from './metrics.ts';
import type { RiskStore } from './ports.ts';
import type { RiskService } from './service.ts';
import { stateOf, type StateOptions } from './state-of.ts';
import { createStopWatch, type StopWatch } from './stop-watch.ts';

export interface ExitWorkerOptions extends StateOptions {
  readonly states: Pick<TradingStates, 'sources' | 'state' | 'status' | 'apply'>;
  readonly store: Pick<
    RiskStore,
    | 'readAccount'
    | 'refusedOrders'
    | 'requestCancels'
    | 'beginStop'
    | 'changeStopRules'
    | 'raiseStop'
    | 'triggerStop'
    | 'endStop'
  >;
  readonly service: Pick<RiskService, 'onExit'>;
  /** What this process may decide. */
  readonly scope: () => DecisionScope;
  /** Whether it decided at an earlier monotonic time. */
  readonly decidedAt: Activation['decidedAt'];
  /** Whether the active release was heard after a monotonic time. */
  readonly heardSince: Activation['heardSince'];
  /** Pairs with signals in Redis that were not decided until a moment ago, but for those that are tried again. */
  readonly unreadSignals: () => UnreadSignals;
  readonly metrics: Pick<RiskMetrics, 'leaving' | 'leavingSeconds' | 'dust' | 'unjudged'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ExitWorker extends Periodic, ExitReport {
  /** Judges the stops on a new book, and wakes the worker when one is reached. */
  readonly onBook: StopWatch['onBook'];
}

const EVERY_MS = 1_000;

/**
 * Creates the part that works the exits between bars: each second it looks at the account, and sells what is left of
 * every position that should be left, because its strategy is flat, a stop triggered, or Flattening applies. A stop
 * that is reached starts a pass at once. The first exit of a bar comes from its signal; this part repeats what was
 * refused, unfilled or expired until the position is closed or the strategy changes its mind. While Flattening applies
 * and the account is flat it halts, and lifts that halt when Flattening is no longer requested.
 *
 * While another release of risk is active, it plans, watches and reports, and decides nothing. The only thing that it
 * writes then is a stop that was reached while it decided.
 *
 * It decides everything on the record, read again in each pass: only the waits between attempts are lost when the
 * process restarts.
 */
export function createExitWorker(options: ExitWorkerOptions): ExitWorker {
  const { states, store, market, unreadSignals, scope, clock, log } = options;
  const report = createExitReport(options);
  const requestCancels = createCancelRequester(options);
  const attempts = new Map<string, Attempts>();
  let times: LeavingTimes | undefined;
  const stopWatch = createStopWatch({ ...options, onDue: () => loop.wake() });

  const look = async (): Promise<void> => {
    // Read after the request was saved: from then on no entry can be committed that the account does not have.
    const saved = states.status().persisted;
    const unreadBefore = unreadSignals();
    const nowMs = clock.nowMs();
    const account = stateOf(options, await store.readAccount(nowMs), nowMs);
    const isArmed = scope() === 'None';
    if (!isArmed) await noteRefusals(options, attempts);
    const { stops, unjudged } = await stopWatch.pass(account);
    const state = { ...account, stops };
    const marketOf = (symbol: string) => market.snapshot(symbol);
    const monotonicMs = clock.monotonicMs();
    const plan = planExits({ state, marketOf, attempts, unreadSignals: unreadBefore, monotonicMs });
    times = leavingTimes(times, plan, state);
    report.onPass({ plan, times, unjudged, works: !isArmed });
    forgetLeft(attempts, plan);
    if (isArmed) return;
    requestCancels(nowMs, plan.cancels);
    for (const signal of plan.due) {
      // Each exit may take seconds, in which a strategy may have changed its mind. One that is left out is due again.
      if (isObeyed({ unreadSignals: unreadSignals() }, signal, exitCause(state, signal)))
        await attemptExit(options, attempts, state, signal);
    }
    const halt =
      plan.flat && saved && states.state === 'Flattening' ? haltWhenFlat(states.sources, plan.dust.length) : undefined;
    if (halt !== undefined) states.apply(halt);
  };

  const pass = async (): Promise<void> => {
    const lift = scope() === 'None' ? undefined : liftWhenNotRequested(states.sources);
    if (lift !== undefined) states.apply(lift);
    try {
      await look();
    } catch (error) {
      report.onFailure();
      throw error;
    }
  };

  const { exits, flatten, figures } = report;
  const loop = periodic({ name: 'exits', intervalMs: EVERY_MS, task: pass, clock, log });
  return { ...loop, onBook: stopWatch.onBook, exits, flatten, figures };
}
