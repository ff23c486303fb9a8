import type { DecisionScope } from '../shared/domain/release/active-release.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { Activation } from './activation/activation.ts';
import { createCancelRequester } from './cancel-requester.ts';
import { afterAttempt, afterRejection, type Attempts } from './core/exits/attempts.ts';
import { exitCause } from './core/exits/exit.ts';
import { isObeyed, planExits, type ExitPlan } from './core/exits/exit-plan.ts';
import { haltWhenFlat, liftWhenNotRequested } from './core/exits/flatten-halt.ts';
import { leavingTimes, type LeavingTimes } from './core/exits/leaving-times.ts';
import { heldBy, keyOf } from './core/holdings.ts';
import type { RiskState, Signal } from './core/risk-state.ts';
import type { UnreadSignals } from './core/stances/unread-signals.ts';
import { createExitReport, type ExitReport } from './exit-report.ts';
import type { RiskMetrics } from './metrics.ts';
import type { Decided, RiskStore } from './ports.ts';
import type { RiskService } from './service.ts';
import { stateOf, type StateOptions } from './state-of.ts';
import { createStopWatch, type StopWatch } from './stop-watch.ts';

export interface ExitWorkerOptions extends StateOptions {
  readonly states: Pick<TradingStates, 'sources' | 'state' | 'status' | 'apply'>;
  readonly store: Pick<
    RiskStore,
    | 'readAccount'
    | 'rejections'
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
    if (!isArmed) await noteRejections(options, attempts);
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
        await attempt(options, attempts, state, signal);
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

/** A position that is closed, or wanted again, starts with the first wait when it should be left another time. */
function forgetLeft(attempts: Map<string, Attempts>, { open, dust }: ExitPlan): void {
  const leaving = new Set([...open, ...dust].map(keyOf));
  for (const key of attempts.keys()) if (!leaving.has(key)) attempts.delete(key);
}

/**
 * Notes which of the last attempts the venue rejected. Call it after the account was read: an order that it does not
 * have any more has ended. Never rejects: without it, the exits go on as if they had not filled.
 */
async function noteRejections({ store, log }: ExitWorkerOptions, attempts: Map<string, Attempts>): Promise<void> {
  const open = [...attempts].flatMap(([key, last]) =>
    last.orderId === undefined || last.refusal !== undefined ? [] : [{ key, last, id: last.orderId }],
  );
  if (open.length === 0) return;
  try {
    const codes = await store.rejections(open.map(({ id }) => id));
    for (const { key, last, id } of open) {
      const code = codes.get(id);
      if (code !== undefined) attempts.set(key, afterRejection(last, code));
    }
  } catch (error) {
    log.warn({ err: error }, 'reading what became of exits failed');
  }
}

/** Never rejects: an exit that cannot be decided holds up no other one. It is tried again like one that was refused. */
async function attempt(
  { service, clock, log }: ExitWorkerOptions,
  attempts: Map<string, Attempts>,
  state: Omit<RiskState, 'market'>,
  signal: Signal,
): Promise<void> {
  const key = keyOf(signal);
  const before = attempts.get(key);
  const next = { atMs: clock.monotonicMs(), held: heldBy(state, signal.strategy, signal.symbol), refusal: undefined };
  const made = afterAttempt(before, next);
  attempts.set(key, made);
  const decided = await service.onExit(signal).catch((error: unknown) => {
    log.warn({ strategy: signal.strategy, symbol: signal.symbol, err: error }, 'exit not decided');
    return messageOf(error);
  });
  if (typeof decided === 'string') {
    attempts.set(key, { ...made, refusal: { reason: 'ExitNotDecided', message: decided } });
    return;
  }
  // Another process, or the signal itself, was first, or our own buy came between: there was no attempt.
  if (decided.kind === 'New' && decided.decision.code !== 'SelfTrade')
    attempts.set(key, { ...made, refusal: refusalOf(decided), orderId: decided.decision.order?.clientOrderId });
  else if (before === undefined) attempts.delete(key);
  else attempts.set(key, before);
}

function refusalOf({ decision }: Extract<Decided, { kind: 'New' }>): Attempts['refusal'] {
  return decision.order === undefined ? { reason: decision.code, message: decision.detail } : undefined;
}
