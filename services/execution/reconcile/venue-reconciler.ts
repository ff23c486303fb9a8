import { ZERO } from '../../shared/domain/decimal.ts';
import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import { assetsOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { planReconcile, type ReconcileStep } from '../core/reconcile-plan.ts';
import type { ExecutionStore } from '../ports.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { BalanceCheck } from './balance-check.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Resolver } from '../orders/resolver.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';

export interface VenueReconcilerOptions {
  readonly store: Pick<
    ExecutionStore,
    'fillWatermark' | 'recordedTrades' | 'commitIntent' | 'insertQuarantine' | 'openApprovals'
  >;
  readonly venue: Pick<TradingVenue, 'openOrders' | 'order' | 'fills' | 'cancel' | 'clockSkewMs'>;
  readonly orders: LiveOrders;
  readonly resolver: Resolver;
  readonly ledger: BalanceCheck;
  readonly fence: SenderFence;
  readonly symbols: readonly string[];
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly incarnation: string;
  readonly skewBoundMs: number;
  readonly inFlight: ReadonlySet<string>;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Fills are queried from this long before the newest recorded one: they become visible late and out of order. */
const OVERLAP_MS = 60_000;

/** Thrown when the venue does not return data that a reconcile needs. Nothing may be concluded from such a reply. */
class VenueSilentError extends Error {
  readonly code = 'VenueSilent';

  constructor(query: string, reply: VenueReply<unknown>) {
    super(`the venue did not return ${query}: ${JSON.stringify(reply)}`);
    this.name = 'VenueSilentError';
  }
}

/**
 * Reconciles the record with the venue: open orders, each order that has not ended by its ID, fills since the newest
 * recorded one with overlap, balances, clocks. Runs are serial. Only a complete run counts.
 */
export class VenueReconciler {
  readonly #options: VenueReconcilerOptions;
  readonly #serially = createSerialQueue();
  #succeededMs: number | undefined;
  /**
   * The venue's clock minus our monotonic clock. The wall clock, which stamps the next order, may be set between two
   * runs.
   */
  #venueAheadMs: number | undefined;
  #quarantined = 0;

  constructor(options: VenueReconcilerOptions) {
    this.#options = options;
  }

  ageMs(): number | null {
    return this.#succeededMs === undefined ? null : this.#options.clock.monotonicMs() - this.#succeededMs;
  }

  get quarantined(): number {
    return this.#quarantined;
  }

  /** Fails while the clock skew exceeds its bound: signed requests would be wrong, so no order is sent. */
  clockCheck(): CheckResult {
    const { skewBoundMs, clock } = this.#options;
    if (this.#venueAheadMs === undefined) return OK;
    const skewMs = Math.round(this.#venueAheadMs - wallAheadMs(clock));
    if (Math.abs(skewMs) <= skewBoundMs) return OK;
    return failed(
      'ClockSkewed',
      `the venue's clock is ${skewMs} ms ahead of our clock; the bound is ${skewBoundMs} ms`,
    );
  }

  /** Resolves to the number of order queries that got no answer. Rejects when any other query fails. */
  async run(): Promise<number> {
    return await this.#serially(async () => {
      const { symbols, ledger, clock, venue } = this.#options;
      const wallMs = wallAheadMs(clock);
      this.#venueAheadMs = wallMs + requireValue('its clock', await venue.clockSkewMs());
      const unanswered = await this.#orders();
      for (const symbol of symbols) await this.#fills(symbol);
      await ledger.compare();
      this.#succeededMs = clock.monotonicMs();
      return unanswered;
    });
  }

  async #orders(): Promise<number> {
    const { symbols, venue, orders, resolver, tag, inFlight } = this.#options;
    const open: OrderReport[] = [];
    for (const symbol of symbols)
      open.push(...requireValue(`open orders of ${symbol}`, await venue.openOrders(symbol)));
    const ids = open.map(({ clientOrderId }) => clientOrderId).filter((id) => id.startsWith(tag));
    const rows = (await orders.reload(ids)).filter(({ request }) => !inFlight.has(request.clientOrderId));
    const settled = open.filter(({ clientOrderId }) => !inFlight.has(clientOrderId));
    let unanswered = 0;
    for (const step of planReconcile({ tag, rows, open: settled })) {
      if (step.kind === 'Report') await resolver.onReport(step.clientOrderId, step.report);
      else if (step.kind === 'Query') unanswered += (await this.#query(step.clientOrderId)) ? 0 : 1;
      else await this.#found(step);
    }
    return unanswered;
  }

  async #query(clientOrderId: string): Promise<boolean> {
    const { orders, resolver } = this.#options;
    const order = orders.get(clientOrderId);
    return order === undefined || (await resolver.settle(order));
  }

  async #found(step: Exclude<ReconcileStep, { readonly kind: 'Report' | 'Query' }>): Promise<void> {
    const { metrics, log } = this.#options;
    const { clientOrderId, venueOrderId, symbol } = step.report;
    if (step.kind === 'Quarantine' && !(await this.#quarantine(step.report))) return;
    if (step.kind === 'Contradiction' && !(await this.#stillOpen(step.report))) return;
    metrics.findings.inc({ kind: step.kind });
    log.error(
      { finding: step.kind, order: clientOrderId, venueOrderId, symbol },
      'venue has an open order that the record does not explain',
    );
    if (step.kind === 'Adopt') await this.#adopt(step.report);
    if (step.kind === 'Contradiction') await this.#options.venue.cancel(symbol, clientOrderId);
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
    const approvals = await store.openApprovals([]);
    const order = approvals.orders.find(({ clientOrderId }) => clientOrderId === report.clientOrderId);
    if (order === undefined) return adopted(report, sent.epoch, sent.intendedAtMs);
    const intent = intendedOrder({ order, instrument: instrumentOf(order.symbol), ...sent });
    return { ...intent, state: { kind: 'Open', venueOrderId: report.venueOrderId } };
  }

  async #fills(symbol: string): Promise<void> {
    const { store, venue, orders, metrics, log, clock } = this.#options;
    const newest = (await store.fillWatermark(symbol)) ?? clock.nowMs();
    const fills = requireValue(`fills of ${symbol}`, await venue.fills(symbol, newest - OVERLAP_MS));
    const ids = fills.map(({ venueTradeId }) => venueTradeId);
    const recorded = ids.length === 0 ? new Set<string>() : await store.recordedTrades(symbol, ids);
    for (const fill of fills) {
      if (recorded.has(tradeKeyOf(fill))) continue;
      if ((await orders.onFill(fill)) === undefined) {
        metrics.findings.inc({ kind: 'ForeignFill' });
        log.warn({ trade: fill.venueTradeId, order: venueName(fill), symbol }, 'fill belongs to no recorded order');
      }
    }
  }
}

function wallAheadMs(clock: Clock): number {
  return clock.nowMs() - clock.monotonicMs();
}

function venueName({ clientOrderId, venueOrderId }: Fill): string {
  return clientOrderId === '' ? venueOrderId : clientOrderId;
}

function requireValue<T>(query: string, reply: VenueReply<T>): T {
  if (reply.kind !== 'ok') throw new VenueSilentError(query, reply);
  return reply.value;
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
