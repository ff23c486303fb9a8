import { FINALIZER } from '../../api/v1alpha1/labels.ts';
import type { TradingStackSpec } from '../../api/v1alpha1/trading-stack/spec.ts';
import type { ServiceStatus, TierStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { parseSpec } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { renderRelease, type Release } from '../../releases/render-release.ts';
import type { ChildObject } from '../../resources/child-object.ts';
import type { StackContext, Surroundings } from '../../resources/stack-context.ts';
import { NOTHING, type Decision } from './decision.ts';
import type { Observation, ObservedChild } from './observe/observation.ts';
import type { Blocker } from './rollout/blocker.ts';
import { openedObjects, sharedObjects, stoppingObjects, superfluous } from './rollout/desired-objects.ts';
import type { ServiceView } from './rollout/gates.ts';
import { findMissingSecret } from './rollout/missing-secret.ts';
import { createServiceViews } from './rollout/service-views.ts';
import { teardown } from './rollout/teardown.ts';
import { evaluateTiers } from './rollout/tiers.ts';
import { workloadsOf } from './sender/colours.ts';
import { decideStackSender } from './sender/stack-sender.ts';
import { serviceStatus } from './status/service-status.ts';
import { eventsBetween } from './status/stack-events.ts';
import { statusOf, type Facts } from './status/status-of.ts';

/** Delay until the next reconcile, which polls the processes but not the API server. */
const ROLLING_MS = 1_000;
const RUNNING_MS = 5_000;

/**
 * Decides what to write from an observation. Pure and idempotent: deciding again after the decision was applied gives
 * no change. First the plan: what the spec asks for, or what blocks it. Then, for every plan alike, the sender, the
 * status and the events.
 */
export function decide(observation: Observation, surroundings: Surroundings): Decision {
  const { stack, takenBy } = observation;
  if (stack.deleting) return decideDeletion(observation);
  if (takenBy !== undefined) return carryOut(observation, blocked(namespaceTaken(stack.namespace, takenBy)));
  const parsed = parseSpec(stack.spec);
  if ('problem' in parsed) return carryOut(observation, blocked(invalidSpec(parsed.problem)));
  const { spec } = parsed;
  if (!stack.finalizers.includes(FINALIZER))
    return spec.suspend ? carryOut(observation, { ...NO_PLAN, spec }) : { ...NOTHING, finalizer: 'Add' };
  const { name, namespace, uid } = stack;
  return carryOut(observation, planRelease(observation, { name, namespace, uid, ...surroundings, spec, workloadsOf }));
}

/** The desired state as far as it is known, and what blocks the rest. */
interface Plan {
  readonly spec: TradingStackSpec | undefined;
  readonly release: Release | undefined;
  readonly haltConfirmed: boolean;
  readonly blocker: Blocker | undefined;
  readonly objects: readonly ChildObject[];
  readonly deletions: readonly ObservedChild[];
  /** Undefined if the tiers are not evaluated; then the status keeps what it reports of them. */
  readonly rollout: Rollout | undefined;
}

interface Rollout {
  readonly desired: string;
  readonly tiers: readonly TierStatus[];
  readonly services: readonly ServiceStatus[];
}

const NO_PLAN: Plan = {
  spec: undefined,
  release: undefined,
  haltConfirmed: false,
  blocker: undefined,
  objects: [],
  deletions: [],
  rollout: undefined,
};

function blocked(blocker: Blocker): Plan {
  return { ...NO_PLAN, blocker };
}

function planRelease(observation: Observation, context: StackContext): Plan {
  const { stack, nowMs } = observation;
  const { spec } = context;
  const base = sharedObjects(context, observation);
  const release = renderRelease(context, versionsOf(observation));
  const viewOf = createServiceViews(release, observation);
  const stopping = stoppingObjects(context, release, viewOf);
  const plan = { ...NO_PLAN, spec, release, haltConfirmed: haltConfirmed(release, viewOf) };
  const missing = findMissingSecret(context, observation.secrets);
  if (missing !== undefined)
    return { ...plan, blocker: missing, objects: spec.suspend ? stopping : [...base, ...stopping] };
  const previous = stack.status.tiers ?? [];
  const tiers = evaluateTiers({
    tiers: release.tiers,
    viewOf,
    previous,
    rollout: spec.rollout,
    halt: spec.halt,
    nowMs,
  });
  const services = serviceStatuses({ release, tiers, viewOf, previous: stack.status.services ?? [] });
  const rollout = { desired: release.hash, tiers, services };
  if (spec.suspend) return { ...plan, rollout, objects: stopping };
  const objects = [...base, ...openedObjects(context, release, tiers)];
  return { ...plan, rollout, objects, deletions: superfluous(observation.children, objects, { release, tiers }) };
}

/** Completes a plan with the sender, the status, the events and the time of the next reconcile. */
function carryOut(observation: Observation, plan: Plan): Decision {
  const { stack } = observation;
  const { spec, release, haltConfirmed, blocker, rollout, objects, deletions } = plan;
  const sender = decideStackSender(observation, { spec, release, rollsOut: rollout !== undefined });
  const status = statusOf({
    ...factsOf(observation),
    spec,
    haltConfirmed,
    blocker,
    ...(rollout ?? lastRollout(stack.status)),
    execution: sender.execution,
  });
  const settled = rollout === undefined || status.phase === 'Running' || status.phase === 'Suspended';
  return {
    ...NOTHING,
    objects,
    deletions,
    activate: sender.activate,
    status,
    events: eventsBetween(stack.status, status),
    requeueAfterMs: settled ? RUNNING_MS : ROLLING_MS,
  };
}

/** The part of the status that is kept while the tiers are not evaluated. */
function lastRollout({ tiers = [], services = [] }: TradingStackStatus): Pick<Facts, 'desired' | 'tiers' | 'services'> {
  return { desired: undefined, tiers, services };
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

/** Whether every process that carries a halt runs, and reports the service hash that contains the halt. */
function haltConfirmed({ tiers }: Release, viewOf: (service: string) => ServiceView): boolean {
  const carriers = tiers.flatMap(({ services }) => services).filter(({ row }) => row.carriesHalt === true);
  return carriers.every(({ row, hash }) => {
    const { pods, desired } = viewOf(row.name);
    const confirming = pods.filter(({ answer }) => answer.kind === 'Answered' && answer.statusz.release === hash);
    return confirming.length === pods.length && pods.length >= desired;
  });
}

function versionsOf({ secrets }: Observation): ReadonlyMap<string, string> {
  return new Map([...secrets].map(([name, { version }]) => [name, version]));
}

/** Facts of a stack of which nothing else is known. */
function factsOf({ stack, nowMs }: Observation): Facts {
  return {
    generation: stack.generation,
    nowMs,
    previous: stack.status,
    spec: undefined,
    desired: undefined,
    tiers: [],
    services: [],
    execution: undefined,
    haltConfirmed: false,
    blocker: undefined,
    deleting: false,
  };
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
  const facts = {
    ...factsOf(observation),
    deleting: true,
    blocker: { subject: 'teardown', reason: 'Deleting', message: `waiting for ${waitingFor}`, stalls: false },
  };
  const status = { ...statusOf(facts), ...stoppedPart(stack.status) };
  return {
    ...NOTHING,
    scaleToZero,
    deletions,
    status,
    events: eventsBetween(stack.status, status),
    requeueAfterMs: RUNNING_MS,
  };
}

/** Keeps the mode and the recorded epoch, which must never be used again. */
function stoppedPart({ execution, mode }: TradingStackStatus): Partial<TradingStackStatus> {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(execution === undefined ? {} : { execution: { active: 'none' as const, epoch: execution.epoch } }),
  };
}
