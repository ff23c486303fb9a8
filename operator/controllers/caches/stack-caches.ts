import {
  CONTROL_SECRET,
  MANAGED_SELECTOR,
  PAPER_ACCOUNT_SECRET,
  STACK_LABEL,
  OPERATOR_NAME,
} from '../../api/v1alpha1/labels.ts';
import { TRADING_STACK, type TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import {
  configMaps,
  deployments,
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  secrets,
  serviceAccounts,
  services,
} from '../../kube/client/builtin-resources.ts';
import { createCacheSet, type CacheSetOptions } from '../../kube/cache/cache-set.ts';
import { joinedByName, type ObjectCache } from '../../kube/cache/object-cache.ts';
import { defineResource, parseKey, type KubeObject, type Resource } from '../../kube/client/resource.ts';
import type { Change } from '../../kube/cache/store.ts';
import type { Preempts } from '../../kube/queue/preemption.ts';
import type { Priority } from '../../kube/queue/work-queue.ts';
import { createRestrictions } from './restrictions.ts';
import type { ChildKind } from '../../resources/child-object.ts';
import { platformSecretNames } from '../../../services/shared/contracts/catalogue.ts';

export const tradingStacks = defineResource<TradingStackObject>({
  ...TRADING_STACK,
  namespaced: true,
  // They distinguish a halt that a person set from one of a tool.
  keepsManagedFields: true,
});

/** Resource descriptors of the kinds that the operator creates. */
export const CHILD_RESOURCES = {
  Secret: secrets,
  NetworkPolicy: networkPolicies,
  ServiceAccount: serviceAccounts,
  ConfigMap: configMaps,
  PersistentVolumeClaim: persistentVolumeClaims,
  Service: services,
  PodDisruptionBudget: podDisruptionBudgets,
  Job: jobs,
  Deployment: deployments,
} as const satisfies Record<ChildKind, Resource>;

type ShapeOf<R> = R extends Resource<infer T> ? T : never;
export type ChildCaches = {
  readonly [K in Exclude<ChildKind, 'Secret'>]: ObjectCache<ShapeOf<(typeof CHILD_RESOURCES)[K]>>;
};

/**
 * A watch that delivers nothing hides a halt for as long as it lasts: up to 55 s with these values, counting jitter and
 * a server that does not end it. A cache of the stacks that is older than a minute is therefore cut off, not quiet.
 */
const STACKS = { watchTimeoutMs: 30_000, maxAgeMs: 35_000 } as const;

export interface Caches {
  /** Current to the minute: with an `ageMs` above 60 s, no decision that lets a stack trade may be based on it. */
  readonly stacks: ObjectCache<TradingStackObject>;
  readonly children: ChildCaches;
  /** Watched by name only, because the operator's role allows no other Secrets. */
  readonly secrets: ObjectCache<ShapeOf<typeof secrets>>;
  readonly pods: ObjectCache<ShapeOf<typeof pods>>;
  /**
   * Calls `handler` with the keys of the stacks that a change affects. A change of what a person asks of a stack, such
   * as a halt, has high priority. A change of its status has not, because it echoes the operator's own write. A change
   * that asks for a more restrictive trading state than before also always pre-empts.
   */
  onChange(handler: (stackKey: string, priority: Priority, preempts: Preempts) => void): void;
  start(): void;
  stop(): Promise<void>;
  /**
   * Resolves when everything has been listed again. A new leader waits for this: behind a hanging watch a cache looks
   * healthy but is old, and the operator would restore objects of an old spec, such as one without its halt. Rejects
   * after `renewTimeoutMs`, because a leader that cannot list everything, for lack of a right for example, must give up
   * the lease to one that can.
   */
  renewed(signal: AbortSignal): Promise<void>;
  /**
   * By resource: milliseconds since the oldest of its caches was last known to be current; Infinity before its first
   * list.
   */
  agesMs(): ReadonlyMap<string, number>;
}

export interface CachesOptions extends CacheSetOptions {
  /** Names of the Secrets with venue keys that stacks may use. */
  readonly venueSecretNames: readonly string[];
  /** Time within which a new leader must have listed everything again. Default: 60 s. */
  readonly renewTimeoutMs?: number;
}

/**
 * Creates all caches of the operator. It watches only stacks, the objects that it created itself, and Secrets by name.
 */
export function createCaches(options: CachesOptions): Caches {
  const { renewTimeoutMs = 60_000 } = options;
  const set = createCacheSet(options);
  const secretNames = [
    ...new Set([...platformSecretNames(), CONTROL_SECRET, PAPER_ACCOUNT_SECRET, ...options.venueSecretNames]),
  ];
  const labelled = { labelSelector: MANAGED_SELECTOR };
  const stacks = set.follow(tradingStacks, STACKS);
  const { Secret: _named, ...childResources } = CHILD_RESOURCES;
  const children = Object.fromEntries(
    Object.entries(childResources).map(([kind, resource]) => [
      kind,
      set.follow(knowingOthers(resource as Resource), labelled),
    ]),
  ) as unknown as ChildCaches;
  const bySecretName = new Map(
    secretNames.map((name) => [name, set.follow(knowingOthers(secrets), { fieldSelector: `metadata.name=${name}` })]),
  );
  return {
    stacks,
    children,
    secrets: joinedByName(bySecretName),
    pods: set.follow(pods, labelled),
    onChange: (handler) => {
      const restrictions = createRestrictions(stacks);
      set.onChange((change, plural) => {
        const isIntent = plural === tradingStacks.plural && change.intentChanged;
        const preempts = isIntent && restrictions.grew(change.key) ? 'Always' : 'AtMostInARow';
        for (const key of stackKeysOf(change, stacks)) handler(key, isIntent ? 'high' : 'normal', preempts);
      });
    },
    start: () => set.start(),
    stop: async () => await set.stop(),
    renewed: async (signal) => await set.relisted(signal, renewTimeoutMs),
    agesMs: () => set.agesMs(),
  };
}

/** Keeps which fields others set, to find what they added and to name them in a conflict. */
function knowingOthers<T extends KubeObject>(resource: Resource<T>): Resource<T> {
  return { ...resource, keepsManagedFields: { except: OPERATOR_NAME } };
}

/**
 * The label of a child names its stack. A stack, or a Secret without the label, affects every stack of its namespace.
 */
function stackKeysOf({ key, labels }: Change, stacks: ObjectCache<TradingStackObject>): readonly string[] {
  const { namespace = '' } = parseKey(key);
  const stack = labels[STACK_LABEL];
  if (stack !== undefined) return [`${namespace}/${stack}`];
  return stacks.list(namespace).map(({ metadata }) => `${namespace}/${metadata.name}`);
}
