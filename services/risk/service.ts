import type { ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import type { SignalMessage } from '../shared/contracts/messages/signal.ts';
import { formatDecimal } from '../shared/domain/decimal.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { decide } from './core/decide.ts';
import { mayRequote } from './core/entries/entry-plan.ts';
import { mayExit } from './core/exits/exit.ts';
import type { RiskState, Signal } from './core/risk-state.ts';
import { conflate } from './core/stances/conflate.ts';
import { timingRejection } from './core/stances/signal-timing.ts';
import type { RiskMetrics } from './metrics.ts';
import type { Decided, RiskStore, Ruling, SignalIntake } from './ports.ts';
import { stateOf, type StateOptions } from './state-of.ts';

export interface RiskOptions extends StateOptions {
  readonly store: Pick<RiskStore, 'decideOnce' | 'publish'>;
  readonly metrics: RiskMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RiskService extends SignalIntake {
  /**
   * Decides a signal, commits the decision and the stance, and publishes an approval. Rejects when Postgres is
   * unavailable: the caller must offer the signal again.
   */
  readonly onSignal: (signal: SignalMessage) => Promise<void>;
  /**
   * Decides an exit in the same way, unless the position should not be left any more or an order of it is live. Rejects
   * when Postgres is unavailable.
   */
  readonly onExit: (signal: Signal) => Promise<Decided>;
  /**
   * Decides the next order of a resting entry in the same way, unless its stance is not wanted any more or is too old.
   * Rejects when Postgres is unavailable.
   */
  readonly onEntry: (signal: Signal) => Promise<Decided>;
}

/**
 * Runs the pre-trade checks between a signal and an order. Keeps market data in memory, and reads the account and the
 * accepted stances again for each decision.
 */
export function createRiskService(options: RiskOptions): RiskService {
  const { settings, metrics, clock, log } = options;
  return {
    conflate: (signals) => conflate(settings, signals, clock.nowMs()),
    onDropped: (dropped) => {
      for (const [code, count] of dropped) metrics.decisions.inc({ outcome: 'NoAction', code }, count);
      if (dropped.size > 0) log.info({ dropped: Object.fromEntries(dropped) }, 'signals dropped');
    },
    onSignal: async (signal) => {
      await settle(options, signal, ruleSignal);
    },
    onExit: async (signal) => await settle(options, signal, ruleExit),
    onEntry: async (signal) => await settle(options, signal, ruleEntry),
  };
}

async function settle(
  options: RiskOptions,
  signal: Signal,
  ruling: (state: RiskState, signal: Signal) => Ruling,
): Promise<Decided> {
  const { settings, release, market, store, metrics, clock } = options;
  const startedMs = clock.monotonicMs();
  const nowMs = clock.nowMs();
  const { id: decisionId, strategy, symbol } = signal;
  const question = { stack: settings.stack.id, decisionId, strategy, symbol, release, nowMs };
  const decided = await store.decideOnce(question, (account) =>
    ruling({ ...stateOf(options, account, nowMs), market: market.snapshot(symbol) }, signal),
  );
  metrics.decisionSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
  report(options, signal, decided);
  const order = orderIn(decided);
  if (order !== undefined && order.deadline > clock.nowMs()) await publish(options, order);
  return decided;
}

function ruleSignal(state: RiskState, signal: Signal): Ruling {
  const reason = timingRejection(state, signal);
  if (reason !== undefined) return { kind: 'NoAction', reason };
  const { strategy, symbol, stance, barClose, changedAt } = signal;
  return { ...rule(state, signal), wants: { strategy, symbol, stance, barClose, changedAt } };
}

function ruleExit(state: RiskState, signal: Signal): Ruling {
  return mayExit(state, signal) ? rule(state, signal) : { kind: 'NoAction', reason: 'NotLeaving' };
}

function ruleEntry(state: RiskState, signal: Signal): Ruling {
  return mayRequote(state, signal) ? rule(state, signal) : { kind: 'NoAction', reason: 'NotEntering' };
}

/** Pure, as the store requires: it runs again when its transaction is retried. */
function rule(state: RiskState, signal: Signal): Ruling {
  const outcome = decide(state, signal);
  if (outcome.kind === 'NoAction') return outcome;
  const { inputs } = outcome;
  const decision =
    outcome.kind === 'Approved'
      ? { code: 'Approved', detail: '', inputs, order: payloadOf(outcome.order) }
      : { code: outcome.code, detail: outcome.detail, inputs, order: undefined };
  return { kind: 'Decided', decision };
}

/**
 * Counts and logs after the commit. Before the commit, a retry would count twice, and a rollback would leave a log line
 * of a decision that does not exist.
 */
function report({ metrics, log }: RiskOptions, signal: Signal, decided: Decided): void {
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
  log.info({ signal: signal.id, outcome, code, detail, inputs }, 'signal decided');
}

async function publish({ store, metrics, log }: RiskOptions, order: ApprovedOrderPayload): Promise<void> {
  const result = await store.publish(order);
  if (result.kind === 'ok' || result.kind === 'duplicate') return;
  metrics.unpublished.inc();
  log.warn(
    { decisionId: order.decisionId, result },
    'approval not confirmed by Redis; execution reads it from Postgres',
  );
}

function orderIn(decided: Decided): ApprovedOrderPayload | undefined {
  if (decided.kind === 'NoAction') return undefined;
  return decided.kind === 'New' ? decided.decision.order : decided.order;
}

type ApprovedDecision = Extract<ReturnType<typeof decide>, { kind: 'Approved' }>;

function payloadOf({ requote, ...order }: ApprovedDecision['order']): ApprovedOrderPayload {
  const amounts = { price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
  if (requote === undefined) return { ...order, ...amounts };
  return { ...order, ...amounts, requote: { ...requote, above: formatDecimal(requote.above) } };
}
