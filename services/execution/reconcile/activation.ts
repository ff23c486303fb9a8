import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import { windowHasPassed } from '../core/swap/window-has-passed.ts';
import type { Grant, SenderFence } from '../fence/sender-fence.ts';
import type { CancelRequests } from '../orders/cancel-requests.ts';
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
  readonly cancelRequests: Pick<CancelRequests, 'read'>;
  /** Begins with what a drained sender had compared, where that is safe. Whether orders may be sent then. */
  readonly takeOver: () => Promise<boolean>;
  /** Called when orders may be sent. */
  readonly onActive: () => void;
  readonly recvWindowMs: number;
  readonly skewBoundMs: number;
  /** How far a timestamp may be ahead of the venue's clock. Milliseconds. */
  readonly acceptedAheadMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const STEP_MS = 100;
/** While this process holds no grant to work on: `wake` ends the pause. */
const IDLE_MS = 1_000;
/** From one look at whether orders may be sent to the next, while a reconcile runs. */
const LOOK_MS = 20;
/** Delay after a failed step: the venue or the database is unavailable. */
const RETRY_MS = 1_000;

export interface Activation extends ServicePart {
  /** Starts the next step at once: this process may have been granted the fence. */
  wake(): void;
}

/**
 * Runs from the grant to the first order: waits until the venue can no longer accept a request of an older sender,
 * then reconciles until the clocks are compared and the venue has answered for every order of at least one
 * instrument. The rest of that run, which reads fills and balances, goes on while exits are sent. After a clean
 * drain it begins with what the drained sender had compared, see swap/succession.ts. Every other instrument takes no
 * orders until the venue has answered for its orders too (core/sending.ts). An order whose query the venue rejects,
 * or that it does not show yet, stays unknown: the resolver keeps querying it, and its instrument accepts only
 * sells. Orders are loaded first, so that a halt can cancel resting ones.
 */
export function createActivation(options: ActivationOptions): Activation {
  const { fence, orders, cancelRequests, takeOver, clock, log } = options;
  /** The grant for which the orders are loaded. */
  let loadedFor: Grant | undefined;
  let isTakenOver = false;
  let resting = new AbortController();
  const step = async (): Promise<void> => {
    const { grant } = fence;
    if (loadedFor !== grant) {
      await Promise.all([orders.reload(), cancelRequests.read()]);
      isTakenOver = await takeOver();
    }
    loadedFor = grant;
    if (windowHasPassed(fence.grant, clock.monotonicMs(), options)) await finish(options, isTakenOver);
  };
  const rest = async (ms: number): Promise<void> => {
    await pause(clock, ms, resting.signal);
    if (resting.signal.aborted) resting = new AbortController();
  };
  const wake = (): void => resting.abort();
  return {
    name: 'activation',
    wake,
    run: async (signal) => {
      signal.addEventListener('abort', wake);
      while (!signal.aborted) {
        let restMs = fence.reconciling ? STEP_MS : IDLE_MS;
        if (fence.reconciling) {
          await step().catch((error: unknown) => {
            restMs = RETRY_MS;
            log.warn({ err: error }, 'activation step failed, retrying');
          });
        }
        await rest(restMs);
      }
    },
  };
}

async function finish(options: ActivationOptions, isTakenOver: boolean): Promise<void> {
  const { fence, comparisons, timer, onActive, clock, log } = options;
  if (!isTakenOver) await reconcileUntilReady(options);
  if (!comparisons.ready) throw new Error('no instrument is reconciled with the venue yet');
  fence.reconciled();
  // A takeover is followed by a reconcile of everything.
  if (isTakenOver) timer.nudge();
  onActive();
  const tookMs = Math.round(clock.monotonicMs() - (fence.grant?.atMs ?? 0));
  log.info({ epoch: fence.sender.epoch, tookMs, isTakenOver }, 'compared with the venue, orders may be sent');
}

/** Resolves once orders may be sent, or when the run has ended without that. */
async function reconcileUntilReady({ reconciler, comparisons, timer, clock, log }: ActivationOptions): Promise<void> {
  const ended = new AbortController();
  const run = reconciler.run().finally(() => ended.abort());
  // What is missing after it should not wait for the interval.
  run.then(
    () => comparisons.pending && timer.nudge(),
    (error: unknown) => log.warn({ err: error }, 'the reconcile of an activation failed'),
  );
  while (!ended.signal.aborted && !comparisons.ready) await pause(clock, LOOK_MS, ended.signal);
  if (!comparisons.ready) await run;
}
