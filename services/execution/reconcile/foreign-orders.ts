import type { ForeignStatus } from '../../shared/contracts/statusz.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { degraded, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { otherTagOf } from '../core/reconcile/other-stack.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { ExecutionStore } from '../ports.ts';
import type { OtherStacks } from './other-stacks.ts';

export interface ForeignOrdersOptions {
  readonly store: Pick<ExecutionStore, 'insertQuarantine'>;
  readonly otherStacks: OtherStacks;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly metrics: Pick<ExecutionMetrics, 'findings' | 'foreignOrders'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface ForeignOrder {
  readonly report: OrderReport;
  /** When the venue accepted it, or else when it was first seen. UTC milliseconds. */
  readonly sinceMs: number;
  /** Whether the record has it. */
  readonly saved: boolean;
}

/** Orders that /statusz lists, and that the check names. */
const LISTED = 20;
const NAMED = 3;

/**
 * Open orders on our instruments that do not carry our tag. They are recorded, listed and never touched. Funds that
 * they lock are not ours to reserve, and their fills enter neither ledger nor positions.
 */
export class ForeignOrders {
  readonly #options: ForeignOrdersOptions;
  /** The last list of each instrument, by the venue's order ID. */
  readonly #open = new Map<string, ReadonlyMap<string, ForeignOrder>>();
  #quarantined = 0;

  constructor(options: ForeignOrdersOptions) {
    this.#options = options;
  }

  /** Orders that this process was the first to record. */
  get quarantined(): number {
    return this.#quarantined;
  }

  /**
   * Takes the complete list of an instrument. Never rejects: an order that cannot be recorded is listed all the same,
   * and recorded with the next list.
   */
  async onListed(symbol: string, reports: readonly OrderReport[]): Promise<void> {
    const { otherStacks, clock } = this.#options;
    const before = this.#open.get(symbol);
    const nowMs = clock.nowMs();
    const orders = new Map<string, ForeignOrder>();
    for (const report of reports) {
      const known = before?.get(report.venueOrderId);
      const seen = { report, sinceMs: known?.sinceMs ?? report.createdAt ?? nowMs, saved: known?.saved ?? false };
      const order = seen.saved ? seen : await this.#save(seen);
      orders.set(report.venueOrderId, order);
      const { clientOrderId } = report;
      otherStacks.onTrace(symbol, { kind: 'Order', clientOrderId, ageMs: nowMs - order.sinceMs });
    }
    this.#open.set(symbol, orders);
    this.#count();
  }

  /** Forgets what was listed: another process lists them now. */
  reset(): void {
    this.#open.clear();
    this.#count();
  }

  /** Null while there are none. */
  status(): ForeignStatus | null {
    const { tag, clock } = this.#options;
    const orders = this.#oldestFirst();
    if (orders.length === 0) return null;
    const nowMs = clock.nowMs();
    return {
      openOrders: orders.length,
      orders: orders.slice(0, LISTED).map(({ report, sinceMs }) => ({
        symbol: report.symbol,
        side: report.side,
        price: formatDecimal(report.price),
        quantity: formatDecimal(report.quantity),
        executed: formatDecimal(report.executed),
        ageMs: Math.max(0, nowMs - sinceMs),
        venueOrderId: report.venueOrderId.slice(0, 100),
        clientOrderId: report.clientOrderId.slice(0, 100),
        stackTag: otherTagOf(report.clientOrderId, tag) ?? null,
      })),
    };
  }

  /** Passes in any case: foreign orders stop nothing by themselves. */
  check(): CheckResult {
    const { otherStacks } = this.#options;
    const others = otherStacks.current().map(({ symbol, tag, ageMs }) => {
      return `${symbol}: another stack (tag ${tag}) trades it, last seen ${Math.round(ageMs / 1_000)} s ago, no buys`;
    });
    if (others.length > 0) return degraded('OtherStack', others.join('; '));
    const orders = this.#oldestFirst();
    if (orders.length === 0) return OK;
    const named = orders.slice(0, NAMED).map(({ report }) => describe(report));
    const more = orders.length > NAMED ? `; ${orders.length - NAMED} more` : '';
    return degraded('ForeignOrders', `open orders that are not ours: ${named.join('; ')}${more}`);
  }

  async #save(order: ForeignOrder): Promise<ForeignOrder> {
    const { store, metrics, clock, log } = this.#options;
    const { venueOrderId, clientOrderId, symbol, createdAt } = order.report;
    try {
      const { isNew, seenMs } = await store.insertQuarantine(order.report, clock.nowMs());
      const saved = { ...order, sinceMs: createdAt ?? seenMs, saved: true };
      if (!isNew) return saved;
      this.#quarantined += 1;
      metrics.findings.inc({ kind: 'Quarantine' });
      log.error({ order: clientOrderId, venueOrderId, symbol }, 'venue has an open order that is not ours, left alone');
      return saved;
    } catch (error) {
      log.warn({ venueOrderId, symbol, problem: messageOf(error) }, 'foreign order not recorded, retried');
      return order;
    }
  }

  #count(): void {
    const { tag, metrics } = this.#options;
    const orders = this.#oldestFirst();
    const others = orders.filter(({ report }) => otherTagOf(report.clientOrderId, tag) !== undefined);
    metrics.foreignOrders.set({ owner: 'OtherStack' }, others.length);
    metrics.foreignOrders.set({ owner: 'Other' }, orders.length - others.length);
  }

  #oldestFirst(): readonly ForeignOrder[] {
    return [...this.#open.values()].flatMap((orders) => [...orders.values()]).sort((a, b) => a.sinceMs - b.sinceMs);
  }
}

function describe({ symbol, side, price, quantity, venueOrderId }: OrderReport): string {
  return `${symbol} ${side} ${formatDecimal(quantity)} at ${formatDecimal(price)} (${venueOrderId})`;
}
