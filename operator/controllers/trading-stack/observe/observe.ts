import { CHILD_KINDS } from '../../../resources/child-object.ts';
import { CONTROL_SECRET, PAPER_ACCOUNT_SECRET, SERVICE_LABEL, STACK_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { TradingStackObject } from '../../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { ObjectRef, Stored } from '../../../kube/client/resource.ts';
import type { Clock } from '../../../../services/shared/runtime/clock.ts';
import type { ActivationMemory } from '../../../pods/activation-memory.ts';
import type { Caches, ChildCaches } from '../../caches/stack-caches.ts';
import { problemOf } from './condition.ts';
import { namespaceHolder } from './namespace-holder.ts';
import { observePod, podTarget } from './pod.ts';
import type { ProcessReader } from '../../../pods/read-statusz.ts';
import type {
  Observation,
  ObservedChild,
  ObservedDeployment,
  ObservedJob,
  ObservedSecret,
  OwnSecrets,
} from './observation.ts';
import { secretVersion } from './secret-version.ts';

export interface ObserveOptions {
  readonly caches: Caches;
  readonly processes: ProcessReader;
  readonly activations: ActivationMemory;
  readonly clock: Clock;
  /** Returns a new random secret of 256 bits, for Secrets that do not exist yet. */
  readonly newToken: () => string;
}

export interface Observed {
  readonly object: Stored<TradingStackObject>;
  readonly observation: Observation;
}

/** Observes a stack: reads the caches and the status of its processes. Undefined if the stack does not exist. */
export async function observe(
  options: ObserveOptions,
  { name, namespace = '' }: ObjectRef,
  signal: AbortSignal,
): Promise<Observed | undefined> {
  const { caches, processes, activations, clock } = options;
  const object = caches.stacks.get(namespace, name);
  if (object === undefined) return undefined;
  const { uid } = object.metadata;
  const pods = caches.pods.list(namespace).filter(({ metadata }) => metadata.labels?.[STACK_LABEL] === name);
  const answers = await processes.read(
    pods.flatMap((pod) => podTarget(pod) ?? []),
    signal,
  );
  const own = ownSecrets(options, namespace);
  return {
    object,
    observation: {
      stack: observedStack(object),
      takenBy: otherHolderOf(caches, object),
      children: observedChildren(caches, namespace, uid),
      deployments: caches.children.Deployment.ownedBy(namespace, uid).map(observedDeployment),
      jobs: caches.children.Job.ownedBy(namespace, uid).map(observedJob),
      pods: pods.flatMap((pod) => {
        const { uid: podUid } = pod.metadata;
        return observePod(pod, answers.get(podUid) ?? NOT_QUERIED, activations.problemOf(podUid)) ?? [];
      }),
      secrets: observedSecrets(caches, namespace, own.controlToken),
      own,
      nowMs: clock.nowMs(),
    },
  };
}

function serviceLabelOf({ labels }: Stored['metadata']): string {
  return labels?.[SERVICE_LABEL] ?? '';
}

const NOT_QUERIED = { kind: 'Silent', message: 'not queried' } as const;

function observedStack({ metadata, spec, status }: Stored<TradingStackObject>): Observation['stack'] {
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    generation: metadata.generation ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
    spec,
    status: status ?? {},
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
      deleting: metadata.deletionTimestamp !== undefined,
    }));
  });
}

type StoredOf<K extends keyof ChildCaches> = ReturnType<ChildCaches[K]['ownedBy']>[number];

function observedDeployment({ metadata, spec, status = {} }: StoredOf<'Deployment'>): ObservedDeployment {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return {
    name: metadata.name,
    service: serviceLabelOf(metadata),
    current: observedGeneration >= (metadata.generation ?? 0),
    replicas: spec?.replicas ?? 1,
    pods: replicas,
    updated: updatedReplicas,
    available: availableReplicas,
    failure: problemOf(status, 'ReplicaFailure'),
  };
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

/** Returns the stored values, or new ones where none are stored. */
function ownSecrets({ caches, newToken }: ObserveOptions, namespace: string): OwnSecrets {
  const value = (secret: string, key: string): string => {
    const encoded = caches.secrets.get(namespace, secret)?.data?.[key] ?? '';
    return encoded === '' ? newToken() : Buffer.from(encoded, 'base64').toString('utf8');
  };
  return {
    controlToken: value(CONTROL_SECRET, 'token'),
    paperKeys: {
      apiKey: value(PAPER_ACCOUNT_SECRET, 'apiKey'),
      secretKey: value(PAPER_ACCOUNT_SECRET, 'secretKey'),
    },
  };
}
