import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createParallelQueue } from '../../shared/runtime/parallel-queue.ts';
import { planApproval, type ApprovalStep, type VenueAnswer } from '../core/approval-plan.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import { horizonOf, type VisibilityRules } from '../core/unknown-schedule.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { LiveOrders } from './live-orders.ts';
import type { Sender } from './sender.ts';
import type { SendingStatus } from './sending-status.ts';
import type { SentOrders } from './sent-orders.ts';

export interface ApprovalsOptions {
  readonly sender: Pick<Sender, 'send' | 'end' | 'adopt'>;
  readonly venue: Pick<TradingVenue, 'order'>;
  readonly orders: Pick<LiveOrders, 'get'>;
  readonly fence: Pick<SenderFence, 'grant' | 'recording'>;
  readonly status: Pick<SendingStatus, 'holding' | 'awaitsComparison'>;
  readonly sent: SentOrders;
  readonly rules: VisibilityRules;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Answer {
  readonly kind: VenueAnswer;
  readonly report?: OrderReport;
  /** Monotonic milliseconds at which the query was sent. */
  readonly askedAtMs: number;
}

/** Queries in flight at the same time: they share the venue's rate limit with the cancellations. */
const QUERIES = 5;
/** Approvals that are being settled at the same time. The sweep offers the others again. */
const SETTLING_MAX = 200;

/**
 * Brings every approval without a row to its end, as core/approval-plan.ts decides: sends it, or first asks the venue
 * whether it has the order already. Only one that is sent at once is awaited: the others wait for a slow venue or a
 * slow database and hold back nothing.
 */
export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #inParallel = createParallelQueue(QUERIES);
  readonly #settling = new Set<string>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Takes an approval that the stream announced. Rejects when it is sent at once and the database is unavailable. */
  async onAnnounced(order: ApprovedOrder): Promise<void> {
    const step = this.#plan(order, { swept: false });
    if (step.kind === 'Send') await this.#options.sender.send(order);
    else void this.#settle(order, step);
  }

  /** Takes an approval that the sweep found. */
  onSwept(order: ApprovedOrder): void {
    void this.#settle(order, this.#plan(order, { swept: true }));
  }

  async #settle(order: ApprovedOrder, step: ApprovalStep): Promise<void> {
    const { orders, log } = this.#options;
    const { clientOrderId, decisionId } = order;
    // A live row: the list of approvals was read before the row was made.
    if (orders.get(clientOrderId) !== undefined || this.#settling.has(decisionId)) return;
    if (this.#settling.size >= SETTLING_MAX || !this.#maySettle(order)) return;
    this.#settling.add(decisionId);
    try {
      if (step.kind === 'Ask') await this.#askThenTake(order);
      else await this.#take(order, step);
    } catch (error) {
      log.warn({ decision: decisionId, problem: messageOf(error) }, 'approval not settled, the sweep offers it again');
    } finally {
      this.#settling.delete(decisionId);
    }
  }

  async #askThenTake(order: ApprovedOrder): Promise<void> {
    const answer = await this.#inParallel(async () => await this.#ask(order));
    await this.#take(order, this.#plan(order, { swept: true, answer }), answer.report);
  }

  /** While nothing can be sent, only approvals that must end are settled. */
  #maySettle(order: ApprovedOrder): boolean {
    const { status, fence, clock } = this.#options;
    if (!fence.recording || clock.nowMs() > order.deadline) return fence.recording;
    return status.holding() === undefined && !status.awaitsComparison(order);
  }

  async #ask({ symbol, clientOrderId }: ApprovedOrder): Promise<Answer> {
    const { venue, clock, log } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const reply = await venue.order(symbol, clientOrderId);
    if (reply.kind === 'ok') return { kind: 'Found', report: reply.value, askedAtMs };
    if (reply.kind === 'notFound') return { kind: 'Absent', askedAtMs };
    log.warn({ order: clientOrderId, reply }, 'venue does not say whether it has the order, not sent now');
    return { kind: 'NoAnswer', askedAtMs };
  }

  async #take(order: ApprovedOrder, step: ApprovalStep, report?: OrderReport): Promise<void> {
    const { sender } = this.#options;
    if (step.kind === 'Send') await sender.send(order);
    else if (step.kind === 'End') await sender.end(order, step.reason);
    else if (step.kind === 'Adopt' && report !== undefined) await sender.adopt(order, report);
  }

  #plan(order: ApprovedOrder, { swept, answer }: { readonly swept: boolean; readonly answer?: Answer }): ApprovalStep {
    const { fence, sent, clock } = this.#options;
    const { grant } = fence;
    const sentAtMs = sent.sentAtMs(order.clientOrderId);
    return planApproval({
      nowMs: clock.nowMs(),
      deadlineMs: order.deadline,
      decidedAtMs: order.decidedAt,
      swept,
      sent: sentAtMs !== undefined,
      predatesGrant: grant !== undefined && order.decidedAt <= grant.wallMs,
      recordWentBack: grant?.recordWentBack ?? false,
      answer: answer?.kind,
      absenceIsFinal: answer !== undefined && this.#isFinal(answer.askedAtMs, sentAtMs),
    });
  }

  /** Whether an order that was sent before, by this process or an older one, would have been visible at `askedAtMs`. */
  #isFinal(askedAtMs: number, sentAtMs: number | undefined): boolean {
    const { fence, rules } = this.#options;
    if (sentAtMs !== undefined) return askedAtMs > horizonOf(sentAtMs, rules);
    const { grant } = fence;
    return grant !== undefined && (grant.drained || askedAtMs > horizonOf(grant.atMs, rules));
  }
}
