import { senderRow } from '../../../services/shared/contracts/catalogue.ts';
import { APPLIED_ANNOTATION, FINALIZER, OPERATOR_NAME, SERVICE_LABEL } from '../../api/v1alpha1/labels.ts';
import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { applyIfChanged } from '../../kube/apply/apply.ts';
import type { Contention } from '../../kube/apply/contention.ts';
import { deployments } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { EventRecorder } from '../../kube/events/events.ts';
import { isKubeError, isTransient, type KubeError } from '../../kube/client/kube-error.ts';
import type { ObjectCache } from '../../kube/cache/object-cache.ts';
import type { LastWritten } from '../../kube/cache/last-written.ts';
import type { KubeObject } from '../../kube/client/resource.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { CHILD_KINDS, type ChildKind, type ChildObject } from '../../resources/child-object.ts';
import type { ActivationMemory } from '../../pods/activation-memory.ts';
import type { Prober } from '../../pods/prober.ts';
import type { PostDrain } from '../../pods/post-drain.ts';
import type { ActivationOutcome, PostActivate } from '../../pods/post-activate.ts';
import type { Decision } from './decision.ts';
import { CHILD_RESOURCES, tradingStacks, type Caches } from '../caches/stack-caches.ts';
import { EXCLUSIVE_FIELDS } from './exclusive-fields.ts';
import type { ObservedChild } from './observe/observation.ts';
import type { Observed } from './observe/observe.ts';
import { driftEvent } from './status/degraded/drift.ts';
import { measurementsBetween } from './status/measurements.ts';
import type { StackStatusMetrics } from './status/stack-status-metrics.ts';
import { refusedStatus, refusedWrite, type RefusedObject } from './status/refused-status.ts';
import type { StackEvent } from './status/events/stack-event.ts';
import { writeStatus } from './write-status.ts';

export interface ApplyOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly lastWritten: LastWritten;
  readonly contention: Contention;
  readonly postDrain: PostDrain;
  readonly postActivate: PostActivate;
  readonly activations: ActivationMemory;
  readonly processes: Pick<Prober, 'askSenders'>;
  readonly metrics?: Pick<StackStatusMetrics, 'observe'>;
  readonly log: Logger;
}

const CHILDREN_MANAGER = OPERATOR_NAME;

interface ApplyContext {
  readonly options: ApplyOptions;
  readonly observed: Observed;
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Writes a decision in a fixed order. Objects and status that are already as decided are not written. */
export async function apply(
  options: ApplyOptions,
  observed: Observed,
  decision: Decision,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace } = observed.observation.stack;
  const context: ApplyContext = { options, observed, key: `${namespace}/${name}`, signal };
  if (decision.finalizer !== 'Keep') {
    await writeFinalizer(context, decision.finalizer);
    return;
  }
  const refusals = [
    ...(await scaleToZero(context, decision)),
    ...(await applyObjects(context, decision.objects)),
    ...(await deleteChildren(context, decision)),
  ];
  const { status } = decision;
  const whole =
    status === undefined || refusals.length === 0 ? status : refusedStatus(status, refusals, observed.observation);
  const recorded = whole === undefined || (await writeStatus(options, observed, whole, signal)).execution;
  recordEvents(context, decision, refusals);
  if (whole !== undefined) options.metrics?.observe(measurementsBetween(observed.observation.stack.status, whole));
  // The epoch is stored by now, so activation need not wait for objects that the API server rejects.
  // Which release of risk decides is a row of the database, whatever the status has.
  await Promise.all([activateRelease(context, decision), recorded ? activate(context, decision) : undefined]);
  const [first] = refusals;
  if (first !== undefined) throw first.error;
}

async function writeFinalizer(
  { options, observed, key, signal }: ApplyContext,
  change: 'Add' | 'Remove',
): Promise<void> {
  const { object } = observed;
  const others = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  const finalizers = change === 'Add' ? [...others, FINALIZER] : others;
  const follower = options.caches.stacks.followerOf(object.metadata.namespace ?? '', object.metadata.name);
  try {
    const written = await options.client.setFinalizers(tradingStacks, object, finalizers, { signal });
    options.lastWritten.expectWritten(key, follower, written);
  } catch (error) {
    // The last finalizer was already removed and the object deleted, but the cache is behind.
    if (change === 'Add' || !isKubeError(error, 'NotFound')) throw error;
  }
}

export interface Refusal extends RefusedObject {
  readonly error: KubeError;
}

/**
 * Sends one write and returns the rejection of the API server, for whatever reason (a quota, a policy, a broken
 * webhook); undefined if it accepts. Another writer of the same child is a passing one: only that child is outdated.
 * Throws if nothing more may be written: the reconcile is aborted, or this operator no longer leads.
 */
