import type { Reconcile } from '../../kube/queue/controller.ts';
import { parseKey } from '../../kube/client/resource.ts';
import type { Surroundings } from '../../resources/stack-context.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { decide } from './decide.ts';
import { observe, type ObserveOptions } from './observe/observe.ts';
import type { StackStatusMetrics } from './status/stack-status-metrics.ts';

export interface ReconcilerOptions extends ObserveOptions, ApplyOptions {
  readonly surroundings: Surroundings;
  readonly metrics?: StackStatusMetrics;
}

/** Creates the reconcile function of a stack: observe, decide, apply. */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  return async (key, signal) => {
    const observed = await observe(options, parseKey(key), signal);
    if (observed === undefined) {
      options.metrics?.forget(key);
      return {};
    }
    const decision = decide(observed.observation, options.surroundings);
    if (decision.status !== undefined) options.metrics?.record(key, decision.status);
    await apply(options, observed, decision, signal);
    return decision.requeueAfterMs === undefined ? {} : { requeueAfterMs: decision.requeueAfterMs };
  };
}
