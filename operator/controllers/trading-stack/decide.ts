import { catalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { FINALIZER } from '../../api/v1alpha1/labels.ts';
import type { TradingStackSpec } from '../../api/v1alpha1/trading-stack/spec.ts';
import type {
  ExecutionStatus,
  ServiceStatus,
  TierStatus,
  TradingStackStatus,
} from '../../api/v1alpha1/trading-stack/status.ts';
import { parseSpec } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { renderRelease, type Release } from '../../releases/render-release.ts';
import type { StackContext, Surroundings } from '../../resources/stack-context.ts';
import { NOTHING, type Decision } from './decision.ts';
import type { Blocker } from './rollout/blocker.ts';
import type { ServiceView } from './rollout/gates.ts';
import { openedObjects, sharedObjects, stoppingObjects, superfluous } from './rollout/desired-objects.ts';
import type { Observation } from './observe/observation.ts';
import { decideSender, type Activate } from './sender/choose-sender.ts';
import { workloadsOf } from './sender/colours.ts';
import { findMissingSecret } from './rollout/missing-secret.ts';
import { serviceStatus } from './status/service-status.ts';
import { createServiceViews } from './rollout/service-views.ts';
import { eventsBetween } from './status/stack-events.ts';
import { statusOf, type Facts } from './status/status-of.ts';
import { teardown } from './rollout/teardown.ts';
import { evaluateTiers } from './rollout/tiers.ts';

/** Delay until the next reconcile, which polls the processes but not the API server. */
const ROLLING_MS = 1_000;
const RUNNING_MS = 5_000;

/**
 * Decides what to write from an observation. Pure and idempotent: deciding again after the decision was applied gives
 * no change.
 */
export function decide(observation: Observation, surroundings: Surroundings): Decision {
  const { stack, takenBy } = observation;
  if (stack.deleting) return decideDeletion(observation);
  if (takenBy !== undefined) return decideNothing(observation, namespaceTaken(stack.namespace, takenBy));
  const parsed = parseSpec(stack.spec);
  if ('problem' in parsed) return decideNothing(observation, invalidSpec(parsed.problem));
  if (!stack.finalizers.includes(FINALIZER)) {
    return parsed.spec.suspend
      ? decideNothing(observation, undefined, { spec: parsed.spec })
      : { ...NOTHING, finalizer: 'Add' };
  }
  const { name, namespace, uid } = stack;
  return decideStack(observation, { name, namespace, uid, ...surroundings, spec: parsed.spec, workloadsOf });
}

function decideStack(observation: Observation, context: StackContext): Decision {
  const { stack, nowMs } = observation;
  const { spec } = context;
  const base = sharedObjects(context, observation);
  const release = renderRelease(context, versionsOf(observation));
  const viewOf = createServiceViews(release, observation);
  const stopping = stoppingObjects(context, release, viewOf);
  const missing = findMissingSecret(context, observation.secrets);
  if (missing !== undefined) {
    const waiting = decideNothing(observation, missing, {
      spec,
      release,
      haltConfirmed: haltConfirmed(release, viewOf),
    });
    return { ...waiting, objects: spec.suspend ? stopping : [...base, ...stopping] };
  }
  const previous = stack.status.tiers ?? [];
  const tiers = evaluateTiers({
    tiers: release.tiers,
    viewOf,
    previous,
    rollout: spec.rollout,
    halt: spec.halt,
    nowMs,
  });
  const sender = decideSender(stack.status.execution, senderPods(observation), nowMs);
  const status = statusOf({
    ...factsOf(observation, spec),
    desired: release.hash,
    tiers,
    services: serviceStatuses({ release, tiers, viewOf, previous: stack.status.services ?? [] }),
    execution: leavesSender(spec) ? withoutNewEpoch(stack.status, sender.execution) : sender.execution,
    haltConfirmed: haltConfirmed(release, viewOf),
  });
  const settled = status.phase === 'Running' || status.phase === 'Suspended';
  const decision = {
    ...NOTHING,
    status,
    events: eventsBetween(stack.status, status),
    requeueAfterMs: settled ? RUNNING_MS : ROLLING_MS,
  };
  if (leavesSender(spec)) return decision;
  const activate = unlessHalted(sender.activate, observation, { spec, release });
  if (spec.suspend) return { ...decision, objects: stopping, activate };
  const objects = [...base, ...openedObjects(context, release, tiers)];
  const deletions = superfluous(observation.children, objects, { release, tiers });
  return { ...decision, objects, deletions, activate };
}

/** A suspended sender is not touched, except for a halt, which must reach every process that sends. */
function leavesSender(spec: TradingStackSpec | undefined): boolean {
  return spec?.suspend === true && !spec.halt;
}

/** During a halt, a process is activated only if it reports the service hash that contains the halt. */
function unlessHalted(
  activate: Activate | undefined,
  { pods }: Observation,
  { spec, release }: Rendered,
): Activate | undefined {
  if (spec?.halt !== true) return activate;
  const services = release?.tiers.flatMap((tier) => tier.services);
  const haltedHash = services?.find(({ row }) => row.update === 'Fenced')?.hash;
  const { answer } = pods.find(({ uid }) => uid === activate?.uid) ?? {};
  return answer?.kind === 'Answered' && answer.statusz.release === haltedHash ? activate : undefined;
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

/** While suspended, no activation is sent, so no new epoch is recorded either. */
function withoutNewEpoch({ execution }: TradingStackStatus, { active, epoch }: ExecutionStatus): ExecutionStatus {
  const transition = execution?.transition;
  return { active, epoch, ...(transition === undefined ? {} : { transition }) };
}

function senderPods({ pods }: Observation): Observation['pods'] {
  return pods.filter(({ service }) => catalogueRow(service).update === 'Fenced');
}

function versionsOf({ secrets }: Observation): ReadonlyMap<string, string> {
  return new Map([...secrets].map(([name, { version }]) => [name, version]));
}

/** The known part of the desired state. */
interface Rendered {
  readonly spec?: TradingStackSpec | undefined;
  readonly release?: Release | undefined;
  readonly haltConfirmed?: boolean;
}

/** Reports why no objects are rendered. The sender is still managed, so that a typing error does not stop trading. */
function decideNothing(observation: Observation, blocker: Blocker | undefined, rendered: Rendered = {}): Decision {
  const { stack, takenBy, nowMs } = observation;
  const untouched = takenBy !== undefined || leavesSender(rendered.spec);
  const sender = untouched ? undefined : decideSender(stack.status.execution, senderPods(observation), nowMs);
  const execution = sender?.execution ?? stack.status.execution;
  const facts = {
    ...factsOf(observation, rendered.spec),
    blocker,
    tiers: stack.status.tiers ?? [],
    services: stack.status.services ?? [],
    execution: senderPods(observation).length === 0 ? stack.status.execution : execution,
    haltConfirmed: rendered.haltConfirmed === true,
  };
  const status = statusOf(facts);
  const events = eventsBetween(stack.status, status);
  const activate = unlessHalted(sender?.activate, observation, rendered);
  return { ...NOTHING, status, events, activate, requeueAfterMs: RUNNING_MS };
}

function factsOf({ stack, nowMs }: Observation, spec: TradingStackSpec | undefined): Facts {
  return {
    generation: stack.generation,
    nowMs,
    previous: stack.status,
    spec,
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
    ...factsOf(observation, undefined),
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
