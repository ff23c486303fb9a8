import { CONTROL_SECRET, MANAGED_SELECTOR, PAPER_ACCOUNT_SECRET, STACK_LABEL } from '../../api/v1alpha1/labels.ts';
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
import type { KubeClient } from '../../kube/client/client.ts';
import type { ReflectorMetrics } from '../../kube/metrics.ts';
import { createReflector, type Reflector } from '../../kube/cache/reflector.ts';
import { defineResource, parseKey, type KubeObject, type Resource, type Stored } from '../../kube/client/resource.ts';
import type { Change } from '../../kube/cache/store.ts';
import type { Priority } from '../../kube/queue/work-queue.ts';
import type { ChildKind } from '../../resources/child-object.ts';
import { platformSecretNames } from '../../../services/shared/contracts/catalogue.ts';
import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';

export const tradingStacks = defineResource<TradingStackObject>({ ...TRADING_STACK, namespaced: true });

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

/** Cached objects of one kind in all namespaces that the operator watches. */
export interface Cache<T extends KubeObject> {
  get(namespace: string, name: string): Stored<T> | undefined;
  list(namespace?: string): readonly Stored<T>[];
  ownedBy(namespace: string, uid: string): readonly Stored<T>[];
  /** Reflector that follows an object, for waiting until one's own write is observed. */
  followerOf(namespace: string, name: string): Reflector<T>;
}

type ShapeOf<R> = R extends Resource<infer T> ? T : never;
export type ChildCaches = {
  readonly [K in Exclude<ChildKind, 'Secret'>]: Cache<ShapeOf<(typeof CHILD_RESOURCES)[K]>>;
};

export interface Caches {
  readonly stacks: Cache<TradingStackObject>;
  readonly children: ChildCaches;
  /** Watched by name only, because the operator's role allows no other Secrets. */
  readonly secrets: Cache<ShapeOf<typeof secrets>>;
  readonly pods: Cache<ShapeOf<typeof pods>>;
  /**
   * Calls `handler` with the keys of the stacks that a change affects. Changes of a stack itself, such as a halt, have
   * high priority.
   */
  onChange(handler: (stackKey: string, priority: Priority) => void): void;
  start(): void;
  stop(): Promise<void>;
  /**
   * Resolves when everything has been listed again. A new leader waits for this: behind a hanging watch a cache looks
   * healthy but is old, and the operator would restore objects of an old spec, such as one without its halt.
   */
  renewed(signal: AbortSignal): Promise<void>;
  /**
   * By resource: milliseconds since the oldest of its caches was last known to be current; Infinity before its first
   * list.
   */
  agesMs(): ReadonlyMap<string, number>;
}

export interface CachesOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Empty for all namespaces. */
  readonly namespaces: readonly string[];
  /** Names of the Secrets with venue keys that stacks may use. */
  readonly venueSecretNames: readonly string[];
  readonly metrics?: ReflectorMetrics;
}

/**
 * Creates all caches of the operator. It watches only stacks, the objects that it created itself, and Secrets by name.
 */
