import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import { isUnread, type ListedOrder } from '../../shared/domain/orders/unread-row.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { ComparisonFailure, ComparisonResult, ComparisonStep } from '../core/reconcile/comparison.ts';
import type { OrderRecord } from '../core/order-record.ts';
import { planReconcile, type ReconcileStep } from '../core/reconcile/reconcile-plan.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Resolver } from '../orders/resolver.ts';
import type { Findings } from './findings.ts';
import type { ForeignOrders } from './foreign-orders.ts';
import type { MissedFills } from './missed-fills.ts';
import { UnfinishedError } from './unfinished-error.ts';
import type { UnreadOrders } from './unread/unread-orders.ts';
import { VenueSilentError } from './venue-silent-error.ts';

export interface InstrumentReconcilerOptions {
  readonly orders: Pick<LiveOrders, 'get'>;
  readonly resolver: Resolver;
  readonly findings: Findings;
  readonly foreignOrders: Pick<ForeignOrders, 'onListed'>;
  readonly unreadOrders: Pick<UnreadOrders, 'onListed'>;
  readonly missedFills: Pick<MissedFills, 'record'>;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
}

/** What is compared of one instrument: our rows, and the venue's answer for its open orders. */
export interface InstrumentFacts {
  readonly symbol: string;
  readonly rows: readonly OrderRecord[];
  /** Undefined for an instrument that is no longer configured: only its own orders are compared. */
  readonly open: VenueReply<readonly ListedOrder[]> | undefined;
}

/** Runs a step, notes its failure, and resolves to whether it succeeded. */
type Attempt = (step: ComparisonStep, work: () => Promise<void>) => Promise<boolean>;

/**
 * Compares one instrument with the venue: open orders, each order that has not ended by its ID, and fills since the
 * time up to which they are read, with overlap. A step that fails stops no other step, and an order that fails no other
 * order.
 */
export class InstrumentReconciler {
  readonly #options: InstrumentReconcilerOptions;

  constructor(options: InstrumentReconcilerOptions) {
    this.#options = options;
  }

  /**
   * Never rejects: what failed is part of the result. Calls `onAnswered` as soon as the venue has answered for the
   * orders: reading many fills takes seconds, and no exit waits for it.
   */
  async compare({ symbol, rows, open }: InstrumentFacts, onAnswered: () => void): Promise<ComparisonResult> {
    const failures: ComparisonFailure[] = [];
    const attempt: Attempt = async (step, work) => {
      try {
        await work();
        return true;
      } catch (error) {
        failures.push(failureOf(step, error));
        return false;
      }
    };
    const listed = open?.kind === 'ok' ? open.value : undefined;
    if (open !== undefined && open.kind !== 'ok') failures.push(failureOf('open orders', new VenueSilentError(open)));
    const ours = await this.#takeList({ symbol, rows, listed }, attempt);
    const answered = (await this.#orders(ours, attempt)) && listed !== undefined;
    if (answered) onAnswered();
    if (open !== undefined) await attempt('fills', async () => await this.#options.missedFills.record(symbol));
    return { answered, failure: failures[0] };
  }

  /** Records what is not ours or cannot be read, and returns the steps for our orders. */
  async #takeList(
    { symbol, rows, listed }: Pick<InstrumentFacts, 'symbol' | 'rows'> & { listed: readonly ListedOrder[] | undefined },
    attempt: Attempt,
  ): Promise<readonly ReconcileStep[]> {
    const { tag, foreignOrders, unreadOrders } = this.#options;
    const unread = (listed ?? []).filter((one) => isUnread(one));
    const open = (listed ?? []).filter((one): one is OrderReport => !isUnread(one) && one.symbol === symbol);
    const { foreign, apart, ours } = planReconcile({ tag, rows, open, unread });
    if (listed === undefined) return ours;
    await foreignOrders.onListed(symbol, foreign);
    await attempt('open orders', async () => await unreadOrders.onListed(symbol, apart));
    return ours;
  }

  /** Returns whether every step succeeded. */
  async #orders(steps: readonly ReconcileStep[], attempt: Attempt): Promise<boolean> {
    let failed = false;
    let silent = false;
    for (const step of steps) {
      // A venue that does not answer for one order of an instrument is not asked for the others in the same run.
      if (silent && step.kind === 'Query') continue;
      if (await attempt('orders', async () => await this.#take(step))) continue;
      failed = true;
      silent ||= step.kind === 'Query';
    }
    return !failed;
  }

  async #take(step: ReconcileStep): Promise<void> {
    const { resolver, findings } = this.#options;
    if (step.kind === 'Report') await resolver.onReport(step.clientOrderId, step.report);
    else if (step.kind === 'Query') await this.#query(step.clientOrderId);
    else if (step.kind === 'Unread') resolver.onListed(step.clientOrderId);
    else await findings.take(step);
  }

  async #query(clientOrderId: string): Promise<void> {
    const { orders, resolver } = this.#options;
    const order = orders.get(clientOrderId);
    if (order === undefined || (await resolver.settle(order))) return;
    throw new Error(`the venue does not answer for order ${clientOrderId}`);
  }
}

/** Returns the failure of a step: the venue's own words, or the error of the record. */
export function failureOf(step: ComparisonFailure['step'], error: unknown): ComparisonFailure {
  return {
    step,
    problem: messageOf(error),
    refusal: error instanceof VenueSilentError ? error.refusal : undefined,
    continues: error instanceof UnfinishedError,
  };
}
