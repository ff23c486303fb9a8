import type { Reconcile } from '../../kube/queue/controller.ts';
import { parseKey } from '../../kube/client/resource.ts';
import type { Surroundings } from '../../resources/stack-context.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { createClaimGuard } from './claim-guard.ts';
import type { Claims } from './claim.ts';
import type { CommandSender } from './command.ts';
import { decide } from './decide.ts';
import { observe, type ObserveOptions } from './observe/observe.ts';
import { isPending } from './observe/pod.ts';
import { createOwnSecrets } from './observe/own-secrets.ts';
import type { Prober } from '../../pods/prober.ts';
import type { StackStatusMetrics } from './status/stack-status-metrics.ts';
import { afterCommands } from './trading/after-commands.ts';
import { planTrading } from './trading/plan-trading.ts';

export interface ReconcilerOptions extends Omit<ObserveOptions, 'ownSecrets' | 'processes'>, ApplyOptions {
  readonly claims: Claims;
  readonly commands: Pick<CommandSender, 'set' | 'resultsOf'>;
  readonly processes: Pick<Prober, 'watch' | 'answersOf' | 'askSenders' | 'forget'>;
  /** Returns a new random secret of 256 bits, for Secrets that do not exist yet. */
  readonly newToken: () => string;
  readonly surroundings: Surroundings;
  readonly metrics?: StackStatusMetrics;
}

/** Delay until the next reconcile while processes are asked for the first time. */
const ASKING_MS = 1_000;

/**
 * Creates the reconcile function of a stack: observe, command, decide, apply. The trading state is commanded first and
 * on its own: it needs neither a release nor a valid spec, and nothing that is rolled out can hold it back. The answers
 * arrive later and enqueue the stack again. A stack that another installation manages is left alone.
 */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const guard = createClaimGuard(options);
  const ownSecrets = createOwnSecrets(options.caches, options.newToken);
  /** Stacks of which this operator has asked every process at least once. */
  const known = new Set<string>();
  const forget = (key: string): void => {
    known.delete(key);
    options.metrics?.forget(key);
    options.processes.forget(key);
    options.commands.set(key, [], '');
  };
  return async (key, signal) => {
    const left = guard.leave(key);
    if (left !== undefined) {
      forget(key);
      return left;
    }
    const observed = observe({ ...options, ownSecrets }, parseKey(key));
    if (observed === undefined) {
      forget(key);
      guard.forget(key);
      ownSecrets.forget(parseKey(key).namespace ?? '');
      return {};
    }
    const observation = afterCommands(observed.observation, options.commands.resultsOf(observed.observation.pods));
    options.commands.set(key, planTrading(observation).commands, observation.own.controlToken);
    const claimed = await guard.claim(observed, signal);
    if (claimed !== undefined) return claimed;
    // An operator that has just started knows less than the status says. The prober enqueues the stack again.
    if (!known.has(key) && observation.pods.some(isPending)) return { requeueAfterMs: ASKING_MS };
    known.add(key);
    const decision = decide(observation, options.surroundings);
    if (decision.status !== undefined) options.metrics?.record(key, decision.status);
    await apply(options, { ...observed, observation }, decision, signal);
    return decision.requeueAfterMs === undefined ? {} : { requeueAfterMs: decision.requeueAfterMs };
  };
}
