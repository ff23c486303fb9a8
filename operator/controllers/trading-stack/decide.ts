import { FINALIZER } from '../../api/v1alpha1/labels.ts';
import type { ServiceStatus, TierStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { readSwitches } from '../../api/v1alpha1/trading-stack/switches.ts';
import { parseSpec } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { renderRelease, type Release } from '../../releases/render-release.ts';
import type { ChildObject } from '../../resources/child-object.ts';
import type { StackContext, Surroundings } from '../../resources/stack-context.ts';
import { NOTHING, type Decision } from './decision.ts';
import type { Observation, ObservedChild } from './observe/observation.ts';
import type { Blocker } from './rollout/blocker.ts';
import { missingControlSecret, openedObjects, sharedObjects, superfluous } from './rollout/desired-objects.ts';
import type { ServiceView } from './rollout/gates.ts';
import { findMissingSecret } from './rollout/missing-secret.ts';
import { runningRelease } from './rollout/running-release.ts';
import { createServiceViews } from './rollout/service-views.ts';
import { teardown } from './rollout/teardown.ts';
import { evaluateTiers } from './rollout/tiers.ts';
import { workloadsOf } from './sender/colours.ts';
import { decideStackSender } from './sender/stack-sender.ts';
import { contestedProblem } from './status/degraded/drift.ts';
import { partialProblem } from './status/degraded/partial-problem.ts';
import { serviceStatus } from './status/service-status.ts';
import { eventsBetween } from './status/stack-events.ts';
import { statusOf } from './status/status-of.ts';
import { isUnsaved, planTrading } from './trading/plan-trading.ts';
import { viewTrading } from './trading/trading-view.ts';

/** Delay until the next reconcile, which also picks up what no event announces. */
const ROLLING_MS = 1_000;
const RUNNING_MS = 5_000;

/**
 * Decides what to write from an observation. Pure and idempotent: deciding again after the decision was applied gives
 * no change. First the plan: the desired release, or what blocks it. Then, for every plan alike, the tiers and services
 * as observed, the sender, the status and the events. A blocked stack differs only in what is written.
 */
export function decide(observation: Observation, surroundings: Surroundings): Decision {
  const { stack } = observation;
  if (stack.deleting) return decideDeletion(observation);
  const plan = planOf(observation, surroundings);
  if (plan.blocker === undefined && !plan.suspended && !stack.finalizers.includes(FINALIZER))
    return { ...NOTHING, finalizer: 'Add' };
  const { tiers, services } = rolloutOf(observation, plan);
  const { objects, deletions } = writesOf(observation, plan, tiers);
  return { ...report(observation, plan, { tiers, services }), objects, deletions };
}

/** The desired release as far as it is known, and what blocks it. */
interface Plan {
  /** Undefined if the spec cannot be read, or may not be acted on. */
  readonly context: StackContext | undefined;
  readonly suspended: boolean;
  readonly blocker: Blocker | undefined;
  /** The desired release; the running one while it is blocked. */
  readonly release: Release;
  /** Whether `release` is the desired one. */
  readonly rollsOut: boolean;
  readonly deleting: boolean;
}

function planOf(observation: Observation, surroundings: Surroundings): Plan {
  const { stack, takenBy } = observation;
  const running = {
    context: undefined,
    suspended: readSwitches(stack.spec).suspend,
    release: runningRelease(observation, workloadsOf),
    rollsOut: false,
    deleting: false,
  };
  if (takenBy !== undefined) return { ...running, blocker: namespaceTaken(stack.namespace, takenBy) };
  const parsed = parseSpec(stack.spec);
  if ('problem' in parsed) return { ...running, blocker: invalidSpec(parsed.problem) };
  const { name, namespace, uid, finalizers } = stack;
  const context = { name, namespace, uid, ...surroundings, spec: parsed.spec, workloadsOf };
  // A stack that was suspended before its first rollout has nothing to evaluate.
  if (!finalizers.includes(FINALIZER)) return { ...running, context, blocker: undefined };
  const missing = findMissingSecret(context, observation.secrets);
  if (missing !== undefined) return { ...running, context, blocker: missing };
  const release = renderRelease(context, versionsOf(observation));
  return { ...running, context, blocker: undefined, release, rollsOut: true };
}

interface Rollout {
  readonly tiers: readonly TierStatus[];
  readonly services: readonly ServiceStatus[];
}

/** Evaluates the gates on what is observed. While the stack is blocked, no further tier opens. */
function rolloutOf(observation: Observation, { release, rollsOut, context }: Plan): Rollout {
  const { stack, nowMs } = observation;
  const viewOf = createServiceViews(release, observation);
  const tiers = evaluateTiers({
    tiers: release.tiers,
    viewOf,
    previous: stack.status.tiers ?? [],
    soakSeconds: context?.spec.rollout.soakSeconds ?? 0,
    opens: rollsOut,
    nowMs,
  });
  return { tiers, services: serviceStatuses({ release, tiers, viewOf, previous: stack.status.services ?? [] }) };
}

function serviceStatuses(input: {
  readonly release: Release;
  readonly tiers: readonly TierStatus[];
  readonly viewOf: (service: string) => ServiceView;
  readonly previous: readonly ServiceStatus[];
}): readonly ServiceStatus[] {
  return input.release.tiers.flatMap(({ name, services }) => {
    const state = input.tiers.find((tier) => tier.name === name)?.state ?? 'Waiting';
    return services.map(({ row }) => serviceStatus(input.viewOf(row.name), state, input.previous));
  });
}

interface Writes {
  readonly objects: readonly ChildObject[];
  readonly deletions: readonly ObservedChild[];
}

function writesOf(observation: Observation, plan: Plan, tiers: readonly TierStatus[]): Writes {
  const { context, suspended, blocker, release, rollsOut } = plan;
  if (context === undefined || suspended) return { objects: missingControlSecret(observation), deletions: [] };
  const shared = sharedObjects(context, observation);
  // The Secrets that the operator itself creates do not wait for those that are missing.
  if (!rollsOut || blocker !== undefined) return { objects: shared, deletions: [] };
  const objects = [...shared, ...openedObjects(context, release, tiers)];
  return { objects, deletions: superfluous(observation.children, objects, { release, tiers }) };
}

/** Decides the sender, the status, the events and the time of the next reconcile. The same for every plan. */
function report(observation: Observation, plan: Plan, { tiers, services }: Rollout): Decision {
  const { stack, nowMs } = observation;
  const { context, suspended, blocker, release, rollsOut, deleting } = plan;
  const trading = planTrading(observation);
  const sender = decideStackSender(observation, {
    mayActivate: context !== undefined && !suspended,
    requested: [...trading.records, ...trading.foreign.filter(isUnsaved)],
  });
  const status = statusOf({
    generation: stack.generation,
    nowMs,
    previous: stack.status,
    spec: context?.spec,
    suspended,
    desired: rollsOut ? release.hash : undefined,
    tiers,
    services,
    execution: sender.execution,
    sending: sender.sending,
    trading: viewTrading(observation, trading),
    contested: contestedProblem(observation.contested),
    partial: partialProblem(observation.pods, degradedMessage(stack.status)),
    blocker,
    deleting,
  });
  const settled = !rollsOut || status.phase === 'Running' || status.phase === 'Suspended';
  return {
    ...NOTHING,
    activate: sender.activate,
    status,
    events: eventsBetween(stack.status, status),
    requeueAfterMs: settled ? RUNNING_MS : ROLLING_MS,
  };
}

function degradedMessage({ conditions }: TradingStackStatus): string | undefined {
  return conditions?.find(({ type }) => type === 'Degraded')?.message;
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

function decideDeletion(observation: Observation): Decision {
  const { stack } = observation;
  if (!stack.finalizers.includes(FINALIZER)) return NOTHING;
  const { scaleToZero, deletions, waitingFor } = teardown(observation);
  if (waitingFor === '') return { ...NOTHING, finalizer: 'Remove' };
  const plan: Plan = {
    context: undefined,
    suspended: false,
    release: runningRelease(observation, workloadsOf),
    rollsOut: false,
    deleting: true,
    blocker: { subject: 'teardown', reason: 'Deleting', message: `waiting for ${waitingFor}`, stalls: false },
  };
  return { ...report(observation, plan, rolloutOf(observation, plan)), scaleToZero, deletions };
}