export function createCaches(options: CachesOptions): Caches {
  const followed: Followed[] = [];
  const scopes = options.namespaces.length === 0 ? [undefined] : options.namespaces;

  function follow<T extends KubeObject>(resource: Resource<T>, selector: Selector): Cache<T> {
    const { client, clock, log, metrics } = options;
    const byScope = scopes.map((namespace) =>
      createReflector<T>({
        client,
        resource,
        clock,
        log,
        ...selector,
        ...(namespace === undefined ? {} : { namespace }),
        ...(metrics === undefined ? {} : { metrics }),
      }),
    );
    // The cast is safe: changes and age of a reflector do not depend on the shape of its objects.
    const reflectors = byScope as unknown as readonly Reflector<KubeObject>[];
    followed.push(...reflectors.map((reflector) => ({ plural: resource.plural, reflector })));
    return cacheOf(byScope, options.namespaces);
  }

  const secretNames = [
    ...new Set([...platformSecretNames(), CONTROL_SECRET, PAPER_ACCOUNT_SECRET, ...options.venueSecretNames]),
  ];
  const labelled = { labelSelector: MANAGED_SELECTOR };
  const stacks = follow(tradingStacks, {});
  const { Secret: _named, ...childResources } = CHILD_RESOURCES;
  const children = Object.fromEntries(
    Object.entries(childResources).map(([kind, resource]) => [kind, follow(resource as Resource, labelled)]),
  ) as unknown as ChildCaches;
  const bySecretName = new Map(
    secretNames.map((name) => [name, follow(secrets, { fieldSelector: `metadata.name=${name}` })]),
  );
  return {
    stacks,
    children,
    secrets: joined(bySecretName),
    pods: follow(pods, labelled),
    onChange: (handler) => {
      for (const { plural, reflector } of followed) {
        const priority = plural === tradingStacks.plural ? 'high' : 'normal';
        reflector.onChange((change) => {
          for (const key of stackKeysOf(change, stacks)) handler(key, priority);
        });
      }
    },
    agesMs: () => oldest(followed),
    ...lifeOf(followed.map(({ reflector }) => reflector)),
  };
}

interface Followed {
  readonly plural: string;
  readonly reflector: Reflector<KubeObject>;
}

function oldest(followed: readonly Followed[]): ReadonlyMap<string, number> {
  const ages = new Map<string, number>();
  for (const { plural, reflector } of followed) ages.set(plural, Math.max(ages.get(plural) ?? 0, reflector.ageMs()));
  return ages;
}

interface Selector {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

function lifeOf(reflectors: readonly Reflector<KubeObject>[]): Pick<Caches, 'start' | 'stop' | 'renewed'> {
  return {
    start: () => {
      for (const reflector of reflectors) reflector.start();
    },
    stop: async () => {
      await Promise.all(reflectors.map(async (reflector) => await reflector.stop()));
    },
    renewed: async (signal) => {
      await Promise.all(reflectors.map(async (reflector) => await reflector.relisted(signal)));
    },
  };
}

/**
 * The label of a child names its stack. A stack, or a Secret without the label, affects every stack of its namespace.
 */
function stackKeysOf({ key, labels }: Change, stacks: Cache<TradingStackObject>): readonly string[] {
  const { namespace = '' } = parseKey(key);
  const stack = labels[STACK_LABEL];
  if (stack !== undefined) return [`${namespace}/${stack}`];
  return stacks.list(namespace).map(({ metadata }) => `${namespace}/${metadata.name}`);
}

function cacheOf<T extends KubeObject>(reflectors: readonly Reflector<T>[], namespaces: readonly string[]): Cache<T> {
  const followerOf = (namespace: string): Reflector<T> => {
    const follower = reflectors[namespaces.length === 0 ? 0 : namespaces.indexOf(namespace)];
    if (follower === undefined) throw new Error(`namespace ${namespace} is not watched`);
    return follower;
  };
  return {
    get: (namespace, name) => followerOf(namespace).store.get(`${namespace}/${name}`),
    list: (namespace) =>
      namespace === undefined
        ? reflectors.flatMap(({ store }) => store.list())
        : followerOf(namespace).store.list(namespace),
    ownedBy: (namespace, uid) => followerOf(namespace).store.ownedBy(uid),
    followerOf,
  };
}

/** Joins caches that hold one name each into one. */
function joined<T extends KubeObject>(byName: ReadonlyMap<string, Cache<T>>): Cache<T> {
  const all = [...byName.values()];
  return {
    get: (namespace, name) => byName.get(name)?.get(namespace, name),
    list: (namespace) => all.flatMap((cache) => cache.list(namespace)),
    ownedBy: (namespace, uid) => all.flatMap((cache) => cache.ownedBy(namespace, uid)),
    followerOf: (namespace, name) => {
      const cache = byName.get(name);
      if (cache === undefined) throw new Error(`Secret ${name} is not watched`);
      return cache.followerOf(namespace, name);
    },
  };
}
