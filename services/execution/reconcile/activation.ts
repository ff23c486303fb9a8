import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import { acceptableForMs } from '../core/unknown-schedule.ts';
import type { Grant, SenderFence } from '../fence/sender-fence.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Comparisons } from './comparisons.ts';
import type { ReconcileTimer } from './reconcile-timer.ts';
import type { VenueReconciler } from './venue-reconciler.ts';

export interface ActivationOptions {
  readonly fence: SenderFence;
  readonly reconciler: VenueReconciler;
  readonly comparisons: Comparisons;
  readonly timer: Pick<ReconcileTimer, 'nudge'>;
  readonly orders: LiveOrders;
  readonly recvWindowMs: number;
  readonly skewBoundMs: number;
  /** How far a timestamp may be ahead of the venue's clock. Milliseconds. */
  readonly acceptedAheadMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const STEP_MS = 100;
/** Delay after a failed step: the venue or the database is unavailable. */
const RETRY_MS = 1_000;

/**
 * Runs from the grant to the first order: waits until the venue can no longer accept a request of an older sender, then
 * reconciles until the clocks are compared and the venue has answered for every order of at least one instrument. Every
 * other instrument takes no orders until the venue has answered for its orders too (core/sending.ts). An order whose
 * query the venue rejects, or that it does not show yet, stays unknown: the resolver keeps querying it, and its
 * instrument accepts only sells. Orders are loaded first, so that a halt can cancel resting ones.
 */
export function createActivation(options: ActivationOptions): ServicePart {
  const { fence, orders, clock, log } = options;
  /** The grant for which the orders are loaded. */
  let loadedFor: Grant | undefined;
  const step = async (): Promise<void> => {
    const { grant } = fence;
    if (loadedFor !== grant) await orders.reload();
    loadedFor = grant;
    if (waited(options)) await finish(options);
  };
  return {
    name: 'activation',
    run: async (signal) => {
      while (!signal.aborted) {
        let failed = false;
        if (fence.reconciling) {
          await step().catch((error: unknown) => {
            failed = true;
            log.warn({ err: error }, 'activation step failed, retrying');
          });
        }
        await pause(clock, failed ? RETRY_MS : STEP_MS, signal);
      }
    },
  };
}

/** Whether the venue can no longer accept any request that an older sender signed. */
function waited({ fence: { grant }, clock, ...rules }: ActivationOptions): boolean {
  if (grant === undefined) return false;
  return grant.drained || clock.monotonicMs() - grant.atMs >= acceptableForMs(rules);
}

async function finish({ fence, reconciler, comparisons, timer, clock, log }: ActivationOptions): Promise<void> {
  await reconciler.run();
  if (!comparisons.ready) throw new Error('no instrument is reconciled with the venue yet');
  fence.reconciled();
  // The others should not wait for the interval.
  if (comparisons.pending) timer.nudge();
  const tookMs = Math.round(clock.monotonicMs() - (fence.grant?.atMs ?? 0));
  log.info({ epoch: fence.sender.epoch, tookMs }, 'reconciled with the venue, orders may be sent');
}
