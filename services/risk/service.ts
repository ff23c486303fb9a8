import type { ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import type { SignalMessage } from '../shared/contracts/messages/signal.ts';
import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import { formatDecimal, ZERO } from '../shared/domain/decimal.ts';
import type { Digest } from '../shared/domain/ids.ts';
import { reservationOf } from '../shared/domain/orders/reservation.ts';
import type { MarketView } from '../shared/market/market-view.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Account, OpenApproval } from './core/account.ts';
import { decide } from './core/decide.ts';
import { createNewestBars } from './core/newest-bars.ts';
import type { OrderView, RiskState } from './core/risk-state.ts';
import type { RiskMetrics } from './metrics.ts';
import type { Decided, RiskStore, Ruling } from './ports.ts';

export interface RiskOptions {
  readonly settings: RiskSettings;
  readonly release: string;
  readonly digest: Digest;
  readonly market: MarketView;
  readonly store: Pick<RiskStore, 'decideOnce' | 'publish'>;
  readonly metrics: RiskMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RiskService {
  /**
   * Decides a signal, commits the decision and publishes an approval. Rejects when Postgres is unavailable: the caller
   * must offer the signal again.
   */
  onSignal(signal: SignalMessage): Promise<void>;
}

/**
 * Runs the pre-trade checks between a signal and an order. Keeps market data and the newest bar of each strategy and
 * symbol in memory. Reads the account again for each decision. Drops a signal that is older than a processed one.
 */
export function createRiskService(options: RiskOptions): RiskService {
  const { settings, release, store, metrics, clock } = options;
  const stack = settings.stack.id;
  const isSuperseded = createNewestBars();
  return {
    onSignal: async (signal) => {
      if (isSuperseded(signal)) {
        metrics.decisions.inc({ outcome: 'NoAction', code: 'Superseded' });
        return;
      }
      const startedMs = clock.monotonicMs();
      const nowMs = clock.nowMs();
      const { id: decisionId, strategy, symbol } = signal;
      const question = { stack, decisionId, strategy, symbol, release, nowMs };
      const decided = await store.decideOnce(question, (account) =>
        rule(stateOf(options, account, signal, nowMs), signal),
      );
      metrics.decisionSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
      report(options, signal, decided);
      const order = orderIn(decided);
      if (order !== undefined && order.deadline > clock.nowMs()) await publish(options, order);
    },
  };
}

/** Pure, as the store requires: it runs again when its transaction is retried. */
function rule(state: RiskState, signal: SignalMessage): Ruling {
  const outcome = decide(state, signal);
  if (outcome.kind === 'NoAction') return outcome;
  const { inputs } = outcome;
  const decision =
    outcome.kind === 'Approved'
      ? { code: 'Approved', detail: '', inputs, order: payloadOf(outcome.order) }
      : { code: outcome.code, detail: outcome.detail, inputs, order: undefined };
  return { kind: 'Decided', decision };
}

function stateOf(
  { settings, release, digest, market }: RiskOptions,
  account: Account,
  signal: SignalMessage,
  nowMs: number,
): RiskState {
  const { liveOrders, openApprovals, ...rest } = account;
  return {
    ...rest,
    nowMs,
    stack: settings.stack.id,
    release,
    digest,
    policy: settings,
    market: market.snapshot(signal.symbol),
    marks: market.marks(),
    orders: [...liveOrders, ...openApprovals.map((approval) => orderOfApproval(approval, market))],
  };
}

/**
 * Counts and logs after the commit. Before the commit, a retry would count twice, and a rollback would leave a log line
 * of a decision that does not exist.
 */
function report({ metrics, log }: RiskOptions, signal: SignalMessage, decided: Decided): void {
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

/**
 * Returns an approval that has no order yet as an order: it reserves funds too. While the instrument is unknown, the
 * fee counts as zero; no order of that instrument is approved then.
 */
function orderOfApproval(approval: OpenApproval, market: MarketView): OrderView {
  const takerFee = market.instrument(approval.symbol)?.takerFee ?? ZERO;
  const { asset, amount } = reservationOf(approval, takerFee);
  return { ...approval, filled: ZERO, state: 'Approved', reservedAsset: asset, reserved: amount };
}

function orderIn(decided: Decided): ApprovedOrderPayload | undefined {
  if (decided.kind === 'NoAction') return undefined;
  return decided.kind === 'New' ? decided.decision.order : decided.order;
}

type ApprovedDecision = Extract<ReturnType<typeof decide>, { kind: 'Approved' }>;

function payloadOf(order: ApprovedDecision['order']): ApprovedOrderPayload {
  return { ...order, price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
}
