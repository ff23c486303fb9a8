import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { deadLetter, deadLetterKey } from '../core/dead-letter.ts';
import { adoptedOrder, unexplainedOrder } from '../core/reconcile/adoption.ts';
import type { ReconcileStep } from '../core/reconcile/reconcile-plan.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { ExecutionStore, IntentOutcome } from '../ports.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Resolver } from '../orders/resolver.ts';
import { requireValue } from './venue-silent-error.ts';

export interface FindingsOptions {
  readonly store: Pick<ExecutionStore, 'commitIntent' | 'findDecision'>;
  readonly venue: Pick<TradingVenue, 'order' | 'cancel'>;
  readonly orders: LiveOrders;
  readonly resolver: Resolver;
  readonly fence: Pick<SenderFence, 'sender' | 'intentRefused'>;
  readonly deadLetters: Pick<DeadLetters, 'keep' | 'clear'>;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly incarnation: string;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An open order at the venue that carries our tag, and that the record does not explain. */
type Finding = Exclude<ReconcileStep, { readonly kind: 'Report' | 'Query' | 'Unread' }>;

/** Adopts or cancels our orders that a reconcile finds at the venue, and reports them. */
export class Findings {
  readonly #options: FindingsOptions;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  async take(finding: Finding): Promise<void> {
    const { metrics, log } = this.#options;
    const { clientOrderId, venueOrderId, symbol } = finding.report;
    if (finding.kind === 'Contradiction' && !(await this.#stillOpen(finding.report))) return;
    metrics.findings.inc({ kind: finding.kind });
    log.error(
      { finding: finding.kind, order: clientOrderId, venueOrderId, symbol },
      'venue has an open order that the record does not explain',
    );
    if (finding.kind === 'Adopt') await this.#adopt(finding.report);
    if (finding.kind === 'Contradiction') await this.#options.venue.cancel(symbol, clientOrderId);
  }

  /**
   * Adopts the order of these fills, which carry its ID and have no row. An order that the venue does not know either
   * sets its fills apart. Rejects when the venue does not answer.
   */
  async adoptByFill(fills: readonly Fill[]): Promise<void> {
    const { venue, deadLetters, metrics, log } = this.#options;
    if (fills[0] === undefined) return;
    const { symbol, clientOrderId, venueOrderId } = fills[0];
    const reply = await venue.order(symbol, clientOrderId);
    if (reply.kind === 'notFound') {
      const error = `order ${clientOrderId} is known neither in the record nor at the venue`;
      for (const fill of fills) {
        const observation = { kind: 'FillSeen', fill } as const;
        const key = deadLetterKey(clientOrderId, observation);
        await deadLetters.keep(deadLetter(key, { symbol, payload: { observation }, error }));
      }
      return;
    }
    const report = requireValue(reply);
    metrics.findings.inc({ kind: 'Adopt' });
    log.error(
      { order: clientOrderId, venueOrderId, symbol },
      'venue has fills of an order whose row was lost, adopted',
    );
    await this.#adopt(report, fills);
  }

  /** The order may have ended after the list of open orders was read. */
  async #stillOpen({ symbol, clientOrderId }: OrderReport): Promise<boolean> {
    const reply = await this.#options.venue.order(symbol, clientOrderId);
    return reply.kind === 'ok' && (reply.value.status === 'New' || reply.value.status === 'PartiallyFilled');
  }

  async #adopt(report: OrderReport, fills: readonly Fill[] = []): Promise<void> {
    const { orders, resolver, fence } = this.#options;
    const outcome = await this.#makeRow(report);
    if (outcome === 'Fenced' || outcome === 'RecordWentBack') fence.intentRefused(outcome);
    if (outcome !== 'Committed' && outcome !== 'Duplicate') return;
    for (const fill of fills) await orders.onFill(fill);
    if (outcome === 'Committed') await resolver.onReport(report.clientOrderId, report);
  }

  async #makeRow(report: OrderReport): Promise<IntentOutcome> {
    const { store, orders, fence, deadLetters, instrumentOf, incarnation, clock } = this.#options;
    const { epoch } = fence.sender;
    const decision = await store.findDecision(report.clientOrderId);
    const instrument = instrumentOf(report.symbol);
    const order = adoptedOrder(report, { decision, instrument, epoch, intendedAtMs: clock.nowMs() });
    const letter = decision === undefined ? unexplainedOrder(report) : undefined;
    // Before the commit: a process that ends between the two must not leave a position that no person knows of.
    if (letter !== undefined) await deadLetters.keep(letter);
    const outcome = await store.commitIntent({ epoch, holder: incarnation, approvedBy: undefined }, order);
    if (outcome === 'Committed') orders.add(order);
    if (letter !== undefined && outcome === 'Duplicate') await deadLetters.clear(letter);
    return outcome;
  }
}