async function refusalOf(
  refused: Pick<RefusedObject, 'object' | 'write'>,
  send: () => Promise<void>,
): Promise<Refusal | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (!isKubeError(error) || isKubeError(error, 'Aborted', 'NotLeader')) throw error;
    return { ...refused, error, transient: isTransient(error) || isKubeError(error, 'Conflict') };
  }
}

/**
 * Sends writes that do not depend on one another and returns the refusals. Stops at an API server that is overloaded or
 * does not answer: each further request could take its whole deadline, and status and activation wait for all of them.
 */
async function sendAll<T>(
  items: readonly T[],
  send: (item: T) => Promise<Refusal | undefined>,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  for (const item of items) {
    const refusal = await send(item);
    if (refusal !== undefined) refusals.push(refusal);
    if (isTransient(refusal?.error)) break;
  }
  return refusals;
}

async function scaleToZero(
  { options, observed, key, signal }: ApplyContext,
  { scaleToZero: names }: Decision,
): Promise<readonly Refusal[]> {
  const { stack, deployments: present } = observed.observation;
  const { namespace } = stack;
  return await sendAll(names, async (name) => {
    const service = present.find((each) => each.name === name)?.service ?? '';
    return await refusalOf({ object: childOf({ kind: 'Deployment', name, service }), write: 'Scale' }, async () => {
      const follower = options.caches.children.Deployment.followerOf(namespace, name);
      try {
        const patch = { spec: { replicas: 0 } };
        const written = await options.client.mergePatch(deployments, { namespace, name }, patch, { signal });
        options.lastWritten.expectWritten(key, follower, written);
      } catch (error) {
        // The Deployment was already deleted, and with it its pods.
        if (!isKubeError(error, 'NotFound')) throw error;
      }
    });
  });
}

/** A child as a refusal names it. */
function childOf({ kind, name, service }: Pick<ObservedChild, 'kind' | 'name' | 'service'>): ChildObject {
  return { kind, metadata: { name, labels: { [SERVICE_LABEL]: service } } };
}

/**
 * Applies objects in order and returns the refusals. A refused object holds back the rest of its service, which may
 * depend on it, and no other service.
 */
async function applyObjects(context: ApplyContext, objects: readonly ChildObject[]): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  const held = new Set<string>();
  for (const object of objects) {
    const service = object.metadata?.labels?.[SERVICE_LABEL] ?? '';
    if (held.has(service)) continue;
    const refusal = await refusalOf({ object, write: 'Apply' }, async () => await applyObject(context, object));
    if (refusal === undefined) continue;
    refusals.push(refusal);
    // An object of no service, such as the policy that denies all traffic, comes before all pods.
    if (service === '') break;
    held.add(service);
  }
  return refusals;
}

async function applyObject({ options, observed, key, signal }: ApplyContext, desired: ChildObject): Promise<void> {
  const { client, caches, contention, lastWritten, log } = options;
  const { namespace } = observed.observation.stack;
  const kind = kindOf(desired);
  const name = desired.metadata?.name ?? '';
  const cache = cacheOf(caches, kind);
  const exclusive = EXCLUSIVE_FIELDS[kind];
  const applied = await applyIfChanged<KubeObject>({
    client,
    resource: CHILD_RESOURCES[kind],
    observed: cache.get(namespace, name),
    desired,
    fieldManager: CHILDREN_MANAGER,
    hashAnnotation: APPLIED_ANNOTATION,
    ...(exclusive === undefined ? {} : { exclusive }),
    contention: { memory: contention, key },
    signal,
  });
  const { result, object, drift, becameContested } = applied;
  if (becameContested !== undefined && drift !== undefined)
    record(options, observed, driftEvent({ kind, name, ...drift }, becameContested));
  if (object === cache.get(namespace, name)) return;
  log.info({ stack: key, kind, object: name, result, drift }, 'object applied');
  lastWritten.expectWritten(key, cache.followerOf(namespace, name), object);
}

async function deleteChildren(context: ApplyContext, { deletions }: Decision): Promise<readonly Refusal[]> {
  return await sendAll(
    deletions,
    async (child) =>
      await refusalOf({ object: childOf(child), write: 'Delete' }, async () => await deleteChild(context, child)),
  );
}

async function deleteChild(
  { options, observed, key, signal }: ApplyContext,
  { kind, name, uid }: ObservedChild,
): Promise<void> {
  const { namespace } = observed.observation.stack;
  const cache = cacheOf(options.caches, kind);
  const object = cache.get(namespace, name);
  if (object === undefined) return;
  await options.client.delete(CHILD_RESOURCES[kind], { namespace, name }, { uid, signal });
  options.log.info({ stack: key, kind, object: name }, 'object deleted');
  options.lastWritten.expectDeleted(key, cache.followerOf(namespace, name), object);
}

