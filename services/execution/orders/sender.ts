import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { OrderState } from '../../shared/domain/orders/order.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { TradingStates } from '../../shared/trading-state/trading-states.ts';
import type { RateBudget, Turn } from '../budget/rate-budget.ts';
import { admissionRefusal, isAwaited, isWithdrawn, lastSendMs, type RefusedAdmission } from '../core/admission.ts';
import type { ApprovalEnd } from '../core/approval-plan.ts';
import { laneOf } from '../core/budget/lanes.ts';
import { observationOfPlace } from '../core/classify-reply.ts';
import { intendedOrder, neverSentOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import { hasDrift, type SendingFacts } from '../core/sending.ts';
import type { ReleaseRefusal } from '../../shared/domain/release/active-release.ts';
import type { ExecutionStore, IntentOutcome } from '../ports.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { CommitDoubts } from './commit-doubts.ts';
import type { LiveOrders } from './live-orders.ts';
import { SendingQueue } from './queue/sending-queue.ts';
import type { SendingStatus } from './sending-status.ts';
import type { SentOrders } from './sent-orders.ts';
import type { EpochReplies } from '../swap/epoch-replies.ts';
import type { SentTimes } from '../swap/sent-times.ts';

export interface SenderOptions {
  readonly store: Pick<ExecutionStore, 'commitIntent'>;
  readonly venue: Pick<TradingVenue, 'place'>;
  readonly budget: Pick<RateBudget, 'turn' | 'expectedWaitMs'>;
  readonly orders: LiveOrders;
  readonly fence: SenderFence;
  readonly states: Pick<TradingStates, 'load'>;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly facts: () => SendingFacts;
  readonly status: Pick<SendingStatus, 'holding' | 'refusal' | 'awaitsComparison'>;
  readonly sent: SentOrders;
  readonly sentTimes: Pick<SentTimes, 'note'>;
  readonly replies: Pick<EpochReplies, 'note'>;
  readonly doubts: CommitDoubts;
  /** Whether risk has requested the cancellation of an order. */
  readonly isRequested: (clientOrderId: string) => boolean;
  /** Records a report of the venue on one of our orders. */
  readonly onReport: (clientOrderId: string, report: OrderReport) => Promise<void>;
  readonly incarnation: string;
  readonly recvWindowMs: number;
  readonly inFlight: Set<string>;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Within this time the budget has answered for an entry, unless others were faster. */
const TOKENS_WITHIN_MS = 100;

/** What bounds when the first byte of an order whose intent is committed may leave. */
interface SendBounds {
  /** Monotonic milliseconds. */
  readonly commitStartMs: number;
  /** UTC milliseconds. */
  readonly untilMs: number;
  readonly turn: Turn;
}

/**
 * Sends orders, exits first, and one at a time on each instrument; no other code does. For each order: admission, the
 * intent committed under the fence, the permit checked immediately before the first byte, one POST, its outcome
 * recorded. The POSTs of different instruments overlap; what comes before them is for one order at a time. An order
 * that it does not take stays an approval without an order, which is offered again until it is sent or has expired.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #queue = new SendingQueue();
  #committingSinceMs: number | undefined;
  /** Whether the record had no active release of risk when an entry was last to be committed. */
  #releaseUnknown = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** How long the row that is being committed has been taking so far; 0 when there is none. */
  get commitMs(): number {
    return this.#committingSinceMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#committingSinceMs;
  }

  /** Resolves when the order has an outcome or was not taken. Rejects when the database is unavailable. */
  async send(order: ApprovedOrder): Promise<void> {
    const attempt = async (): Promise<number> =>
      await this.#queue.run(order, async (admitted) => await this.#attempt(order, admitted));
    let waitMs = await attempt();
    while (waitMs > 0) {
      // Not in the queue: an exit does not wait behind an entry that waits for its turn at the venue.
      await this.#options.clock.sleep(waitMs);
      waitMs = await attempt();
    }
  }

  /**
   * Makes the row of an order that is never sent. It needs no permit: the statement itself requires the fence, and no
   * byte is sent.
   */
  async end(order: ApprovedOrder, why: ApprovalEnd): Promise<void> {
    await this.#queue.run(order, async () => {
      if (!this.#options.fence.takesApprovals) return;
      const reason = why === 'Expired' ? this.#expiryOf(order) : why;
      const row = await this.#commit(order, { kind: 'NeverSent', reason });
      if (row !== undefined) this.#options.log.warn({ order: order.clientOrderId, reason }, 'order not sent');
    });
  }

  /** Makes the row of an order that the venue has and the record lost, and records what the venue reports of it. */
  async adopt(order: ApprovedOrder, report: OrderReport): Promise<void> {
    await this.#queue.run(order, async (admitted) => {
      const { fence, onReport, metrics, log } = this.#options;
      if (!fence.takesApprovals) return;
      const { venueOrderId } = report;
      const row = await this.#commit(order, { kind: 'Open', venueOrderId });
      if (row === undefined) return;
      metrics.findings.inc({ kind: 'Adopt' });
      log.error({ order: order.clientOrderId, venueOrderId }, 'venue has an order whose row was lost, adopted');
      // It may ask the venue for fills.
      admitted();
      await onReport(order.clientOrderId, report);
    });
  }

  /** Resolves when no order is in flight of those that were offered so far. */
  async idle(): Promise<void> {
    await this.#queue.idle();
  }

  /** Returns the milliseconds to wait before the next attempt; 0 when there is nothing more to do. */
  async #attempt(order: ApprovedOrder, admitted: () => void): Promise<number> {
    const { status, sent, budget, clock } = this.#options;
    if (status.holding() !== undefined || sent.sentAtMs(order.clientOrderId) !== undefined) return 0;
    const refusal = this.#refusal(order);
    // The instrument is unknown until ws publishes it. Only the deadline ends the wait.
    if (refusal !== undefined && isAwaited(refusal) && clock.nowMs() <= lastSendMs(order)) return 0;
    if (refusal !== undefined) return await this.#neverSend(order, refusal);
    const waitMs = budget.expectedWaitMs(laneOf(order.side), order.clientOrderId);
    if (waitMs === 0) await this.#commitAndPlace(order, admitted);
    else if (order.side === 'buy' && clock.nowMs() + waitMs > lastSendMs(order))
      return await this.#neverSend(order, 'BudgetSpent');
    return waitMs;
  }

  async #neverSend(order: ApprovedOrder, reason: RefusedAdmission | 'BudgetSpent' | 'OtherRelease'): Promise<0> {
    const row = await this.#commit(order, { kind: 'NeverSent', reason });
    if (row !== undefined) this.#options.log.warn({ order: order.clientOrderId, refusal: reason }, 'order not sent');
    return 0;
  }

  /**
   * Takes its turn at the venue while the intent is committed. A reconcile may read the row before the commit returns:
   * the order counts as in flight from before it.
   */
  async #commitAndPlace(order: ApprovedOrder, admitted: () => void): Promise<void> {
    const { inFlight, budget, recvWindowMs, clock } = this.#options;
    inFlight.add(order.clientOrderId);
    try {
      const commitStartMs = clock.monotonicMs();
      // Another process may take the token first. A later one leaves too little time before the signature expires.
      const terms = { untilMs: commitStartMs + recvWindowMs / 2, asker: order.clientOrderId };
      const ask = async (): Promise<Turn> => await budget.turn(laneOf(order.side), terms);
      // While no release of risk is known to be active, the entry is most likely not committed.
      const asked = order.side === 'buy' && this.#releaseUnknown ? undefined : ask();
      const row = await this.#commit(order, { kind: 'Intended' });
      if (row === undefined) return;
      const turn = asked ?? ask();
      // The next order sees which tokens are taken. An entry that waits for its own holds up no exit.
      await (order.side === 'sell' ? turn : Promise.race([turn, clock.sleep(TOKENS_WITHIN_MS)]));
      admitted();
      await this.#place(row, { commitStartMs, untilMs: lastSendMs(order), turn: await turn });
    } finally {
      inFlight.delete(order.clientOrderId);
    }
  }

  /** Commits the first row of an order. Undefined when it was not made. */
  async #commit(order: ApprovedOrder, state: OrderState): Promise<OrderRecord | undefined> {
    const { orders, fence, states, doubts, metrics } = this.#options;
    const row = this.#rowOf(order, state);
    const outcome = await this.#commitRow(row, order);
    this.#noteRelease(order, row, outcome);
    if (outcome === 'Fenced' || outcome === 'RecordWentBack') fence.intentRefused(outcome);
    // The record knows a trading state, or a canary, that this process does not know yet. The order is offered again,
    // and then ends.
    if (isForbidden(outcome)) await states.load();
    if (outcome === 'OutsideCanary') await fence.read();
    await doubts.onAnswer(order.clientOrderId, outcome);
    if (outcome === 'OtherRelease') await this.#neverSend(order, outcome);
    if (outcome !== 'Committed') return undefined;
    if (state.kind === 'NeverSent' && isReleaseRefusal(state.reason))
      metrics.otherReleases.inc({ reason: state.reason });
    orders.add(row);
    return row;
  }

  /** An entry of a release that is not active ends at once. While none is, it waits for one until its deadline. */
  #noteRelease({ release, side }: ApprovedOrder, { state, request }: OrderRecord, outcome: IntentOutcome): void {
    if (side === 'sell' || state.kind !== 'Intended') return;
    const { log } = this.#options;
    const before = this.#releaseUnknown;
    this.#releaseUnknown = outcome === 'ReleaseUnknown';
    if (this.#releaseUnknown && !before)
      log.warn({ order: request.clientOrderId, release }, 'no release of risk is active: entries wait until one is');
  }

  #expiryOf(order: ApprovedOrder): RefusedAdmission | 'ReleaseUnknown' {
    const refusal = this.#refusal(order) ?? 'Expired';
    return refusal === 'Expired' && order.side === 'buy' && this.#releaseUnknown ? 'ReleaseUnknown' : refusal;
  }

  /** An order whose funds cannot be computed has no row except as never sent. */
  #rowOf(order: ApprovedOrder, state: OrderState): OrderRecord {
    const { fence, instrumentOf, clock } = this.#options;
    const intent = { order, epoch: fence.sender.epoch, intendedAtMs: clock.nowMs() };
    if (state.kind === 'NeverSent') return neverSentOrder(intent, state.reason);
    try {
      return { ...intendedOrder({ ...intent, instrument: instrumentOf(order.symbol) }), state };
    } catch (error) {
      throw new UnprocessableError(error);
    }
  }

  async #commitRow(row: OrderRecord, { release, canary }: ApprovedOrder): Promise<IntentOutcome> {
    const { store, doubts, incarnation, clock } = this.#options;
    this.#committingSinceMs = clock.monotonicMs();
    try {
      const terms = { epoch: row.epoch, holder: incarnation, counted: canary, approvedBy: release };
      return await store.commitIntent(terms, row);
    } catch (error) {
      this.#committingSinceMs = undefined;
      const unknown = row.state.kind === 'Intended' && !(error instanceof UnprocessableError);
      if (unknown) await doubts.add(row);
      throw error;
    } finally {
      this.#committingSinceMs = undefined;
    }
  }

  #refusal(order: ApprovedOrder): RefusedAdmission | undefined {
    const { orders, facts, fence, status, doubts, isRequested, instrumentOf, clock } = this.#options;
    const { tradingState, drifts, setApart, otherStacks } = facts();
    const doubtful = doubts.beside(order);
    const sameSymbol = orders.live().filter(({ request }) => request.symbol === order.symbol);
    return admissionRefusal(order, {
      nowMs: clock.nowMs(),
      tradingState,
      isRequested,
      reduceOnly: hasDrift(order.symbol, drifts),
      instrumentKnown: instrumentOf(order.symbol) !== undefined,
      reconciled: !status.awaitsComparison(order),
      setApart: setApart.includes(order.symbol),
      canary: fence.canary,
      otherStack: otherStacks.some(({ symbol }) => symbol === order.symbol),
      liveStates: [...sameSymbol, ...doubtful].map(({ state }) => state),
    });
  }

  async #place(order: OrderRecord, bounds: SendBounds): Promise<void> {
    const { venue, sent, sentTimes, orders, recvWindowMs, clock, log } = this.#options;
    const { clientOrderId } = order.request;
    sent.add(clientOrderId);
    let isKept = false;
    try {
      const reply = await venue.place(order.request, {
        timestampMs: order.intendedAtMs,
        recvWindowMs,
        refusal: () => {
          const reason = this.#lastRefusal(order, bounds);
          isKept = reason !== undefined;
          if (!isKept) sentTimes.note(order.epoch, clock.nowMs());
          return reason;
        },
      });
      this.#count(reply, clock.monotonicMs() - bounds.commitStartMs, isKept ? undefined : order.epoch);
      if (reply.kind !== 'ok') log.warn({ order: clientOrderId, reply }, 'order not accepted');
      await orders.observe(clientOrderId, observationOfPlace(reply, clock.nowMs()));
    } catch (error) {
      // The row is still Intended and the venue may have the order: the resolver queries it, as after a crash.
      log.error(
        { order: clientOrderId, problem: messageOf(error) },
        'recording the order outcome failed, the resolver queries the venue',
      );
    }
  }

  /** `epoch` is undefined of an order that this process kept back: that says nothing about the venue. */
  #count({ kind }: VenueReply<unknown>, tookMs: number, epoch: number | undefined): void {
    const { metrics, replies } = this.#options;
    metrics.replies.inc({ kind });
    metrics.sendSeconds.observe(tookMs / 1_000);
    if (epoch !== undefined) replies.note(epoch, { kind }, tookMs);
  }

  /** Returns why the first byte of an order must not leave, although its intent is committed. */
  #lastRefusal(order: OrderRecord, { commitStartMs, untilMs, turn }: SendBounds): string | undefined {
    const { status, isRequested, recvWindowMs, clock } = this.#options;
    // Risk relies on no order being sent after its time, however long the commit took.
    if (clock.nowMs() > untilMs) return 'Expired';
    if (turn === 'Late') return 'BudgetSpent';
    // Requested while the intent was committed.
    if (isWithdrawn(order.request, isRequested)) return 'ExitFirst';
    if (clock.monotonicMs() - commitStartMs >= recvWindowMs) return 'SignedTooLongAgo';
    return status.refusal(order.request);
  }
}

function isReleaseRefusal(reason: string): reason is ReleaseRefusal {
  return reason === 'OtherRelease' || reason === 'ReleaseUnknown';
}

function isForbidden(outcome: IntentOutcome): boolean {
  return outcome === 'Halted' || outcome === 'Flattening' || outcome === 'Reducing';
}
