import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../../services/shared/contracts/statusz.ts';
import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ChildKind } from '../../../resources/child-object.ts';
import type { VenueKeys } from '../../../resources/paper-account-secret.ts';

/** All that a decision may know, as plain facts: read once, before anything is decided. */
export interface Observation {
  readonly stack: ObservedStack;
  /** Name of the older stack that has the namespace. */
  readonly takenBy: string | undefined;
  readonly children: readonly ObservedChild[];
  readonly deployments: readonly ObservedDeployment[];
  readonly jobs: readonly ObservedJob[];
  readonly pods: readonly ObservedPod[];
  /** Secrets of the namespace that the operator may read, by name. */
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
  readonly own: OwnSecrets;
  readonly nowMs: number;
}

export interface ObservedStack {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
  /** Not trusted before it is parsed. */
  readonly spec: unknown;
  readonly status: TradingStackStatus;
}

export interface ObservedChild {
  readonly kind: ChildKind;
  readonly name: string;
  readonly uid: string;
  /** Empty where it belongs to no service. */
  readonly service: string;
  readonly deleting: boolean;
}

export interface ObservedDeployment {
  readonly name: string;
  readonly service: string;
  readonly current: boolean;
  readonly replicas: number;
  readonly pods: number;
  readonly updated: number;
  readonly available: number;
  /** Why pods cannot be made, from the condition ReplicaFailure. */
  readonly failure: Problem | undefined;
}

export interface ObservedJob {
  readonly name: string;
  readonly service: string;
  readonly complete: boolean;
  readonly failure: Problem | undefined;
}

export interface Problem {
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

export interface ObservedPod {
  readonly name: string;
  readonly uid: string;
  readonly service: ServiceName;
  /** The release it was made for, from its annotation. */
  readonly release: string;
  readonly ip: string | undefined;
  readonly deleting: boolean;
  readonly ready: boolean;
  /** Ended well: a job's. */
  readonly succeeded: boolean;
  /** Nothing of it runs any more, nor will: a job's that ended, or one that was evicted, which stays as an object. */
  readonly finished: boolean;
  /** What keeps it from running now. */
  readonly waiting: Problem | undefined;
  /** How its process ended last, when that was a failure. */
  readonly ended: Problem | undefined;
  readonly answer: PodAnswer;
  /** Why it was told of late to send, and does not. */
  readonly activation: Problem | undefined;
}

/** What the process itself said, or why nothing was heard. */
export type PodAnswer =
  | { readonly kind: 'Answered'; readonly statusz: Statusz; readonly ageMs: number }
  | { readonly kind: 'Silent'; readonly message: string };

export interface ObservedSecret {
  /** Changes with the content, and tells nothing of it. */
  readonly version: string;
  /** Keys that are not empty. */
  readonly keys: ReadonlySet<string>;
}

/** The stack's own Secrets: as they are, or what they would be if they were made now. */
export interface OwnSecrets {
  readonly controlToken: string;
  readonly paperKeys: VenueKeys;
}
