import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { VenueReconciler } from './venue-reconciler.ts';

export interface ReconcileTimerOptions {
  readonly reconciler: VenueReconciler;
  readonly fence: SenderFence;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Not compared for longer than this many intervals, or half a minute, is a fault; so is an activation that takes longer. */
const OVERDUE_INTERVALS = 4;
const OVERDUE_LEAST_MS = 30_000;
/** Least pause between two runs; it doubles with each run in a row that was nudged for, up to the interval. A run costs dozens of requests. */
const FLOOR_MS = 1_000;

/** Reconciles at its interval, and at once when nudged, but for the floor, while the process is active; activation runs its own. */
export class ReconcileTimer implements ServicePart {
  readonly name = 'reconcile';
  readonly #options: ReconcileTimerOptions;
  #nudged = false;
  /** Runs in a row that were nudged for. */
  #repeats = 0;
  /** When the last run ended, monotonic. */
  #endedMs = Number.NEGATIVE_INFINITY;
  #wake: AbortController | undefined;

  constructor(options: ReconcileTimerOptions) {
    this.#options = options;
  }

  /** Something may have been missed. Also counts while a run is under way: that one may have asked too early. */
  nudge(): void {
    this.#nudged = true;
    this.#wake?.abort();
  }

  check(): CheckResult {
    const { reconciler, fence, intervalMs, clock } = this.#options;
    const { role } = fence.sender;
    if (role !== 'activating' && role !== 'active') return OK;
    const sinceGrantMs = clock.monotonicMs() - (fence.grant?.atMs ?? 0);
    const age = role === 'active' ? (reconciler.ageMs() ?? sinceGrantMs) : sinceGrantMs;
    if (age <= Math.max(OVERDUE_LEAST_MS, intervalMs * OVERDUE_INTERVALS)) return OK;
    const since = role === 'active' ? 'were last compared' : 'should have been compared since the fence was taken';
    return failed('ReconcileOverdue', `record and venue ${since} ${Math.round(age)} ms ago`);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { reconciler, fence, clock, log } = this.#options;
    while (!signal.aborted) {
      await this.#wait(signal);
      if (signal.aborted || fence.sender.role !== 'active') continue;
      await reconciler.run().catch((error: unknown) => log.warn({ err: error }, 'reconcile failed'));
      this.#endedMs = clock.monotonicMs();
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, fence } = this.#options;
    const wake = new AbortController();
    this.#wake = wake;
    if (!this.#nudged || fence.sender.role !== 'active')
      await pause(clock, intervalMs, AbortSignal.any([signal, wake.signal]));
    const floorMs = Math.min(intervalMs, FLOOR_MS * 2 ** Math.max(0, this.#repeats - 1));
    const restMs = this.#endedMs + floorMs - clock.monotonicMs();
    if (this.#nudged && restMs > 0) await pause(clock, restMs, signal);
    this.#repeats = this.#nudged && fence.sender.role === 'active' ? this.#repeats + 1 : 0;
    this.#nudged = false;
  }
}
