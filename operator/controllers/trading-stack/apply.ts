import { APPLIED_ANNOTATION, FINALIZER, OPERATOR_NAME } from '../../api/v1alpha1/labels.ts';
import {
  TRADING_STACK,
  TRADING_STACK_API_VERSION,
  type TradingStackObject,
} from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { applyIfChanged, applyStatusIfChanged } from '../../kube/apply/apply.ts';
import { deployments } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { EventRecorder } from '../../kube/events/events.ts';
import { isKubeError, type KubeError } from '../../kube/client/kube-error.ts';
import type { ObjectCache } from '../../kube/cache/object-cache.ts';
import type { LastWritten } from '../../kube/cache/last-written.ts';
import type { KubeObject } from '../../kube/client/resource.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { CHILD_KINDS, type ChildKind, type ChildObject } from '../../resources/child-object.ts';
import type { ActivationMemory } from '../../pods/activation-memory.ts';
import type { ActivationOutcome, PostActivate } from '../../pods/post-activate.ts';
import type { Decision } from './decision.ts';
import { CHILD_RESOURCES, tradingStacks, type Caches } from '../caches/stack-caches.ts';
import type { Observed } from './observe/observe.ts';
import { refusedStatus } from './status/refused-status.ts';
import type { StackEvent } from './status/stack-events.ts';

export interface ApplyOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly lastWritten: LastWritten;
  readonly postActivate: PostActivate;
  readonly activations: ActivationMemory;
  readonly log: Logger;
}

/** One field manager per concern, so that `kubectl get --show-managed-fields` shows which part wrote a field. */
const CHILDREN_MANAGER = OPERATOR_NAME;
const STATUS_MANAGER = `${OPERATOR_NAME}-status`;

interface Writing {
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
  const writing: Writing = { options, observed, key: `${namespace}/${name}`, signal };
  if (decision.finalizer !== 'Keep') {
    await writeFinalizer(writing, decision.finalizer);
    return;
  }
  await scaleToZero(writing, decision.scaleToZero);
  const refusal = await applyObjects(writing, decision.objects);
  await deleteChildren(writing, decision);
  await writeStatus(writing, decision, refusal);
  recordEvents(writing, decision, refusal);
  // The epoch is stored by now, so activation need not wait for objects that the API server rejects.
  await activate(writing, decision);
  if (refusal !== undefined) throw refusal.error;
}

async function writeFinalizer({ options, observed, key, signal }: Writing, change: 'Add' | 'Remove'): Promise<void> {
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

async function scaleToZero({ options, observed, key, signal }: Writing, names: readonly string[]): Promise<void> {
  const { namespace } = observed.observation.stack;
  for (const name of names) {
    const follower = options.caches.children.Deployment.followerOf(namespace, name);
    try {
      const patch = { spec: { replicas: 0 } };
      const written = await options.client.mergePatch(deployments, { namespace, name }, patch, { signal });
      options.lastWritten.expectWritten(key, follower, written);
    } catch (error) {
      // The Deployment was already deleted, and with it its pods.
      if (!isKubeError(error, 'NotFound')) throw error;
    }
  }
}

export interface Refusal {
  readonly object: ChildObject;
  readonly error: KubeError;
}

/**
 * Applies objects until the API server rejects one, for whatever reason (a quota, a policy, a broken webhook), and
 * returns the rejection for the status. Throws if the decision is no longer valid: it was based on outdated objects, or
 * this operator no longer leads.
 */
async function applyObjects(writing: Writing, objects: readonly ChildObject[]): Promise<Refusal | undefined> {
  for (const object of objects) {
    try {
      await applyObject(writing, object);
    } catch (error) {
      if (!isKubeError(error) || isKubeError(error, 'Aborted', 'NotLeader', 'Conflict')) throw error;
      return { object, error };
    }
  }
  return undefined;
}

async function applyObject({ options, observed, key, signal }: Writing, desired: ChildObject): Promise<void> {
  const { client, caches, lastWritten, log } = options;
  const { namespace } = observed.observation.stack;
  const kind = kindOf(desired);
  const name = desired.metadata?.name ?? '';
  const cache = cacheOf(caches, kind);
  const { result, object } = await applyIfChanged<KubeObject>({
    client,
    resource: CHILD_RESOURCES[kind],
    observed: cache.get(namespace, name),
    desired,
    fieldManager: CHILDREN_MANAGER,
    hashAnnotation: APPLIED_ANNOTATION,
    signal,
  });
  if (result === 'unchanged') return;
  log.info({ stack: key, kind, object: name, result }, 'object applied');
  lastWritten.expectWritten(key, cache.followerOf(namespace, name), object);
}

async function deleteChildren({ options, observed, key, signal }: Writing, { deletions }: Decision): Promise<void> {
  const { namespace } = observed.observation.stack;
  for (const { kind, name, uid } of deletions) {
    const cache = cacheOf(options.caches, kind);
    const object = cache.get(namespace, name);
    if (object === undefined) continue;
    await options.client.delete(CHILD_RESOURCES[kind], { namespace, name }, { uid, signal });
    options.log.info({ stack: key, kind, object: name }, 'object deleted');
    options.lastWritten.expectDeleted(key, cache.followerOf(namespace, name), object);
  }
}

async function writeStatus(
  { options, observed, key, signal }: Writing,
  { status }: Decision,
  refusal: Refusal | undefined,
): Promise<void> {
  if (status === undefined) return;
  const { object } = observed;
  const statusToWrite = refusal === undefined ? status : refusedStatus(status, refusal, observed.observation);
  const { client, caches, lastWritten } = options;
  const fieldManager = STATUS_MANAGER;
  const written = await applyStatusIfChanged<TradingStackObject>({
    client,
    resource: tradingStacks,
    observed: object,
    status: statusToWrite,
    fieldManager,
    signal,
  });
  if (written.result === 'unchanged') return;
  const follower = caches.stacks.followerOf(object.metadata.namespace ?? '', object.metadata.name);
  lastWritten.expectWritten(key, follower, written.object);
}

/** Logs every event, because the number of events is limited and the API server drops them after an hour. */
function recordEvents({ options, observed, key }: Writing, { events }: Decision, refusal: Refusal | undefined): void {
  const { name, namespace, uid } = observed.observation.stack;
  const regarding = { apiVersion: TRADING_STACK_API_VERSION, kind: TRADING_STACK.kind, name, namespace, uid };
  for (const { type, reason, action, note } of [...events, ...refusalEvents(refusal)]) {
    options.log.info({ stack: key, type, reason, note }, 'event recorded');
    options.events.record({ regarding, type, reason, action, note });
  }
}

function refusalEvents(refusal: Refusal | undefined): readonly StackEvent[] {
  if (refusal === undefined) return [];
  const note = `${refusal.object.kind} ${refusal.object.metadata?.name}: ${refusal.error.message}`;
  return [{ type: 'Warning', reason: 'ApplyRefused', action: 'Apply', note }];
}

async function activate({ options, observed, key, signal }: Writing, { activate: command }: Decision): Promise<void> {
  if (command === undefined) return;
  const outcome = await options.postActivate(command, observed.observation.own.controlToken, signal);
  options.activations.note(command, outcome);
  const { pod, epoch } = command;
  const level = outcome.kind === 'Accepted' ? 'info' : 'warn';
  options.log[level]({ stack: key, pod, epoch, ...outcome }, ACTIVATION_LINES[outcome.kind]);
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
