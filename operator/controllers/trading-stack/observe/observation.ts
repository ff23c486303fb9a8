import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { SourceStatus, TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { PodAnswer } from '../../../pods/pod-answer.ts';
import type { ChildKind } from '../../../resources/child-object.ts';
import type { VenueKeys } from '../../../resources/build-paper-account-secret.ts';
import type { FieldManager } from './field-managers.ts';

/** Input of a decision as plain data. It is read once, before anything is decided. */
export interface Observation {
  readonly stack: ObservedStack;
  /** Name of the other stack that owns the namespace, if any. */
  readonly takenBy: string | undefined;
  readonly children: readonly ObservedChild[];
  readonly deployments: readonly ObservedDeployment[];
  readonly jobs: readonly ObservedJob[];
  readonly pods: readonly ObservedPod[];
  /** Secrets in the namespace that the operator may read, by name. */
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
  readonly own: OwnSecrets;
  /** Objects of the stack that other writers change repeatedly. */
  readonly contested: readonly ContestedObject[];
  /** Records of releases, by the hash of the release. Untrusted until one is restored. */
  readonly records: ReadonlyMap<string, ReleaseRecord>;
  /** Milliseconds since the cache of the stacks was last known to be current. */
  readonly stackAgeMs: number;
  readonly nowMs: number;
}

export interface ObservedStack {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Why spec.flatten was set, as who set it says; empty if nobody does. */
  readonly flattenReason: string;
  /** Field managers that set each source of the trading state. */
  readonly managers: StateManagers;
  /** What this process has read of the trading state from the resource before. The status may not have it yet. */
  readonly seen: readonly SourceStatus[];
  /** Untrusted until it is parsed. */
  readonly spec: unknown;
  readonly status: TradingStackStatus;
}

export type ReleaseRecord = Pick<V1ConfigMap, 'binaryData'>;

export interface StateManagers {
  readonly halt: readonly FieldManager[];
  readonly flatten: readonly FieldManager[];
  readonly tradingState: readonly FieldManager[];
  readonly annotation: readonly FieldManager[];
}

export interface ObservedChild {
  readonly kind: ChildKind;
  readonly name: string;
  readonly uid: string;
  /** Empty if the object belongs to no service. */
  readonly service: string;
  /** Hash of what was applied last, as `applyIfChanged` of operator/kube records it; empty if unknown. */
  readonly applied: string;
  readonly deleting: boolean;
}

export interface ContestedObject {
  readonly kind: string;
  readonly name: string;
  /** Field that differs. */
  readonly path: readonly string[];
  /** Field managers that set it; empty if unknown. */
  readonly managers: readonly string[];
}

export interface ObservedDeployment {
  readonly name: string;
  readonly service: string;
  /** Service hash that it was rendered for, from its annotation. */
  readonly release: string;
  /** Labels by which it selects its pods. Immutable. */
  readonly selector: Readonly<Record<string, string>>;
  /** Whether the Deployment controller has observed the latest generation. */
  readonly current: boolean;
  readonly replicas: number;
  readonly pods: number;
  readonly updated: number;
  readonly available: number;
  /** Why pods cannot be created, from condition ReplicaFailure. */
  readonly failure: Problem | undefined;
}

export interface ObservedJob {
  readonly name: string;
  readonly service: string;
  readonly complete: boolean;
  readonly failure: Problem | undefined;
}

export interface ObservedPod {
  readonly name: string;
  readonly uid: string;
  readonly service: ServiceName;
  readonly labels: Readonly<Record<string, string>>;
  /** Service hash that the pod was created for, from its annotation. */
  readonly release: string;
  readonly ip: string | undefined;
  readonly deleting: boolean;
  readonly ready: boolean;
  /** False until the startup probe has passed: the process has not answered anybody yet. */
  readonly started: boolean;
  /** Completed successfully; pods of Jobs only. */
  readonly succeeded: boolean;
  /** Has ended and never runs again: a pod of a finished Job, or an evicted pod, whose object remains. */
  readonly finished: boolean;
  /** Why the pod is not running now. */
  readonly waiting: Problem | undefined;
  /** Last termination of its process: a failure, or any end of a process that should run. However long ago. */
  readonly ended: Problem | undefined;
  /** Whether no process has run since for long enough to show that it stays up. */
  readonly endedRecently: boolean;
  readonly answer: PodAnswer;
  /** Why the last activation of this pod failed. */
  readonly activation: Problem | undefined;
  /** Epoch that the process accepted a moment ago, before it could report its new role. */
  readonly accepted: number | undefined;
  /** Why the last command to this pod, in this reconcile, was not obeyed. */
  readonly command: Problem | undefined;
}

export interface ObservedSecret {
  /** Changes with the content but reveals nothing about it. */
  readonly version: string;
  /** Keys with a value that is not empty. */
  readonly keys: ReadonlySet<string>;
}

/** Values of the stack's own Secrets: the stored ones, or new ones for Secrets that do not exist yet. */
export interface OwnSecrets {
  readonly controlToken: string;
  readonly paperKeys: VenueKeys;
}
