import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import { isUnanswered } from './core/order-decider.ts';
import type { FenceKeeper } from './fence-keeper.ts';
import type { OrderKeeper } from './order-keeper.ts';
import type { Reconciler } from './reconciler.ts';
import type { Resolver } from './resolver.ts';

export interface ActivationOptions {
  readonly fence: FenceKeeper;
  readonly reconciler: Reconciler;
  readonly resolver: Resolver;
  readonly keeper: OrderKeeper;
  readonly recvWindowMs: number;
  readonly skewBoundMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const STEP_MS = 100;
/** After a step that failed: the venue or the database is away. */
const AGAIN_MS = 1_000;

/**
 * From the grant to the first order: waits until the venue accepts nothing of an older sender any more, reconciles, and asks until no intent of an older
 * epoch is open. Only then does the process become active.
 */
export function createActivation(options: ActivationOptions): ServicePart {
  const { fence, clock, log } = options;
  return {
    name: 'activation',
    run: async (signal) => {
      while (!signal.aborted) {
        let failed = false;
        if (fence.sender.role === 'activating') {
          await step(options).catch((error: unknown) => {
            failed = true;
            log.warn({ err: error }, 'activation goes on');
          });
        }
        await pause(clock, failed ? AGAIN_MS : STEP_MS, signal);
      }
    },
  };
}

async function step({
  fence,
  reconciler,
  resolver,
  keeper,
  recvWindowMs,
  skewBoundMs,
  clock,
  log,
}: ActivationOptions): Promise<void> {
  const { grant } = fence;
  if (grant === undefined) return;
  const waitMs = grant.drained ? 0 : recvWindowMs + skewBoundMs;
  if (clock.monotonicMs() - grant.atMs < waitMs) return;
  if (reconciler.ageMs() === null || (reconciler.ageMs() ?? 0) > clock.monotonicMs() - grant.atMs - waitMs) {
    await reconciler.run();
  }
  if (keeper.live().some(({ state }) => isUnanswered(state))) {
    await resolver.turn();
    return;
  }
  fence.reconciled();
  log.info({ epoch: fence.sender.epoch, tookMs: clock.monotonicMs() - grant.atMs }, 'reconciled, orders may be sent');
}
