import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import { acceptableForMs } from '../core/unknown-schedule.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { VenueReconciler } from './venue-reconciler.ts';

export interface ActivationOptions {
  readonly fence: SenderFence;
  readonly reconciler: VenueReconciler;
  readonly orders: LiveOrders;
  readonly recvWindowMs: number;
  readonly skewBoundMs: number;
  /** How far a timestamp may be ahead of the venue's clock. Milliseconds. */
  readonly acceptedAheadMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const STEP_MS = 100;
/** After a step that failed: the venue or the database is away. */
const AGAIN_MS = 1_000;

/**
 * From the grant to the first order: waits until the venue accepts nothing of an older sender any more, then reconciles, until the venue has answered for
 * every order that has not ended. What it refuses to tell, or does not show yet, stays unknown: the resolver goes on asking, and the instrument takes
 * only sales meanwhile. Orders are known from the start, so that a halt can cancel what rests.
 */
export function createActivation(options: ActivationOptions): ServicePart {
  const { fence, orders, clock, log } = options;
  let loaded = false;
  const step = async (): Promise<void> => {
    if (!loaded) await orders.reload();
    loaded = true;
    if (waited(options)) await finish(options);
  };
  return {
    name: 'activation',
    run: async (signal) => {
      while (!signal.aborted) {
        let failed = false;
        if (fence.sender.role === 'activating') {
          await step().catch((error: unknown) => {
            failed = true;
            log.warn({ err: error }, 'activation goes on');
          });
        }
        await pause(clock, failed ? AGAIN_MS : STEP_MS, signal);
      }
    },
  };
}

/** Whether nothing that an older sender signed can be accepted any more. */
function waited({ fence: { grant }, clock, ...rules }: ActivationOptions): boolean {
  if (grant === undefined) return false;
  return grant.drained || clock.monotonicMs() - grant.atMs >= acceptableForMs(rules);
}

async function finish({ fence, reconciler, clock, log }: ActivationOptions): Promise<void> {
  const unanswered = await reconciler.run();
  if (unanswered > 0) throw new Error(`the venue does not answer for ${unanswered} orders`);
  fence.reconciled();
  const tookMs = clock.monotonicMs() - (fence.grant?.atMs ?? 0);
  log.info({ epoch: fence.sender.epoch, tookMs }, 'reconciled, orders may be sent');
}
