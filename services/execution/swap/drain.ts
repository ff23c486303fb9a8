import type { DrainRequest, DrainResponse, RestingPolicy } from '../../shared/contracts/control.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { isHolding } from '../core/role.ts';
import type { Canceller } from '../orders/canceller.ts';
import type { Resolver } from '../orders/resolver.ts';
import type { Sender } from '../orders/sender.ts';
import { letGo, type LetGoOptions } from './let-go.ts';

export interface DrainOptions extends LetGoOptions {
  readonly sender: Pick<Sender, 'idle'>;
  readonly canceller: Pick<Canceller, 'cancelAll'>;
  readonly resolver: Pick<Resolver, 'resolveDue'>;
  /** Forgets what only the holder of the fence knows. */
  readonly reset: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `accepted`: this process holds, or has drained, the epoch of the request. */
export interface DrainOutcome {
  readonly accepted: boolean;
  readonly response: DrainResponse;
}

/** Pauses between two looks: short while an answer may come at any moment, longer after `SOON_MS`. */
const STEP_MS = 20;
const LATER_MS = 200;
const SOON_MS = 1_000;
const LISTED = 200;
const REASON_MAX = 300;

/**
 * Hands the fence over to the next sender while this process goes on running: see `POST /control/drain`. Orders that
 * rest stay at the venue, or are cancelled first. It goes on until the fence is released, the process stops, or another
 * one takes the fence.
 */
export class Drain {
  readonly #options: DrainOptions;
  #running: Promise<void> | undefined;
  #resting: RestingPolicy = 'Carry';
  /** Why the last look did not end it; empty before the first. What it is doing now. */
  #reason = '';
  #doing = '';
  /** What rested at the venue when the fence was released. */
  #left: DrainResponse['openOrders'] = [];

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** Never rejects. The role changes before the first wait. */
  async request({ epoch, deadlineMs, resting }: DrainRequest): Promise<DrainOutcome> {
    const { fence, clock } = this.#options;
    const { role } = fence.sender;
    const held = isHolding(role) || role === 'standby' ? fence.newestEpoch : 0;
    if (held !== epoch) return this.#refused(epoch);
    if (isHolding(role)) this.#start(resting);
    const answered = new AbortController();
    const late = clock.sleep(deadlineMs, answered.signal).catch(() => {});
    await Promise.race([this.#running, late]);
    answered.abort(new Error('answered'));
    return { accepted: true, response: this.#response(epoch) };
  }

  #start(resting: RestingPolicy): void {
    this.#options.fence.beginDrain();
    if (this.#running === undefined) this.#resting = resting;
    // Of two requests, the one that leaves less at the venue counts.
    else if (resting === 'Cancel') this.#resting = resting;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    const { fence, clock, log } = this.#options;
    const startedMs = clock.monotonicMs();
    this.#reason = '';
    while (fence.sender.role === 'draining') {
      try {
        this.#reason = (await this.#step()) ?? '';
      } catch (error) {
        this.#reason = messageOf(error);
        log.warn({ problem: this.#reason }, 'drain step failed, retried');
      }
      const stepMs = clock.monotonicMs() - startedMs < SOON_MS ? STEP_MS : LATER_MS;
      if (fence.sender.role === 'draining') await clock.sleep(stepMs);
    }
  }

  async #step(): Promise<string | undefined> {
    const { fence, orders, deadLetters, sender, canceller, resolver, reset } = this.#options;
    this.#doing = 'orders are being sent';
    await Promise.all([sender.idle(), this.#resting === 'Cancel' ? canceller.cancelAll() : undefined]);
    if (fence.hasReconciled) resolver.resolveDue();
    if (orders.malformed().length > 0) await orders.reload();
    if (deadLetters.unsaved > 0) await deadLetters.sync();
    this.#doing = 'a reconcile has not ended, or the outbox is not relayed';
    const why = await letGo(this.#options, this.#resting);
    if (why !== undefined || fence.sender.role !== 'standby') return why;
    this.#left = this.#open();
    orders.clear();
    reset();
    return undefined;
  }

  #open(): DrainResponse['openOrders'] {
    const live = this.#options.orders.live().slice(0, LISTED);
    return live.map(({ request: { clientOrderId, symbol, side } }) => ({ clientOrderId, symbol, side }));
  }

  #response(epoch: number): DrainResponse {
    const { role } = this.#options.fence.sender;
    if (role === 'standby') return { drained: true, epoch, reason: '', openOrders: this.#left };
    const reason = role === 'draining' ? this.#reason || this.#doing : `this process is ${role}`;
    return { drained: false, epoch, reason: reason.slice(0, REASON_MAX), openOrders: this.#open() };
  }

  #refused(epoch: number): DrainOutcome {
    const { role, epoch: held } = this.#options.fence.sender;
    const reason = `this process is ${role} with epoch ${held}, and does not hold epoch ${epoch}`;
    return { accepted: false, response: { drained: false, epoch: held, reason, openOrders: [] } };
  }
}
