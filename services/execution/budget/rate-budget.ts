import { answeredWithin, type Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import { localShare, rulesOf, type BudgetLimits, type Lane } from '../core/budget/lanes.ts';
import {
  FULL_BUDGET,
  takeTokens,
  type BudgetAnswer,
  type BudgetRequest,
  type TokenBudget,
} from '../core/budget/token-budget.ts';
import type { SharedBudget } from '../ports.ts';
import { CancelStops } from './cancel-stops.ts';

export interface RateBudgetOptions {
  readonly shared: SharedBudget;
  readonly limits: BudgetLimits;
  /** Whether this process sends the orders. Others yield to it where they do not know each other's pauses. */
  readonly holdsFence: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Granted: the request may be sent. Paused: a pause of the venue holds it back. Late: not by the given time. */
export type Turn = 'Granted' | 'Paused' | 'Late';

/** Who asks for a turn: the same for every attempt with one order. */
export type Asker = string | symbol;

export interface TurnTerms {
  readonly tokens?: number;
  /** Monotonic milliseconds after which the tokens are not wanted any more. */
  readonly untilMs?: number;
  /** Default: one that asks only this once. */
  readonly asker?: Asker;
}

/** A Redis that takes longer is not waited for. */
const ANSWER_MS = 100;
/** How long Redis is not asked again after it failed. */
const UNAVAILABLE_MS = 1_000;
/** An exit that waits takes its token at most this long after it returned; one that gave up does not. */
const EXIT_TAKES_MS = ANSWER_MS;
/** How often Redis is asked at least while a pause that this process met refuses turns: it may have lost it. */
const REPORT_EVERY_MS = 1_000;
/**
 * Without Redis, a process without the fence waits for this many times the pause that a reply to it demands. Two need
 * twice as long to leave each other in peace; of the four that a swap runs, some never end with less than four times.
 */
const YIELDS_TIMES = 4;
/**
 * It adds no more than this: a halt must end soon where such a process is the only one. So four processes can begin
 * limits of more than 200 s again for each other, and two those of more than ten minutes.
 */
const YIELDS_AT_MOST_MS = 600_000;
type Pauses = Pick<TokenBudget, 'limitedUntilMs' | 'bannedUntilMs'>;
const NO_PAUSES: Pauses = { limitedUntilMs: 0, bannedUntilMs: 0 };
/** After a pause an exit leaves with the next sweep of approvals, which comes each second. */
const EXITS_LEAVE_MS = 1_500;

/**
 * The request budget of the account, as one process sees it. Redis has the budget that all processes share, and the
 * pauses that the venue demanded of any of them. While it does not answer, this process takes from a share of its own,
 * so that no cancellation and no exit waits for Redis. What it took before counts there too. While an exit waits,
 * entries and repeated cancellations wait for it: with few tokens a second the lanes alone keep none for it.
 */
export class RateBudget {
  readonly #options: RateBudgetOptions;
  /** What this process took, by its monotonic clock, and the pauses that it knows of. */
  #own = FULL_BUDGET;
  /** Until when Redis is not asked. Monotonic milliseconds. */
  #unavailableUntilMs = Number.NEGATIVE_INFINITY;
  #isShared = true;
  /**
   * The pauses that replies to this process demanded. Monotonic milliseconds. Redis learns these alone, with the time
   * of Redis: one that comes from Redis would grow with each way there and back.
   */
  #demanded = NO_PAUSES;
  /** Until when this process yields, by replies that it got without Redis. Redis does not learn it. */
  #yielding = NO_PAUSES;
  /** Until when this process yields to the pauses that were demanded of it, if Redis goes before they end. */
  #unshared = NO_PAUSES;
  readonly #stops = new CancelStops();
  /** When Redis was last asked. Monotonic milliseconds. */
  #askedMs = Number.NEGATIVE_INFINITY;
  /** Redis's clock less the monotonic one, as of its last answer; by the time of the way there too much. */
  #redisAheadMs: number | undefined;
  /** Until when others have used up a lane. Monotonic milliseconds. */
  readonly #busyUntilMs = new Map<Lane, number>();
  /**
   * The exits that wait, and until when the next token is for each. Monotonic milliseconds. Those whose time has passed
   * are forgotten, so it has at most as many as the sender settles at a time.
   */
  readonly #exitsUntilMs = new Map<Asker, number>();

  constructor(options: RateBudgetOptions) {
    this.#options = options;
  }

  /** Whether the last request was counted in the budget that all processes share. */
  get isShared(): boolean {
    return this.#isShared;
  }

  /** Milliseconds of the pause that the venue demands, as far as this process knows. It may send later than that. */
  demandedForMs(): number {
    return Math.max(0, this.#own.limitedUntilMs - this.#nowMs());
  }

  /** Milliseconds until this process sends requests again; 0 while it does. Cancellations may pass. */
  limitedForMs(): number {
    return this.#pauseLeftMs('limitedUntilMs');
  }

  bannedForMs(): number {
    return this.#pauseLeftMs('bannedUntilMs');
  }

  /** Notes the pause that a reply of the venue demands, and reports it to the other processes. */
  onReply(reply: VenueFailure | { readonly kind: 'ok' }): void {
    if (reply.kind === 'rateLimited') this.#onLimit(reply, () => 0);
  }

  /**
   * Notes the reply to a cancellation, as `onReply` does. A limit may concern queries alone, so cancellations pass one;
   * where the venue answers one of them with a limit, it stops them, too: each further request may begin it again.
   */
  onCancelReply(reply: VenueFailure | { readonly kind: 'ok' }): void {
    if (reply.kind === 'rateLimited')
      this.#onLimit(reply, () => this.#stops.stopFor(reply.retryAfterMs, this.#nowMs()));
    else if (reply.kind !== 'unknown' && reply.kind !== 'notSent') this.#stops.forget();
  }

  /**
   * Milliseconds after which a lane probably has a token; 0 if it has one now. Pauses do not count. An exit that
   * has to wait gets the next token: entries wait longer.
   */
  expectedWaitMs(lane: Lane, asker: Asker = Symbol(lane)): number {
    const { limits } = this.#options;
    const nowMs = this.#nowMs();
    const own = this.#request(lane, 1, this.#isShared ? limits : localShare(limits));
    const request = { ...own, passesLimit: true, limitedForMs: 0, bannedForMs: 0 };
    const { waitMs } = takeTokens({ ...this.#own, bannedUntilMs: 0 }, request, nowMs).answer;
    const expectedMs = Math.max(waitMs, (this.#busyUntilMs.get(lane) ?? nowMs) - nowMs);
    if (lane === 'exit' && expectedMs > 0) this.#onExitWaits(asker, expectedMs);
    return Math.max(expectedMs, this.#exitsFirstMs(lane));
  }

  /** Takes tokens, and waits until there are some. Never rejects. */
  async turn(lane: Lane, { tokens = 1, untilMs = Infinity, asker = Symbol(lane) }: TurnTerms = {}): Promise<Turn> {
    for (;;) {
      if (this.#refuses(lane)) return 'Paused';
      const { granted, waitMs } = await this.#takeExitsFirst(lane, tokens, asker);
      if (granted) return 'Granted';
      if (this.#refuses(lane)) return 'Paused';
      if (this.#nowMs() + waitMs > untilMs) return 'Late';
      await this.#options.clock.sleep(waitMs);
    }
  }

  #pauseLeftMs(pause: keyof Pauses): number {
    const untilMs = this.#yields() ? Math.max(this.#own[pause], this.#yielding[pause]) : this.#own[pause];
    return Math.max(0, untilMs - this.#nowMs());
  }

  /**
   * Whether others may retry at the end of the same pause. Processes that do not share their pauses would begin a limit
   * again for each other, and a halt would not end.
   */
  #yields(): boolean {
    return !this.#isShared && !this.#options.holdsFence();
  }

  #onLimit(reply: Extract<VenueFailure, { kind: 'rateLimited' }>, stopFor: () => number): void {
    const { retryAfterMs: limitedForMs, banned = false } = reply;
    this.#beforePause(limitedForMs);
    const bannedForMs = banned ? limitedForMs : stopFor();
    const nowMs = this.#nowMs();
    const untilMs = (forMs: number): number => nowMs + Math.min(YIELDS_TIMES * forMs, forMs + YIELDS_AT_MOST_MS);
    const unshared = { limitedUntilMs: untilMs(limitedForMs), bannedUntilMs: untilMs(bannedForMs) };
    this.#unshared = longer(nowMs < this.#demanded.limitedUntilMs ? this.#unshared : NO_PAUSES, unshared);
    this.#demanded = longer(this.#demanded, {
      limitedUntilMs: nowMs + limitedForMs,
      bannedUntilMs: nowMs + bannedForMs,
    });
    if (this.#yields()) this.#yielding = longer(this.#yielding, unshared);
    this.#merge({ limitedForMs, bannedForMs });
    this.#report();
  }

  /** The stops of a limit that has passed lengthen none of the next one. */
  #beforePause(limitedForMs: number): void {
    if (limitedForMs > 0 && this.#own.limitedUntilMs <= this.#nowMs()) this.#stops.forget();
  }

  #report(): void {
    void this.#ask(this.#request('query', 0));
  }

  /**
   * Whether the requests of a lane wait for the end of a pause. After one that stopped cancellations, what waits for a
   * sweep goes before those that are repeated: if the venue refused them again, no exit would ever leave.
   */
  #isPaused(lane: Lane): boolean {
    const { bannedUntilMs } = this.#own;
    if (lane === 'cancelAgain' && bannedUntilMs > 0 && this.#nowMs() < bannedUntilMs + EXITS_LEAVE_MS) return true;
    const { passesLimit } = rulesOf(lane, this.#options.limits);
    return (passesLimit ? this.bannedForMs() : this.limitedForMs()) > 0;
  }

  #refuses(lane: Lane): boolean {
    // Otherwise it would yield again by an older reply once it has handed over.
    if (this.#options.holdsFence()) this.#yielding = NO_PAUSES;
    if (!this.#isPaused(lane)) return false;
    const nowMs = this.#nowMs();
    const { limitedUntilMs } = longer(this.#demanded, this.#yielding);
    if (nowMs < limitedUntilMs && nowMs - this.#askedMs >= REPORT_EVERY_MS) this.#report();
    return true;
  }

  async #takeExitsFirst(lane: Lane, tokens: number, asker: Asker): Promise<Pick<BudgetAnswer, 'granted' | 'waitMs'>> {
    const exitsFirstMs = this.#exitsFirstMs(lane);
    if (exitsFirstMs > 0) return { granted: false, waitMs: exitsFirstMs };
    const answer = await this.#take(lane, tokens);
    if (answer.granted) this.#exitsUntilMs.delete(asker);
    // A pause of the venue is no token that an exit waits for: cancellations may pass it.
    else if (lane === 'exit' && !this.#isPaused(lane)) this.#onExitWaits(asker, answer.waitMs);
    return answer;
  }

  #onExitWaits(asker: Asker, waitMs: number): void {
    this.#exitsUntilMs.set(asker, this.#nowMs() + waitMs + EXIT_TAKES_MS);
  }

  /** How long the next tokens are for exits that wait. */
  #exitsFirstMs(lane: Lane): number {
    const nowMs = this.#nowMs();
    for (const [asker, untilMs] of this.#exitsUntilMs) if (untilMs <= nowMs) this.#exitsUntilMs.delete(asker);
    const waits = lane === 'entry' || lane === 'cancelAgain';
    return waits ? Math.max(0, ...[...this.#exitsUntilMs.values()].map((untilMs) => untilMs - nowMs)) : 0;
  }

  async #take(lane: Lane, tokens: number): Promise<BudgetAnswer> {
    const answer = await this.#ask(this.#request(lane, tokens));
    if (answer === undefined) return this.#takeOwn(this.#request(lane, tokens, localShare(this.#options.limits)));
    if (answer.granted) this.#takeOwn({ ...this.#request(lane, tokens), limit: Number.POSITIVE_INFINITY });
    else if (!this.#isPaused(lane)) this.#busyUntilMs.set(lane, this.#nowMs() + answer.waitMs);
    return answer;
  }

  /** Asks Redis. Undefined when it does not answer. */
  async #ask(request: BudgetRequest): Promise<BudgetAnswer | undefined> {
    if (this.#nowMs() < this.#unavailableUntilMs) return undefined;
    const answer = await this.#answerOf(request);
    if (answer === undefined) return undefined;
    this.#beforePause(answer.limitedForMs);
    this.#merge(answer);
    return answer;
  }

  async #answerOf(request: BudgetRequest): Promise<BudgetAnswer | undefined> {
    const { shared, clock } = this.#options;
    const askedMs = this.#nowMs();
    const ahead = this.#redisAheadMs;
    const timed = ahead === undefined ? { limitedForMs: 0, bannedForMs: 0 } : { sentMs: askedMs + ahead };
    this.#askedMs = askedMs;
    try {
      const answer = await answeredWithin(clock, ANSWER_MS, shared.take({ ...request, ...timed }));
      if (answer === undefined) this.#onUnavailable(`no answer within ${ANSWER_MS} ms`);
      else this.#onShared(answer.atMs - askedMs);
      return answer;
    } catch (error) {
      this.#onUnavailable(messageOf(error));
      return undefined;
    }
  }

  #onUnavailable(problem: string): void {
    this.#unavailableUntilMs = this.#nowMs() + UNAVAILABLE_MS;
    if (!this.#isShared) return;
    this.#options.log.warn({ problem }, 'request budget not shared, own share used');
    this.#isShared = false;
    // Redis may have gone before the venue demanded it: then no other process has learned of it.
    if (this.#yields() && this.#nowMs() < this.#demanded.limitedUntilMs) this.#yielding = this.#unshared;
  }

  /** Of a pause that was sent with another time of Redis, or without one, Redis knows too little. */
  #onShared(redisAheadMs: number): void {
    const isKnown = Math.abs(redisAheadMs - (this.#redisAheadMs ?? Infinity)) <= ANSWER_MS;
    this.#redisAheadMs = redisAheadMs;
    if (!isKnown && this.#nowMs() < this.#demanded.limitedUntilMs) this.#report();
    if (!this.#isShared) this.#options.log.info({}, 'request budget shared again');
    this.#isShared = true;
    this.#yielding = NO_PAUSES;
  }

  #takeOwn(request: BudgetRequest): BudgetAnswer {
    const { budget, answer } = takeTokens(this.#own, request, this.#nowMs());
    this.#own = budget;
    return answer;
  }

  #merge({ limitedForMs, bannedForMs }: Pick<BudgetAnswer, 'limitedForMs' | 'bannedForMs'>): void {
    this.#takeOwn({ ...this.#request('query', 0), limitedForMs, bannedForMs });
  }

  #request(lane: Lane, tokens: number, limits = this.#options.limits): BudgetRequest {
    const nowMs = this.#nowMs();
    const { limitedUntilMs, bannedUntilMs } = this.#demanded;
    const limitedForMs = Math.max(0, limitedUntilMs - nowMs);
    return { ...rulesOf(lane, limits), tokens, limitedForMs, bannedForMs: Math.max(0, bannedUntilMs - nowMs) };
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

function longer(one: Pauses, other: Pauses): Pauses {
  return {
    limitedUntilMs: Math.max(one.limitedUntilMs, other.limitedUntilMs),
    bannedUntilMs: Math.max(one.bannedUntilMs, other.bannedUntilMs),
  };
}
