import type { Decimal } from '../../shared/domain/decimal.ts';
import { allowsOrder, type TradingState } from '../../shared/domain/trading-state.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createParallelQueue } from '../../shared/runtime/parallel-queue.ts';
import type { RateBudget } from '../budget/rate-budget.ts';
import type { RateLimitedVenue } from '../budget/rate-limited-venue.ts';
import type { Pace } from '../core/budget/lanes.ts';
import { ordersToCancel, unreadToCancel } from '../core/cancel-rules.ts';
import { BackOff } from './back-off.ts';
import { CancelHistory } from './cancel-history.ts';
import type { LiveOrders } from './live-orders.ts';
import type { OpenOrders } from './open-orders.ts';

export interface CancellerOptions {
  readonly venue: Pick<RateLimitedVenue, 'cancelInTurn'>;
  readonly budget: Pick<RateBudget, 'turn'>;
  /** How many repeated cancellations this process may request while exits may be sent. */
  readonly pace: () => Pace;
  readonly orders: LiveOrders;
  /** Orders of the stack that the venue lists as open. */
  readonly openOrders: Pick<OpenOrders, 'listed'>;
  readonly tradingState: () => TradingState;
  /** Best bid of a symbol in a book that is not older than a time, UTC milliseconds. */
  readonly bestBid: (symbol: string, sinceMs: number) => Decimal | undefined;
  /** Whether risk has requested the cancellation. */
  readonly isRequested: (clientOrderId: string) => boolean;
  /** Whether the venue has reported that the order has ended, or no longer knows it. */
  readonly isEndedThere: (clientOrderId: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Target {
  readonly symbol: string;
  readonly clientOrderId: string;
  /** Whether the end of the order would not be noticed, because its row cannot be read. */
  readonly isUnread?: boolean;
}

/** A cancellation is requested again when the order has not ended after this time. A second request does no harm. */
const RETRY_MS = 1_000;
/**
 * The longest pause before the next request for an order that the venue calls ended, or whose row cannot be read. What
 * is missing here, no cancellation brings.
 */
const LONGEST_PAUSE_MS = 60_000;
/** An older book does not say that the market has left an order behind. */
const BOOK_MAX_AGE_MS = 2_000;
/** Requests in flight at the same time. */
const WIDTH = 5;
/** A request that is not answered within this time no longer holds back the next one. */
const HELD_MS = 1_000;
/** Notes of requested cancellations that wait for the database, and how long one may wait for its turn. */
const NOTES_MAX = 20;
const NOTE_WITHIN_MS = 1_000;

/**
 * Cancels resting orders past their deadline, those that risk wants out of the way of an exit, those that the market
 * has left behind, and those that the trading state forbids, including those that only the venue knows: buys while
 * reducing or flattening, and all while halted. An order whose row cannot be read is one of them. The venue reports
 * when an order has ended. It may take no cancellations, of one pair or at all: so repeated requests wait for exits,
 * and are few unless no exit may be sent. No cancellation waits for the database: it creates nothing and may be
 * repeated, so it needs neither a row nor a permit, and its note is dropped when it cannot be recorded soon.
 */
export class Canceller {
  readonly #options: CancellerOptions;
  readonly #inLane = createParallelQueue(WIDTH);
  /** Orders in the lane. */
  readonly #queued = new Set<string>();
  readonly #history: CancelHistory;
  /** Requests that have not ended. */
  readonly #running = new Set<Promise<void>>();
  readonly #notes = new Set<string>();
  readonly #backOff: BackOff;

  constructor(options: CancellerOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
    this.#history = new CancelHistory(options.clock);
  }

  /** Starts what is due, and returns without waiting for an answer. */
  cancelDue(): void {
    const state = this.#options.tradingState();
    // Those whose rows cannot be read come last: most of them have ended.
    const known = new Map([...this.#resting(state), ...this.#listed(state)]);
    const targets = new Map([...known, ...[...this.#unread(state)].filter(([id]) => !known.has(id))]);
    for (const id of this.#history.ids()) if (!targets.has(id) && !this.#isOpen(id)) this.#forget(id);
    const due = [...targets.values()].filter((target) => this.#isDue(target));
    const first = due.filter(this.#history.isFirst);
    const again = due.filter((target) => !this.#history.isFirst(target));
    // A halt sends no exit that repeats would have to wait for.
    const lane = state === 'Halted' ? 'cancel' : 'cancelAgain';
    for (const target of first) void this.#enqueue(target, 'cancel');
    for (const target of state === 'Halted' ? again : this.#paced(again)) void this.#enqueue(target, lane);
  }

  /**
   * Requests cancellation of every resting order that is due, and waits for the answers. Used before the process ends,
   * because the venue does not cancel the orders of an absent client.
   */
  async cancelAll(): Promise<void> {
    const requested = [...this.#running];
    const resting = [...this.#resting('Halted').values(), ...this.#unread('Halted').values()];
    const due = resting.filter((target) => this.#isDue(target));
    await Promise.all([...requested, ...due.map(async (target) => await this.#enqueue(target, 'cancel'))]);
  }

  /** One that is no target for a moment, because the market or the trading state came back, counts on. */
  #isOpen(id: string): boolean {
    const { orders, openOrders } = this.#options;
    return orders.get(id) !== undefined || openOrders.listed().some(({ clientOrderId }) => clientOrderId === id);
  }

  #forget(clientOrderId: string): void {
    this.#history.forget(clientOrderId);
    this.#backOff.ended(clientOrderId);
  }

  #resting(tradingState: TradingState): ReadonlyMap<string, Target> {
    const { orders, isRequested, clock } = this.#options;
    const nowMs = clock.nowMs();
    const bestBid = (symbol: string): Decimal | undefined => this.#options.bestBid(symbol, nowMs - BOOK_MAX_AGE_MS);
    const resting = ordersToCancel(orders.live(), { nowMs, tradingState, bestBid, isRequested });
    return new Map(resting.map(({ request }) => [request.clientOrderId, request]));
  }

  #unread(tradingState: TradingState): ReadonlyMap<string, Target> {
    const { orders, isRequested, clock } = this.#options;
    const unread = unreadToCancel(orders.malformed(), { nowMs: clock.nowMs(), tradingState, isRequested });
    return new Map(unread.map((order) => [order.clientOrderId, { ...order, isUnread: true }]));
  }

  #listed(tradingState: TradingState): ReadonlyMap<string, Target> {
    const listed = this.#options.openOrders
      .listed()
      .filter(({ side }) => (side === undefined ? tradingState === 'Halted' : !allowsOrder(tradingState, side)));
    return new Map(listed.map((order) => [order.clientOrderId, order]));
  }

  /** Whether the order may have ended, so that asking for it each second is too often. */
  #mayHaveEnded({ clientOrderId, isUnread = false }: Target): boolean {
    return isUnread || this.#options.isEndedThere(clientOrderId);
  }

  #isDue(target: Target): boolean {
    const { clientOrderId } = target;
    const lastMs = this.#history.lastMs(clientOrderId);
    if (this.#queued.has(clientOrderId)) return false;
    if (this.#mayHaveEnded(target) && this.#backOff.isPaused(clientOrderId)) return false;
    return lastMs === undefined || this.#options.clock.monotonicMs() - lastMs >= RETRY_MS;
  }

  /** Those that wait for exits leave a slot of the lane to orders that have not been requested. */
  #paced(again: readonly Target[]): readonly Target[] {
    return this.#history.paced(again, { pace: this.#options.pace(), slots: WIDTH - 1, queued: this.#queued });
  }

  async #enqueue(target: Target, lane: 'cancel' | 'cancelAgain'): Promise<void> {
    const { clientOrderId } = target;
    this.#queued.add(clientOrderId);
    const running = this.#inLane(async () => {
      // It stays in the lane until then: an order that waits for its turn is not requested again.
      const turn = await this.#options.budget.turn(lane);
      this.#queued.delete(clientOrderId);
      if (turn === 'Paused') return;
      this.#history.onRequest(clientOrderId);
      if (this.#mayHaveEnded(target)) this.#backOff.onFailure(clientOrderId, LONGEST_PAUSE_MS);
      else this.#backOff.ended(clientOrderId);
      void this.#note(clientOrderId);
      await this.#heldBriefly(this.#request(target));
    });
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }

  async #request({ symbol, clientOrderId }: Target): Promise<void> {
    const { venue, log } = this.#options;
    const reply = await venue.cancelInTurn(symbol, clientOrderId);
    if (reply.kind !== 'ok') log.warn({ order: clientOrderId, reply }, 'cancellation not accepted');
  }

  /** Resolves when the request has ended, or no longer counts. */
  async #heldBriefly(request: Promise<void>): Promise<void> {
    const answered = new AbortController();
    const held = this.#options.clock.sleep(HELD_MS, answered.signal).catch(() => {});
    await Promise.race([request, held]);
    answered.abort(new Error('answered'));
  }

  async #note(clientOrderId: string): Promise<void> {
    const { orders, log } = this.#options;
    const state = orders.get(clientOrderId)?.state.kind;
    if (state !== 'Open' && state !== 'PartiallyFilled') return;
    if (this.#notes.has(clientOrderId) || this.#notes.size >= NOTES_MAX) return;
    this.#notes.add(clientOrderId);
    try {
      await orders.observeWithin(NOTE_WITHIN_MS, clientOrderId, { kind: 'CancelRequested' });
    } catch (error) {
      log.warn({ order: clientOrderId, problem: messageOf(error) }, 'recording the cancellation request failed');
    } finally {
      this.#notes.delete(clientOrderId);
    }
  }
}
