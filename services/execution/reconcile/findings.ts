import { ZERO } from '../../shared/domain/decimal.ts';
import { assetsOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import type { ReconcileStep } from '../core/reconcile/reconcile-plan.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { ExecutionStore } from '../ports.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Resolver } from '../orders/resolver.ts';

export interface FindingsOptions {
  readonly store: Pick<ExecutionStore, 'commitIntent' | 'insertQuarantine' | 'findApproval'>;
  readonly venue: Pick<TradingVenue, 'order' | 'cancel'>;
  readonly orders: LiveOrders;
  readonly resolver: Resolver;
  readonly fence: SenderFence;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly incarnation: string;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An open order at the venue that the record does not explain. */
type Finding = Exclude<ReconcileStep, { readonly kind: 'Report' | 'Query' }>;

/** Adopts, quarantines or cancels what a reconcile finds at the venue, and reports it. */
export class Findings {
  readonly #options: FindingsOptions;
  #quarantined = 0;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  get quarantined(): number {
    return this.#quarantined;
  }

  async take(finding: Finding): Promise<void> {
    const { metrics, log } = this.#options;
    const { clientOrderId, venueOrderId, symbol } = finding.report;
    if (finding.kind === 'Quarantine' && !(await this.#quarantine(finding.report))) return;
    if (finding.kind === 'Contradiction' && !(await this.#stillOpen(finding.report))) return;
    metrics.findings.inc({ kind: finding.kind });
    log.error(
      { finding: finding.kind, order: clientOrderId, venueOrderId, symbol },
      'venue has an open order that the record does not explain',
    );
    if (finding.kind === 'Adopt') await this.#adopt(finding.report);
    if (finding.kind === 'Contradiction') await this.#options.venue.cancel(symbol, clientOrderId);
  }

  /** The order may have ended after the list of open orders was read. */
  async #stillOpen({ symbol, clientOrderId }: OrderReport): Promise<boolean> {
    const reply = await this.#options.venue.order(symbol, clientOrderId);
    return reply.kind === 'ok' && (reply.value.status === 'New' || reply.value.status === 'PartiallyFilled');
  }

  async #quarantine(report: OrderReport): Promise<boolean> {
    const isNew = await this.#options.store.insertQuarantine(report);
    if (isNew) this.#quarantined += 1;
    return isNew;
  }

  async #adopt(report: OrderReport): Promise<void> {
    const { store, orders, resolver, fence, incarnation, clock } = this.#options;
    const { epoch } = fence.sender;
    const order = await this.#rowOf(report, { epoch, intendedAtMs: clock.nowMs() });
    const outcome = await store.commitIntent({ epoch, holder: incarnation }, order);
    if (outcome === 'Fenced' || outcome === 'RecordWentBack') fence.intentRefused(outcome);
    if (outcome !== 'Committed') return;
    orders.add(order);
    await resolver.onReport(report.clientOrderId, report);
  }

  /** With its approval, the order keeps its strategy, its reservation and its deadline, and the approval has ended. */
  async #rowOf(report: OrderReport, sent: Pick<OrderRecord, 'epoch' | 'intendedAtMs'>): Promise<OrderRecord> {
    const { store, instrumentOf } = this.#options;
    const order = await store.findApproval({ clientOrderId: report.clientOrderId });
    if (order === undefined) return adopted(report, sent.epoch, sent.intendedAtMs);
    const intent = intendedOrder({ order, instrument: instrumentOf(order.symbol), ...sent });
    return { ...intent, state: { kind: 'Open', venueOrderId: report.venueOrderId } };
  }
}

/**
 * Returns the row of an order whose record and approval were lost. Why it was sent is unknown, and no funds are
 * reserved beyond the venue's own lock.
 */
function adopted(report: OrderReport, epoch: number, nowMs: number): OrderRecord {
  const { clientOrderId, venueOrderId, symbol, side, price, quantity, resting } = report;
  return {
    request: { clientOrderId, symbol, side, price, quantity, type: resting ? 'LIMIT' : 'IMMEDIATE_OR_CANCEL' },
    decisionId: `adopted:${clientOrderId}`,
    strategy: 'adopted',
    epoch,
    deadlineMs: nowMs,
    riskHash: 'adopted',
    reservedAsset: assetsOf(symbol)[side === 'buy' ? 'quote' : 'base'],
    reserved: ZERO,
    intendedAtMs: nowMs,
    state: { kind: 'Open', venueOrderId },
    filled: ZERO,
    tradeIds: new Set(),
  };
}
