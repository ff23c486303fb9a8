import type { ForeignStatus } from '../../shared/contracts/statusz.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import { isUnread, listedIdOf, type ListedOrder } from '../../shared/domain/orders/unread-row.ts';
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
  readonly listed: ListedOrder;
  /** When the venue accepted it, or else when it was first seen. UTC milliseconds. */
  readonly sinceMs: number;
  /** Whether the record has it. */
  readonly saved: boolean;
}

/** One whose row can be read. */
type ReadOrder = ForeignOrder & { readonly listed: OrderReport };

interface Sighting {
  readonly symbol: string;
  readonly known: ForeignOrder | undefined;
  readonly nowMs: number;
}

/** Orders that /statusz lists, and that the check names. */
const LISTED = 20;
const NAMED = 3;

/**
 * Open orders on our instruments that do not carry our tag. They are recorded, listed and never touched. Funds that
 * they lock are not ours to reserve, and their fills enter neither ledger nor positions. One whose row cannot be read
 * is counted and named, and recorded once it can be read.
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
  async onListed(symbol: string, foreign: readonly ListedOrder[]): Promise<void> {
    const { otherStacks, clock } = this.#options;
    const before = this.#open.get(symbol);
    const nowMs = clock.nowMs();
    const orders = new Map<string, ForeignOrder>();
    for (const listed of foreign) {
      const order = await this.#take(listed, { symbol, known: before?.get(idOf(listed)), nowMs });
      orders.set(idOf(listed), order);
      const clientOrderId = listedIdOf(listed) ?? '';
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
      orders: orders
        .filter(isRead)
        .slice(0, LISTED)
        .map(({ listed: report, sinceMs }) => ({
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
    const named = orders.slice(0, NAMED).map(({ listed }) => describe(listed));
    const more = orders.length > NAMED ? `; ${orders.length - NAMED} more` : '';
    return degraded('ForeignOrders', `open orders that are not ours: ${named.join('; ')}${more}`);
  }

  /** `known`: what the last list said of the order. */
  async #take(listed: ListedOrder, { symbol, known, nowMs }: Sighting): Promise<ForeignOrder> {
    const sinceMs = known?.sinceMs ?? createdAtOf(listed) ?? nowMs;
    const seen = { listed, sinceMs, saved: known?.saved ?? false };
    if (isRead(seen)) return seen.saved ? seen : await this.#save(seen);
    const problem = isUnread(listed) ? listed.problem : undefined;
    if (known === undefined)
      this.#options.log.error({ order: idOf(listed), symbol, problem }, 'open order that is not ours cannot be read');
    return seen;
  }

  async #save(order: ReadOrder): Promise<ForeignOrder> {
    const { store, metrics, clock, log } = this.#options;
    const { venueOrderId, clientOrderId, symbol, createdAt } = order.listed;
    try {
      const { isNew, seenMs } = await store.insertQuarantine(order.listed, clock.nowMs());
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
    const others = orders.filter(({ listed }) => otherTagOf(listedIdOf(listed) ?? '', tag) !== undefined);
    metrics.foreignOrders.set({ owner: 'OtherStack' }, others.length);
    metrics.foreignOrders.set({ owner: 'Other' }, orders.length - others.length);
  }

  #oldestFirst(): readonly ForeignOrder[] {
    return [...this.#open.values()].flatMap((orders) => [...orders.values()]).sort((a, b) => a.sinceMs - b.sinceMs);
  }
}

/** The venue's ID, or the digest of the row where it cannot be read. */
function idOf(listed: ListedOrder): string {
  return isUnread(listed) ? (listed.known.venueOrderId ?? `row ${listed.digest}`) : listed.venueOrderId;
}

function createdAtOf(listed: ListedOrder): number | undefined {
  return isUnread(listed) ? listed.known.createdAt : listed.createdAt;
}

function isRead(order: ForeignOrder): order is ReadOrder {
  return !isUnread(order.listed);
}

function describe(listed: ListedOrder): string {
  if (isUnread(listed)) return `${listed.known.symbol ?? ''} order that cannot be read (${idOf(listed)})`.trimStart();
  const { symbol, side, price, quantity, venueOrderId } = listed;
  return `${symbol} ${side} ${formatDecimal(quantity)} at ${formatDecimal(price)} (${venueOrderId})`;
}
