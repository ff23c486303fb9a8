import type { SenderStatus } from '../../shared/contracts/statusz.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import {
  obstacleFor,
  obstaclesTo,
  stopsEverything,
  stopsOrder,
  type Obstacle,
  type SendingFacts,
} from '../core/sending.ts';

export interface SendingStatusOptions {
  readonly facts: () => SendingFacts;
  readonly clock: Clock;
}

/** A sender that could not send for this many lifetimes of a permit is not healthy. */
const PERMITS = 2;
const MESSAGE_MAX = 300;

/**
 * Reports whether this process may send now, to the sender and in /statusz, and for how long it has not been able to.
 * That time counts from the first look that found an obstacle: `observe` looks periodically.
 */
export class SendingStatus {
  readonly #options: SendingStatusOptions;
  /** Monotonic milliseconds since which every order has been stopped by something other than a person. */
  #stoppedSinceMs: number | undefined;

  constructor(options: SendingStatusOptions) {
    this.#options = options;
  }

  /** Returns why approvals wait now. A halt does not make them wait: it ends them. */
  holding(): Obstacle | undefined {
    return failureIn(this.#options.facts());
  }

  /** Whether the order waits for a comparison with the venue. Before the process is active, every order waits. */
  awaitsComparison(order: { readonly side: Side; readonly symbol: string }): boolean {
    const facts = this.#options.facts();
    if (facts.role !== 'active') return false;
    return obstaclesTo(facts).some((obstacle) => obstacle.reason === 'NotReconciled' && stopsOrder(obstacle, order));
  }

  /**
   * Returns why no byte of an order whose intent is committed may be sent now. Call it immediately before sending. A
   * drain lets such an order go: the drain waits for its outcome, and the approval would be lost without it.
   */
  refusal(order: { readonly side: Side; readonly symbol: string }): string | undefined {
    const facts = this.#options.facts();
    const role = facts.role === 'draining' ? 'active' : facts.role;
    return obstacleFor(order, { ...facts, role })?.reason;
  }

  status(): Required<Pick<SenderStatus, 'maySend' | 'obstacle'>> & { readonly permitAgeMs: number | null } {
    const facts = this.#options.facts();
    const [first] = obstaclesTo(facts);
    return {
      maySend: first === undefined || !stopsEverything(first),
      obstacle: first === undefined ? null : { reason: first.reason, message: first.message.slice(0, MESSAGE_MAX) },
      permitAgeMs: facts.permitAgeMs ?? null,
    };
  }

  observe(): void {
    if (failureOf(this.#options.facts()) === undefined) this.#stoppedSinceMs = undefined;
    else this.#stoppedSinceMs ??= this.#options.clock.monotonicMs();
  }

  /**
   * Fails when an active sender has not been able to send for two lifetimes of a permit, for a reason that no person
   * asked for. Permits that arrive expired count as well as permits that do not arrive.
   */
  check(): CheckResult {
    this.observe();
    const facts = this.#options.facts();
    const failure = failureOf(facts);
    if (failure === undefined || this.#stoppedSinceMs === undefined) return OK;
    const stoppedMs = this.#options.clock.monotonicMs() - this.#stoppedSinceMs;
    if (Math.max(stoppedMs, facts.permitAgeMs ?? 0) <= PERMITS * facts.permitMs) return OK;
    return failed(failure.reason, `no order could be sent for ${Math.round(stoppedMs)} ms: ${failure.message}`);
  }
}

/** Roles other than active have checks of their own. */
function failureOf(facts: SendingFacts): Obstacle | undefined {
  return facts.role === 'active' ? failureIn(facts) : undefined;
}

/** A halt is not a failure, and hides none. */
function failureIn(facts: SendingFacts): Obstacle | undefined {
  return obstaclesTo(facts).find((obstacle) => stopsEverything(obstacle) && obstacle.reason !== 'Halted');
}
