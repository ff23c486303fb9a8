import type { Clock } from '../../shared/runtime/clock.ts';
import { OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { Comparisons } from './comparisons.ts';
import type { VenueReconciler } from './venue-reconciler.ts';

export interface ReconcileTimerOptions {
  readonly reconciler: VenueReconciler;
  readonly comparisons: Comparisons;
  readonly fence: SenderFence;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Minimum delay between two runs. It doubles with each consecutive nudged run, up to the interval, because a run costs
 * dozens of requests.
 */
const FLOOR_MS = 1_000;
/** Longest delay while something has never been compared, or a long step continues. */
const PENDING_MS = 5_000;

/**
 * Reconciles at its interval while the process is active, and when nudged as soon as the minimum delay allows.
 * Activation runs its own reconciles.
 */
export class ReconcileTimer implements ServicePart {
  readonly name = 'reconcile';
  readonly #options: ReconcileTimerOptions;
  #nudged = false;
  /** Number of consecutive nudged runs. */
  #repeats = 0;
  /** Monotonic milliseconds at which the last run ended. */
  #endedMs = Number.NEGATIVE_INFINITY;
  #wake: AbortController | undefined;

  constructor(options: ReconcileTimerOptions) {
    this.#options = options;
  }

  /**
   * Requests a run because something may have been missed. A nudge during a run causes another one, as that run may
   * have queried too early.
   */
  nudge(): void {
    this.#nudged = true;
    this.#wake?.abort();
  }

  check(): CheckResult {
    const { comparisons, fence } = this.#options;
    const { role } = fence.sender;
    if (role !== 'activating' && role !== 'active') return OK;
    return comparisons.check(fence.grant?.atMs ?? 0);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { reconciler, comparisons, fence, clock, log } = this.#options;
    while (!signal.aborted) {
      await this.#wait(signal);
      if (signal.aborted || fence.sender.role !== 'active') continue;
      await reconciler.run().catch((error: unknown) => log.warn({ err: error }, 'reconcile failed'));
      this.#endedMs = clock.monotonicMs();
      // What has never been compared takes no entries, and a long step continues: both are tried again soon.
      if (comparisons.pending) this.#nudged = true;
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { clock, comparisons, intervalMs, fence } = this.#options;
    const wake = new AbortController();
    this.#wake = wake;
    if (!this.#nudged || fence.sender.role !== 'active')
      await pause(clock, intervalMs, AbortSignal.any([signal, wake.signal]));
    const longestMs = comparisons.pending ? Math.min(intervalMs, PENDING_MS) : intervalMs;
    const floorMs = Math.min(longestMs, FLOOR_MS * 2 ** Math.max(0, this.#repeats - 1));
    const restMs = this.#endedMs + floorMs - clock.monotonicMs();
    if (this.#nudged && restMs > 0) await pause(clock, restMs, signal);
    this.#repeats = this.#nudged && fence.sender.role === 'active' ? this.#repeats + 1 : 0;
    this.#nudged = false;
  }
}
