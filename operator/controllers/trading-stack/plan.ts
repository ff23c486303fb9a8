import { readSwitches } from '../../api/v1alpha1/trading-stack/switches.ts';
import { FINALIZER, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { parseSpec } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { nextOpening } from '../../api/v1alpha1/trading-stack/rollout/window.ts';
import { renderRelease, type Release } from '../../releases/render-release.ts';
import type { StackContext, Surroundings } from '../../resources/stack-context.ts';
import type { Observation } from './observe/observation.ts';
import type { Blocker } from './rollout/blocker.ts';
import { findMissingSecret } from './rollout/missing-secret.ts';
import { releasesOf } from './rollout/requested-release.ts';
import { windowText } from './rollout/swap/swap-view.ts';
import { runningRelease } from './rollout/running-release.ts';

/** The desired release as far as it is known, and what blocks it. */
export interface Plan {
  /** Undefined if the spec cannot be read, or may not be acted on. */
  readonly context: StackContext | undefined;
  readonly suspended: boolean;
  readonly blocker: Blocker | undefined;
  /** The release that the spec describes; the running one while that is blocked. */
  readonly release: Release;
  /** Whether `release` is the one that the spec describes. */
  readonly rollsOut: boolean;
  readonly deleting: boolean;
}

/** Reads what the spec asks for. */
export function planOf(observation: Observation, surroundings: Surroundings): Plan {
  const { stack, takenBy } = observation;
  const running = {
    context: undefined,
    suspended: readSwitches(stack.spec).suspend,
    release: runningRelease(observation),
    rollsOut: false,
    deleting: false,
  };
  if (takenBy !== undefined) return { ...running, blocker: namespaceTaken(stack.namespace, takenBy) };
  const parsed = parseSpec(stack.spec);
  if ('problem' in parsed) return { ...running, blocker: invalidSpec(parsed.problem) };
  const { name, namespace, uid, finalizers } = stack;
  const context = { name, namespace, uid, ...surroundings, spec: parsed.spec };
  // A stack that was suspended before its first rollout has nothing to evaluate.
  if (!finalizers.includes(FINALIZER)) return { ...running, context, blocker: undefined };
  const missing = findMissingSecret(context, observation.secrets);
  if (missing !== undefined) return { ...running, context, blocker: missing };
  const release = renderRelease(context, versionsOf(observation));
  const closed = firstRolloutWaits(observation, context, release);
  if (closed !== undefined) return { ...running, context, blocker: closed };
  return { ...running, context, blocker: undefined, release, rollsOut: true };
}

/**
 * The first rollout waits for the window like others. A later one leaves what runs, see choose-target.ts, unless that
 * cannot be restored any more: then nothing is changed before the window opens.
 */
function firstRolloutWaits(
  observation: Observation,
  { spec: { rollout } }: StackContext,
  release: Release,
): Blocker | undefined {
  const { stack, nowMs } = observation;
  const { target = '', failed } = stack.status.release ?? {};
  const isReturning = failed?.release === release.hash || (stack.annotations[ROLLBACK_ANNOTATION] ?? '') !== '';
  if (rollout.window === undefined || isReturning || releasesOf(observation, release)(target) !== undefined)
    return undefined;
  const opensMs = nextOpening(rollout.window, nowMs);
  if (opensMs === undefined) return undefined;
  return {
    subject: 'release',
    reason: 'WindowClosed',
    message: `release ${release.hash} waits for ${windowText(opensMs)}`,
    stalls: false,
  };
}

function versionsOf({ secrets }: Observation): ReadonlyMap<string, string> {
  return new Map([...secrets].map(([name, { version }]) => [name, version]));
}

function invalidSpec(message: string): Blocker {
  return { subject: 'spec', reason: 'InvalidSpec', message, stalls: true };
}

function namespaceTaken(namespace: string, name: string): Blocker {
  const message = `namespace ${namespace} belongs to TradingStack ${name}; use another namespace`;
  return { subject: 'metadata.namespace', reason: 'NamespaceTaken', message, stalls: true };
}

/** The plan of a stack that is being deleted. */
export function deletionPlan(observation: Observation, waitingFor: string): Plan {
  return {
    context: undefined,
    suspended: false,
    release: runningRelease(observation),
    rollsOut: false,
    deleting: true,
    blocker: { subject: 'teardown', reason: 'Deleting', message: `waiting for ${waitingFor}`, stalls: false },
  };
}
