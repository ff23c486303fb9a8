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

/** Descriptors of the kinds that the operator makes. */
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

/** One kind in all the namespaces that the operator watches. */
export interface Cache<T extends KubeObject> {
  get(namespace: string, name: string): Stored<T> | undefined;
  list(namespace?: string): readonly Stored<T>[];
  ownedBy(namespace: string, uid: string): readonly Stored<T>[];
  /** Who follows an object, for waiting until an own write is seen. */
  followerOf(namespace: string, name: string): Reflector<T>;
}

type ShapeOf<R> = R extends Resource<infer T> ? T : never;
export type ChildCaches = {
  readonly [K in Exclude<ChildKind, 'Secret'>]: Cache<ShapeOf<(typeof CHILD_RESOURCES)[K]>>;
};

export interface Caches {
  readonly stacks: Cache<TradingStackObject>;
  readonly children: ChildCaches;
  /** By name only: the operator's role lists no other Secrets. */
  readonly secrets: Cache<ShapeOf<typeof secrets>>;
  readonly pods: Cache<ShapeOf<typeof pods>>;
  /** `handler` gets the keys of the stacks that a change may concern; a change of a stack itself, such as a halt, goes first. */
  onChange(handler: (stackKey: string, priority: Priority) => void): void;
  start(): void;
  stop(): Promise<void>;
  /**
   * Resolves when everything was read anew. Whoever begins to lead asks for it: behind a watch that hangs a cache looks well and is old,
   * and the objects of an old spec, such as one without its halt, would be put back.
   */
  renewed(signal: AbortSignal): Promise<void>;
  /** By resource: milliseconds since the server last proved the oldest of its caches current; Infinity before its first list. */
  agesMs(): ReadonlyMap<string, number>;
}

export interface CachesOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** Secrets with venue keys that stacks may name. */
  readonly venueSecretNames: readonly string[];
  readonly metrics?: ReflectorMetrics;
}

/** Everything that the operator follows: nothing of the cluster's but stacks, what it made itself, and Secrets by name. */
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
    // A reflector of one shape is one of any: its changes and its age name no field of the object.
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

/** A child tells its stack by label; a stack, or a Secret that somebody else made, concerns every stack of its namespace. */
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

/** Caches that hold one name each, as one. */
function joined<T extends KubeObject>(byName: ReadonlyMap<string, Cache<T>>): Cache<T> {
  const all = [...byName.values()];
  return {
    get: (namespace, name) => byName.get(name)?.get(namespace, name),
    list: (namespace) => all.flatMap((cache) => cache.list(namespace)),
    ownedBy: (namespace, uid) => all.flatMap((cache) => cache.ownedBy(namespace, uid)),
    followerOf: (namespace, name) => {
      const cache = byName.get(name);
      if (cache === undefined) throw new Error(`Secret ${name} is not followed`);
      return cache.followerOf(namespace, name);
    },
  };
}
