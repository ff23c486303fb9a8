import type { ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import type { SignalMessage } from '../shared/contracts/messages/signal.ts';
import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import { formatDecimal } from '../shared/domain/decimal.ts';
import type { Digest } from '../shared/domain/ids.ts';
import { reservationOf } from '../shared/domain/reservation.ts';
import type { MarketView } from '../shared/market/market-view.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { decide } from './core/decide.ts';
import { createNewestBars } from './core/newest-bars.ts';
import type { OrderView, RiskState } from './core/risk-state.ts';
import type { RiskMetrics } from './metrics.ts';
import type { Ruling } from './store/decide-once.ts';
import type { AccountRow } from './store/load-account.ts';
import type { RiskStore } from './store/risk-store.ts';

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
  /** Decides a signal, commits the decision, tells execution. Rejects when Postgres is away: the signal must be offered again. */
  onSignal(signal: SignalMessage): Promise<void>;
}

/**
 * Every pre-trade check between a signal and an order. Remembers the market, and the newest bar of each strategy and symbol, nothing of the account: that is
 * read anew for each decision. A signal that comes behind a newer one is left out.
 */
export function createRiskService({
  settings,
  release,
  digest,
  market,
  store,
  metrics,
  clock,
  log,
}: RiskOptions): RiskService {
  const stack = settings.stack.id;
  const isSuperseded = createNewestBars();

  const rule = (signal: SignalMessage, now: number, account: AccountRow): Ruling => {
    const decision = decide(stateOf(account, signal, now), signal);
    if (decision.kind === 'NoAction') {
      metrics.decisions.inc({ outcome: 'NoAction', code: decision.reason });
      return undefined;
    }
    const { inputs } = decision;
    const [code, detail] = decision.kind === 'Approved' ? ['Approved', ''] : [decision.code, decision.detail];
    metrics.decisions.inc({ outcome: decision.kind, code });
    log.info({ signal: signal.id, outcome: decision.kind, code, detail, inputs }, 'signal decided');
    return { code, detail, inputs, order: decision.kind === 'Approved' ? payloadOf(decision.order) : undefined };
  };

  const stateOf = (account: AccountRow, signal: SignalMessage, now: number): RiskState => ({
    now,
    stack,
    release,
    digest,
    policy: settings,
    halts: account.halts,
    market: market.snapshot(signal.symbol),
    marks: market.marks(),
    positions: account.positions,
    orders: [...account.orders.map(liveOrder), ...account.waiting.map((order) => waitingOrder(order, market))],
    balances: account.balances.map(({ asset, ledger, reconciled_at }) => ({
      asset,
      ledger,
      reconciledAt: reconciled_at,
    })),
    approvedLastSecond: account.approved_last_second,
  });

  const tell = async (order: ApprovedOrderPayload): Promise<void> => {
    const result = await store.publish(order);
    if (result.kind === 'ok' || result.kind === 'duplicate') return;
    metrics.unpublished.inc();
    log.warn({ decisionId: order.decisionId, result }, 'approval not confirmed by redis, execution will find it');
  };

  return {
    onSignal: async (signal) => {
      if (isSuperseded(signal)) {
        metrics.decisions.inc({ outcome: 'NoAction', code: 'Superseded' });
        return;
      }
      const started = clock.monotonicMs();
      const nowMs = clock.nowMs();
      const { id: decisionId, strategy, symbol } = signal;
      const question = { stack, decisionId, strategy, symbol, release, nowMs };
      const decided = await store.decideOnce(question, (account) => rule(signal, nowMs, account));
      metrics.decisionSeconds.observe((clock.monotonicMs() - started) / 1_000);
      if (decided.kind === 'Repeated') metrics.repeated.inc();
      if (decided.kind === 'NoAction' || decided.order === undefined) return;
      if (decided.order.deadline > clock.nowMs()) await tell(decided.order);
    },
  };
}

function liveOrder(row: AccountRow['orders'][number]): OrderView {
  return { ...row, clientOrderId: row.client_order_id, reservedAsset: row.reserved_asset };
}

/** An approval that execution has not taken up yet takes its funds all the same. Without the venue's rules nothing is approved anyway. */
function waitingOrder(order: AccountRow['waiting'][number], market: MarketView): OrderView {
  const takerFee = market.instrument(order.symbol)?.takerFee ?? (0n as OrderView['filled']);
  const { asset, amount } = reservationOf(order, takerFee);
  return { ...order, filled: 0n as OrderView['filled'], state: 'Approved', reservedAsset: asset, reserved: amount };
}

type ApprovedDecision = Extract<ReturnType<typeof decide>, { kind: 'Approved' }>;

function payloadOf(order: ApprovedDecision['order']): ApprovedOrderPayload {
  return { ...order, price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
}
