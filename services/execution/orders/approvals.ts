import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { isWithdrawn, lastSendMs } from '../core/admission.ts';
import { deadLetter } from '../core/dead-letter.ts';
import { planApproval, type ApprovalStep } from '../core/approval-plan.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import { followsGrant, predatesGrant } from '../core/predates-grant.ts';
import { horizonOf, type VisibilityRules } from '../core/unknown-schedule.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import { askVenue, type Answer } from './ask-venue.ts';
import { BackOff } from './back-off.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createExitsFirstQueues } from './queue/exits-first.ts';
import type { LiveOrders } from './live-orders.ts';
import type { Sender } from './sender.ts';
import type { SendingStatus } from './sending-status.ts';
import type { SentOrders } from './sent-orders.ts';

export interface ApprovalsOptions {
  readonly sender: Pick<Sender, 'send' | 'end' | 'adopt'>;
  readonly venue: Pick<TradingVenue, 'order'>;
  readonly orders: Pick<LiveOrders, 'get'>;
  readonly fence: Pick<SenderFence, 'grant' | 'takesApprovals'>;
  readonly status: Pick<SendingStatus, 'holding' | 'awaitsComparison'>;
  readonly sent: SentOrders;
  /** Whether risk has requested the cancellation of an order. */
  readonly isRequested: (clientOrderId: string) => boolean;
  readonly deadLetters: Pick<DeadLetters, 'keep' | 'clear'>;
  readonly rules: VisibilityRules;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Queries of one instrument in flight at the same time: they share the venue's rate limit with the cancellations. */
const QUERIES = 5;
/**
 * An approval is not settled while this many are. The sweep offers it again. Entries leave places for exits.
 */
const SETTLING_MAX = { buy: 200, sell: 400 } as const;
/** Longest pause after a failure of the database or the venue, and of an approval that cannot be recorded. */
const LONGEST_PAUSE_MS = 8_000;
const LONGEST_UNPROCESSABLE_MS = 60_000;

/**
 * Brings every approval without a row to its end, as core/approval-plan.ts decides: sends it, or first asks the venue
 * whether it has the order already. None is awaited: one that waits for its turn, a slow venue or a slow database holds
 * back nothing, and one that is lost with the process is offered again by the sweep of the next. Exits go first.
 */
export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #exitsFirst = createExitsFirstQueues(QUERIES);
  readonly #backOff: BackOff;
  readonly #settling = new Set<string>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
  }

  /** Takes an approval that the stream announced. */
  onAnnounced(order: ApprovedOrder): void {
    void this.#settle(order, this.#plan(order, { swept: false }));
  }

  /** Takes an approval that the sweep found. */
  onSwept(order: ApprovedOrder): void {
    void this.#settle(order, this.#plan(order, { swept: true }));
  }

  /** Decision IDs of the approvals that failed and are not tried now. The sweep leaves them out, for others. */
  paused(): readonly string[] {
    return this.#backOff.paused();
  }

  async #settle(order: ApprovedOrder, step: ApprovalStep): Promise<void> {
    const { decisionId } = order;
    if (!this.#maySettle(order)) return;
    this.#settling.add(decisionId);
    try {
      if (step.kind === 'Ask') await this.#askThenTake(order);
      else await this.#take(order, step);
      this.#backOff.ended(decisionId);
      await this.#options.deadLetters.clear({ kind: 'Approval', id: decisionId });
    } catch (error) {
      await this.#onFailure(order, error);
    } finally {
      this.#settling.delete(decisionId);
    }
  }

  async #onFailure(order: ApprovedOrder, error: unknown): Promise<void> {
    const { log } = this.#options;
    const { decisionId: decision } = order;
    const unprocessable = error instanceof UnprocessableError;
    this.#backOff.onFailure(decision, unprocessable ? LONGEST_UNPROCESSABLE_MS : LONGEST_PAUSE_MS);
    log.warn({ decision, problem: messageOf(error) }, 'approval not settled, the sweep offers it again');
    if (unprocessable) await this.#endUnprocessable(order, error);
  }

  /** It is set apart until it has ended. */
  async #endUnprocessable(order: ApprovedOrder, error: UnprocessableError): Promise<void> {
    const { sender, deadLetters, log } = this.#options;
    const { decisionId: id, symbol } = order;
    const letter = deadLetter({ kind: 'Approval', id }, { symbol, payload: order, error });
    await deadLetters.keep(letter);
    try {
      await sender.end(order, 'Unprocessable');
      await deadLetters.clear(letter);
    } catch (failure) {
      log.warn({ decision: id, problem: messageOf(failure) }, 'unprocessable approval not ended, retried');
    }
  }

  async #askThenTake(order: ApprovedOrder): Promise<void> {
    const answer = await this.#exitsFirst(order, async () => await askVenue(order, this.#options));
    await this.#take(order, this.#plan(order, { swept: true, answer }), answer.report);
  }

  /** While nothing can be sent, only approvals that must end are settled. */
  #maySettle(order: ApprovedOrder): boolean {
    const { status, orders, fence, isRequested, clock } = this.#options;
    const { decisionId, clientOrderId, side } = order;
    // A live row: the list of approvals was read before the row was made.
    if (orders.get(clientOrderId) !== undefined || this.#settling.has(decisionId)) return false;
    if (this.#settling.size >= SETTLING_MAX[side]) return false;
    if (!fence.takesApprovals || clock.nowMs() > lastSendMs(order)) return fence.takesApprovals;
    if (status.holding() !== undefined) return false;
    // What stands in the way of an exit ends at once, and needs no comparison for it.
    return isWithdrawn(order, isRequested) || !status.awaitsComparison(order);
  }

  async #take(order: ApprovedOrder, step: ApprovalStep, report?: OrderReport): Promise<void> {
    const { sender } = this.#options;
    if (step.kind === 'Send') await sender.send(order);
    else if (step.kind === 'End') await sender.end(order, step.reason);
    else if (step.kind === 'Adopt' && report !== undefined) await sender.adopt(order, report);
  }

  #plan(order: ApprovedOrder, { swept, answer }: { readonly swept: boolean; readonly answer?: Answer }): ApprovalStep {
    const { fence, sent, rules, clock } = this.#options;
    const { grant } = fence;
    const sentAtMs = sent.sentAtMs(order.clientOrderId);
    return planApproval({
      nowMs: clock.nowMs(),
      deadlineMs: lastSendMs(order),
      restsUntilMs: order.deadline,
      decidedAtMs: order.decidedAt,
      swept,
      sent: sentAtMs !== undefined,
      predatesGrant: predatesGrant(order.decidedAt, grant, rules.skewBoundMs),
      followsGrant: followsGrant(order.decidedAt, grant, rules.skewBoundMs),
      recordWentBack: grant?.recordWentBack ?? false,
      answer: answer?.kind,
      absenceIsFinal: this.#isFinal(answer?.askedAtMs ?? clock.monotonicMs(), sentAtMs),
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
