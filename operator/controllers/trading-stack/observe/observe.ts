import { CHILD_KINDS } from '../../../resources/child-object.ts';
import {
  APPLIED_ANNOTATION,
  RECORD_LABEL,
  RELEASE_ANNOTATION,
  SERVICE_LABEL,
  STACK_LABEL,
  TRADING_STATE_ANNOTATION,
} from '../../../api/v1alpha1/labels.ts';
import { readStatus } from '../../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackObject } from '../../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { Contention } from '../../../kube/apply/contention.ts';
import type { ObjectRef, Stored } from '../../../kube/client/resource.ts';
import type { Clock } from '../../../../services/shared/runtime/clock.ts';
import type { ActivationMemory } from '../../../pods/activation-memory.ts';
import type { Caches, ChildCaches } from '../../caches/stack-caches.ts';
import { problemOf } from './condition.ts';
import { flattenReasonOf } from './flatten-reason.ts';
import { managersOf } from './field-managers.ts';
import { namespaceHolder } from './namespace-holder.ts';
import type { OwnSecretsReader } from './own-secrets.ts';
import { observePod, podTarget } from './pod.ts';
import type { Prober } from '../../../pods/prober.ts';
import type { Observation, ObservedChild, ObservedDeployment, ObservedJob, ObservedSecret } from './observation.ts';
import type { SeenRequests } from './seen-requests.ts';
import { secretVersion } from './secret-version.ts';

export interface ObserveOptions {
  readonly caches: Caches;
  readonly processes: Pick<Prober, 'watch' | 'answersOf'>;
  readonly activations: ActivationMemory;
  readonly clock: Clock;
  readonly ownSecrets: OwnSecretsReader;
  readonly seen: Pick<SeenRequests, 'of'>;
  readonly contention: Contention;
}

export interface Observed {
  readonly object: Stored<TradingStackObject>;
  readonly observation: Observation;
}

/**
 * Observes a stack: reads the caches and the newest answers of its processes, all at one moment. It asks nobody, and so
 * waits for nobody. Undefined if the stack does not exist.
 */
export function observe(options: ObserveOptions, { name, namespace = '' }: ObjectRef): Observed | undefined {
  const { caches, processes, activations, clock } = options;
  const object = caches.stacks.get(namespace, name);
  if (object === undefined) return undefined;
  const { uid } = object.metadata;
  const pods = caches.pods.list(namespace).filter(({ metadata }) => metadata.labels?.[STACK_LABEL] === name);
  const targets = pods.flatMap((pod) => podTarget(pod) ?? []);
  processes.watch(`${namespace}/${name}`, targets);
  const answers = processes.answersOf(targets);
  const own = options.ownSecrets.read(namespace);
  const nowMs = clock.nowMs();
  return {
    object,
    observation: {
      stack: observedStack(object, options.seen),
      takenBy: otherHolderOf(caches, object),
      children: observedChildren(caches, namespace, uid),
      deployments: caches.children.Deployment.ownedBy(namespace, uid).map(observedDeployment),
      jobs: caches.children.Job.ownedBy(namespace, uid).map(observedJob),
      pods: pods.flatMap((pod) => {
        const { uid: podUid } = pod.metadata;
        const activation = { problem: activations.problemOf(podUid), accepted: activations.acceptedBy(podUid) };
        return observePod(pod, answers.get(podUid) ?? NOT_ASKED, nowMs, activation) ?? [];
      }),
      secrets: observedSecrets(caches, namespace, own.controlToken),
      records: new Map(
        caches.children.ConfigMap.ownedBy(namespace, uid).flatMap((record) => {
          const release = record.metadata.labels?.[RECORD_LABEL];
          return release === undefined ? [] : [[release, record]];
        }),
      ),
      own,
      contested: options.contention.contested(`${namespace}/${name}`),
      stackAgeMs: caches.stacks.ageMs(namespace),
      nowMs,
    },
  };
}