/** Logs every event, because the number of events is limited and the API server drops them after an hour. */
function recordEvents({ options, observed }: ApplyContext, { events }: Decision, refusals: readonly Refusal[]): void {
  // A conflict asks nothing of a person: it is expected while others write the object, and the next reconcile repeats
  // the write.
  const shown = refusals.filter(({ error }) => !isKubeError(error, 'Conflict'));
  for (const each of [...events, ...shown.map(refusalEvent)]) record(options, observed, each);
}

function record(options: ApplyOptions, { observation }: Observed, { type, reason, action, note }: StackEvent): void {
  const { name, namespace, uid } = observation.stack;
  const regarding = { apiVersion: TRADING_STACK_API_VERSION, kind: TRADING_STACK.kind, name, namespace, uid };
  options.log.info({ stack: `${namespace}/${name}`, type, reason, note }, 'event recorded');
  options.events.record({ regarding, type, reason, action, note });
}

function refusalEvent(refusal: Refusal): StackEvent {
  const action = refusal.write === 'Apply' ? 'Apply' : 'Delete';
  const note = `${refusedWrite(refusal)}: ${refusal.error.message}`;
  return { type: 'Warning', reason: 'ApplyRefused', action, note };
}

async function activate({ options, observed, key, signal }: ApplyContext, decision: Decision): Promise<void> {
  const { activate: command } = decision;
  if (command === undefined) return;
  if (!isCurrent(options.caches, observed)) {
    options.log.warn({ stack: key, pod: command.pod }, 'activation not sent because the stack has changed');
    return;
  }
  await drain({ options, observed, key, signal }, decision);
  const target = { ...command, service: senderRow().name };
  const outcome = await options.postActivate(target, observed.observation.own.controlToken, signal);
  options.activations.note(command, outcome);
  options.processes.askSenders(key);
  const { pod, epoch } = command;
  const level = outcome.kind === 'Accepted' ? 'info' : 'warn';
  options.log[level]({ stack: key, pod, epoch, ...outcome }, ACTIVATION_LINES[outcome.kind]);
}

async function activateRelease(
  { options, observed, key, signal }: ApplyContext,
  { activateRelease: command }: Pick<Decision, 'activateRelease'>,
): Promise<void> {
  if (command === undefined || !isCurrent(options.caches, observed)) return;
  const outcome = await options.postActivate(command, observed.observation.own.controlToken, signal);
  options.activations.note(command, outcome);
  const { pod, epoch } = command;
  const level = outcome.kind === 'Accepted' ? 'info' : 'warn';
  options.log[level]({ stack: key, pod, epoch, ...outcome }, 'activation of the release requested');
}

/** Whatever it answers, the next process is activated: the fence decides, and it waits if the drain is not clean. */
async function drain(
  { options, observed, key, signal }: ApplyContext,
  { drain: command }: Pick<Decision, 'drain'>,
): Promise<void> {
  if (command === undefined) return;
  const outcome = await options.postDrain(command, observed.observation.own.controlToken, signal);
  // Before the activation: the status would show for an interval that both send.
  options.processes.askSenders(key);
  const { pod, epoch } = command;
  options.log[outcome.kind === 'Drained' ? 'info' : 'warn']({ stack: key, pod, epoch, ...outcome }, 'drain requested');
}

/**
 * Whether the stack still asks for what the decision was based on. The writes before an activation take up to a minute,
 * in which somebody may have halted, suspended or deleted it.
 */
function isCurrent({ stacks }: Pick<Caches, 'stacks'>, { object }: Observed): boolean {
  const now = stacks.get(object.metadata.namespace ?? '', object.metadata.name);
  return now !== undefined && intentOf(now) === intentOf(object);
}

function intentOf({ metadata }: Observed['object']): string {
  const { uid, generation = 0, annotations = {}, deletionTimestamp = '' } = metadata;
  return JSON.stringify([
    uid,
    generation,
    deletionTimestamp,
    Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

const ACTIVATION_LINES: Readonly<Record<ActivationOutcome['kind'], string>> = {
  Accepted: 'activation accepted',
  Refused: 'activation refused by the sender',
  LeaseLost: 'activation not sent because the lease is lost',
  Unanswered: 'activation not answered',
};

function kindOf({ kind }: ChildObject): ChildKind {
  const known = CHILD_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) throw new Error(`unknown child kind ${kind ?? 'none'}`);
  return known;
}

function cacheOf({ children, secrets }: Caches, kind: ChildKind): ObjectCache<KubeObject> {
  return kind === 'Secret' ? secrets : children[kind];
}
