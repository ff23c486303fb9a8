import type { ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import { NOT_ACTIVE } from '../shared/domain/release/active-release.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Signal } from './core/risk-state.ts';
import { keyOf } from './core/holdings.ts';
import { ruleEntry, ruleExit, ruleSignal, takesNoRisk, type RulingOf } from './core/rulings.ts';
import { conflate } from './core/stances/conflate.ts';
import type { RiskMetrics } from './metrics.ts';
import type { Decided, Outcome, RiskStore, SignalIntake, Undecided } from './ports.ts';
import { statesAt, type StateOptions } from './state-of.ts';

export interface RiskOptions extends StateOptions {
  readonly store: Pick<RiskStore, 'decideAll' | 'publish'>;
  readonly metrics: RiskMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RiskService extends SignalIntake {
  /**
   * Decides an exit as a signal, unless the position should not be left any more or an order of it is live. Rejects
   * when it cannot be decided, and when Postgres is unavailable.
   */
  readonly onExit: (signal: Signal) => Promise<Decided>;
  /**
   * Decides the next order of a resting entry in the same way, unless its stance is not wanted any more or is too old.
   * Rejects when it cannot be decided, and when Postgres is unavailable.
   */
  readonly onEntry: (signal: Signal) => Promise<Decided>;
}

/**
 * Runs the pre-trade checks between a signal and an order. Keeps market data in memory, and reads the account and the
 * accepted stances again for each transaction. Publishes what it approves after the commit.
 */
export function createRiskService(options: RiskOptions): RiskService {
  const { settings, metrics, clock, log } = options;
  return {
    keyOf,
    conflate: (signals) => conflate(settings, signals, clock.nowMs()),
    onDropped: (dropped) => {
      for (const [code, count] of dropped) metrics.decisions.inc({ outcome: 'NoAction', code }, count);
      if (dropped.size > 0) log.info({ dropped: Object.fromEntries(dropped) }, 'signals dropped');
    },
    onSignals: async (signals) => {
      const outcomes = await settle(options, signals, ruleSignal);
      return new Map(
        signals.flatMap((signal, index) => {
          const outcome = outcomes[index];
          const problem = problemOf(outcome);
          return problem === undefined ? [] : [[signal, problem] as const];
        }),
      );
    },
    onExit: async (signal) => await settleOne(options, signal, ruleExit),
    onEntry: async (signal) => await settleOne(options, signal, ruleEntry),
  };
}

/** A signal that only the active release may decide is left to it. */
function problemOf(outcome: Outcome | undefined): Undecided | undefined {
  if (outcome?.kind === 'Failed') return { kind: 'retry', reason: messageOf(outcome.error) };
  return outcome?.kind === 'NoAction' && outcome.reason === NOT_ACTIVE.reason
    ? { kind: 'yield', reason: 'only the active release of risk decides this' }
    : undefined;
}

async function settleOne(options: RiskOptions, signal: Signal, rulingOf: RulingOf): Promise<Decided> {
  const [outcome] = await settle(options, [signal], rulingOf);
  if (outcome === undefined) throw new Error(`signal ${signal.id} has no outcome`);
  if (outcome.kind === 'Failed') throw outcome.error;
  return outcome;
}

async function settle(
  options: RiskOptions,
  signals: readonly Signal[],
  rulingOf: RulingOf,
): Promise<readonly Outcome[]> {
  const { settings, release, market, store, metrics, clock } = options;
  const startedMs = clock.monotonicMs();
  const nowMs = clock.nowMs();
  const subjects = signals.map(({ id: decisionId, strategy, symbol }) => ({ decisionId, strategy, symbol }));
  // The market of the first decision is that of all: nothing waits between them.
  let stateAt: ReturnType<typeof statesAt> | undefined;
  const moment = { stack: settings.stack.id, release, nowMs };
  const outcomes = await store.decideAll(moment, subjects, (account, index, scope) => {
    const signal = signals[index];
    if (signal === undefined) throw new Error('a subject has no signal');
    stateAt ??= statesAt(options, nowMs);
    const ruling = rulingOf({ ...stateAt(account), market: market.snapshot(signal.symbol) }, signal);
    return scope === 'Exits' && !takesNoRisk(ruling) ? NOT_ACTIVE : ruling;
  });
  const seconds = (clock.monotonicMs() - startedMs) / 1_000;
  const orders: ApprovedOrderPayload[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    metrics.decisionSeconds.observe(seconds);
    if (outcome.kind === 'Failed') continue;
    report(options, subjects[index]?.decisionId, outcome);
    const order = orderIn(outcome);
    if (order !== undefined && order.deadline > clock.nowMs()) orders.push(order);
  }
  await publish(options, orders);
  return outcomes;
}

/**
 * Counts and logs after the commit. Before the commit, a retry would count twice, and a rollback would leave a log line
 * of a decision that does not exist.
 */
function report({ metrics, log }: RiskOptions, signal: string | undefined, decided: Decided): void {
  if (decided.kind === 'Repeated') {
    metrics.repeated.inc();
    return;
  }
  if (decided.kind === 'NoAction') {
    metrics.decisions.inc({ outcome: 'NoAction', code: decided.reason });
    return;
  }
  const { code, detail, inputs, order } = decided.decision;
  const outcome = order === undefined ? 'Refused' : 'Approved';
  metrics.decisions.inc({ outcome, code });
  log.info({ signal, outcome, code, detail, inputs }, 'signal decided');
}

async function publish({ store, metrics, log }: RiskOptions, orders: readonly ApprovedOrderPayload[]): Promise<void> {
  if (orders.length === 0) return;
  const results = await store.publish(orders);
  for (const [index, result] of results.entries()) {
    if (result.kind === 'ok' || result.kind === 'duplicate') continue;
    metrics.unpublished.inc();
    log.warn(
      { decisionId: orders[index]?.decisionId, result },
      'approval not confirmed by Redis; execution reads it from Postgres',
    );
  }
}

function orderIn(decided: Decided): ApprovedOrderPayload | undefined {
  if (decided.kind === 'NoAction') return undefined;
  return decided.kind === 'New' ? decided.decision.order : decided.order;
}