/** Answer of a process before its first request. */
export const NOT_ASKED = { kind: 'Silent', message: 'not asked yet', pending: true } as const;

function serviceLabelOf({ labels }: Stored['metadata']): string {
  return labels?.[SERVICE_LABEL] ?? '';
}

/** Returns the facts of a stack from its resource. */
export function observedStack(
  { metadata, spec, status }: Stored<TradingStackObject>,
  seen: Pick<SeenRequests, 'of'>,
): Observation['stack'] {
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    generation: metadata.generation ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
    annotations: metadata.annotations ?? {},
    flattenReason: flattenReasonOf(metadata),
    managers: {
      halt: managersOf(metadata.managedFields, ['spec', 'halt']),
      flatten: managersOf(metadata.managedFields, ['spec', 'flatten']),
      tradingState: managersOf(metadata.managedFields, ['spec', 'tradingState']),
      annotation: managersOf(metadata.managedFields, ['metadata', 'annotations', TRADING_STATE_ANNOTATION]),
    },
    seen: seen.of(`${metadata.namespace ?? ''}/${metadata.name}`, {
      uid: metadata.uid,
      generation: metadata.generation ?? 0,
    }),
    spec,
    status: readStatus(status),
  };
}

function otherHolderOf({ stacks }: Caches, { metadata }: Stored<TradingStackObject>): string | undefined {
  const holder = namespaceHolder(stacks.list(metadata.namespace).map((stack) => stack.metadata));
  return holder === undefined || holder.uid === metadata.uid ? undefined : holder.name;
}

function observedChildren({ children, secrets }: Caches, namespace: string, uid: string): readonly ObservedChild[] {
  return CHILD_KINDS.flatMap((kind) => {
    const cache = kind === 'Secret' ? secrets : children[kind];
    return cache.ownedBy(namespace, uid).map(({ metadata }) => ({
      kind,
      name: metadata.name,
      uid: metadata.uid,
      service: serviceLabelOf(metadata),
      applied: metadata.annotations?.[APPLIED_ANNOTATION] ?? '',
      deleting: metadata.deletionTimestamp !== undefined,
    }));
  });
}

type StoredOf<K extends keyof ChildCaches> = ReturnType<ChildCaches[K]['ownedBy']>[number];

/** Service hash that an object was rendered for; empty without the annotation. */
function releaseOf({ annotations = {} }: Stored['metadata']): string {
  return annotations[RELEASE_ANNOTATION] ?? '';
}

function observedDeployment({ metadata, spec, status = {} }: StoredOf<'Deployment'>): ObservedDeployment {
  return {
    name: metadata.name,
    service: serviceLabelOf(metadata),
    release: releaseOf(metadata),
    selector: spec?.selector?.matchLabels ?? {},
    replicas: spec?.replicas ?? 1,
    ...countsOf(status, metadata.generation),
    failure: problemOf(status, 'ReplicaFailure'),
  };
}

type DeploymentStatus = NonNullable<StoredOf<'Deployment'>['status']>;

function countsOf(
  { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 }: DeploymentStatus,
  generation = 0,
): Pick<ObservedDeployment, 'current' | 'pods' | 'updated' | 'available'> {
  const current = observedGeneration >= generation;
  return { current, pods: replicas, updated: updatedReplicas, available: availableReplicas };
}

function observedJob({ metadata, status = {} }: StoredOf<'Job'>): ObservedJob {
  return {
    name: metadata.name,
    service: serviceLabelOf(metadata),
    complete: problemOf(status, 'Complete') !== undefined,
    failure: problemOf(status, 'Failed'),
  };
}

function observedSecrets({ secrets }: Caches, namespace: string, key: string): ReadonlyMap<string, ObservedSecret> {
  return new Map(
    secrets.list(namespace).map(({ metadata, data = {} }) => [
      metadata.name,
      {
        version: secretVersion(data, key),
        keys: new Set(Object.keys(data).filter((name) => data[name] !== '')),
      },
    ]),
  );
}
