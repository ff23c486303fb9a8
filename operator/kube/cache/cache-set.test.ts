import { describe, expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { configMaps, secrets } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { KubeError } from '../client/kube-error.ts';
import type { Resource, Stored } from '../client/resource.ts';
import { createCacheSet, type CacheSet } from './cache-set.ts';
import { joinedByName } from './object-cache.ts';
import { createReflector } from './reflector.ts';

const log = createLogger({ name: 'test', level: 'silent' });

function object(namespace: string, name: string): Stored {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Owner', name: 'owner', uid: `owner of ${name}` }];
  return {
    apiVersion: 'v1',
    kind: 'Any',
    metadata: { namespace, name, uid: `${namespace}/${name}`, resourceVersion: '1', ownerReferences },
  };
}

interface ListOptions {
  readonly namespace?: string;
  readonly fieldSelector?: string;
}

/** A server whose objects never change: `a` and `b` in namespaces one and two. */
function serverWith(plural: string): Pick<KubeClient, 'list' | 'watch'> {
  const all = ['one', 'two'].flatMap((namespace) => [object(namespace, 'a'), object(namespace, 'b')]);
  return {
    list: async (resource: Resource, { namespace, fieldSelector }: ListOptions) => {
      const items = all.filter(
        ({ metadata }) =>
          resource.plural === plural &&
          (namespace === undefined || metadata.namespace === namespace) &&
          (fieldSelector === undefined || fieldSelector === `metadata.name=${metadata.name}`),
      );
      return await Promise.resolve({ items, resourceVersion: '1' });
    },
    watch: async function* watch(_resource: Resource, { signal }: { readonly signal: AbortSignal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield* [];
    },
  } as unknown as Pick<KubeClient, 'list' | 'watch'>;
}

async function listed(set: CacheSet): Promise<void> {
  onTestFinished(async () => await set.stop());
  set.start();
  await set.relisted(AbortSignal.timeout(5_000), 5_000);
}

const keysOf = (objects: readonly Stored[]) => objects.map(({ metadata: { uid } }) => uid).toSorted();

it.each([
  ['all namespaces', []],
  ['listed namespaces', ['two', 'one']],
])('finds objects by name, namespace and owner in %s', async (_scope, namespaces) => {
  const set = createCacheSet({ client: serverWith('configmaps'), clock: systemClock, log, namespaces });
  const cache = set.follow(configMaps);
  await listed(set);
  expect(cache.get('one', 'a')?.metadata.uid).toBe('one/a');
  expect(cache.get('one', 'c')).toBeUndefined();
  expect(keysOf(cache.list())).toEqual(['one/a', 'one/b', 'two/a', 'two/b']);
  expect(keysOf(cache.list('two'))).toEqual(['two/a', 'two/b']);
  expect(keysOf(cache.ownedBy('two', 'owner of a'))).toContain('two/a');
  expect(cache.followerOf('one', 'a').hasSeen({ namespace: 'one', name: 'a' }, '1')).toBe(true);
});

it('refuses a namespace that is not watched', () => {
  const namespaces = ['one'];
  const cache = createCacheSet({ client: serverWith('configmaps'), clock: systemClock, log, namespaces }).follow(
    configMaps,
  );
  expect(() => cache.get('two', 'a')).toThrow('namespace two is not watched');
});

it('joins caches of single names, and knows no other name', async () => {
  const set = createCacheSet({ client: serverWith('secrets'), clock: systemClock, log, namespaces: ['one', 'two'] });
  const byName = ['a', 'missing'].map(
    (name) => [name, set.follow(secrets, { fieldSelector: `metadata.name=${name}` })] as const,
  );
  const cache = joinedByName(new Map(byName));
  await listed(set);
  expect(keysOf(cache.list())).toEqual(['one/a', 'two/a']);
  expect(keysOf(cache.ownedBy('one', 'owner of a'))).toEqual(['one/a']);
  expect(cache.get('two', 'a')?.metadata.uid).toBe('two/a');
  expect([cache.get('one', 'missing'), cache.get('one', 'b')]).toEqual([undefined, undefined]);
  expect(() => cache.followerOf('one', 'b')).toThrow('name b is not watched');
});

it('passes on every change with its resource, and reports the age of the oldest cache of each resource', async () => {
  const set = createCacheSet({ client: serverWith('configmaps'), clock: systemClock, log, namespaces: ['one'] });
  set.follow(configMaps);
  set.follow(secrets);
  const changes: string[] = [];
  set.onChange(({ type, key }, plural) => changes.push(`${type} ${plural} ${key}`));
  expect(set.agesMs()).toEqual(
    new Map([
      ['configmaps', Infinity],
      ['secrets', Infinity],
    ]),
  );
  await listed(set);
  expect(changes).toEqual(['added configmaps one/a', 'added configmaps one/b']);
  expect(set.agesMs().get('secrets')).toBeLessThan(60_000);
});

it('reports the age of the cache of one namespace, and of the oldest one', async () => {
  const server = serverWith('configmaps');
  const list = async (resource: Resource, options: ListOptions) =>
    options.namespace === 'one' ? await new Promise<never>(() => {}) : await server.list(resource, options);
  const client = { ...server, list } as unknown as Pick<KubeClient, 'list' | 'watch'>;
  const set = createCacheSet({ client, clock: systemClock, log, namespaces: ['one', 'two'] });
  const cache = set.follow(configMaps);
  const joined = joinedByName(new Map([['a', cache]]));
  onTestFinished(() => void set.stop());
  set.start();
  await expect.poll(() => cache.ageMs('two')).toBeLessThan(60_000);
  expect([cache.ageMs('one'), cache.ageMs(), joined.ageMs('one'), joined.ageMs()]).toEqual(Array(4).fill(Infinity));
  expect(joined.ageMs('two')).toBeLessThan(60_000);
});

it('reports a resource as old as its oldest namespace', async () => {
  const server = serverWith('configmaps');
  const client = {
    ...server,
    list: async (resource: Resource, options: { readonly namespace?: string }) =>
      options.namespace === 'one' ? await new Promise<never>(() => {}) : await server.list(resource, options),
  } as unknown as Pick<KubeClient, 'list' | 'watch'>;
  const set = createCacheSet({ client, clock: systemClock, log, namespaces: ['one', 'two'] });
  onTestFinished(() => void set.stop());
  set.follow(configMaps);
  const listedTwo = new Promise((resolve) => set.onChange(resolve));
  set.start();
  await listedTwo;
  expect(set.agesMs()).toEqual(new Map([['configmaps', Infinity]]));
});

it('verifies every cache with a list once per audit interval', async () => {
  const server = serverWith('configmaps');
  const lists: string[] = [];
  const list = async (resource: Resource, options: ListOptions) => {
    lists.push(resource.plural);
    return await server.list(resource, options);
  };
  const client = { ...server, list } as unknown as Pick<KubeClient, 'list' | 'watch'>;
  const clock = virtualClock();
  const set = createCacheSet({ client, clock, log, namespaces: [], auditIntervalMs: 60_000 });
  set.follow(configMaps);
  set.follow(secrets);
  onTestFinished(async () => await set.stop());
  set.start();
  await clock.advance(47_999);
  expect(lists).toEqual(['configmaps', 'secrets']);
  // Jitter shortens the interval by up to a fifth.
  await clock.advance(12_001);
  expect(lists.toSorted()).toEqual(['configmaps', 'configmaps', 'secrets', 'secrets']);
});

describe('relisted', () => {
  const deniedSecrets = (): Pick<KubeClient, 'list' | 'watch'> => {
    const server = serverWith('configmaps');
    const list = async (resource: Resource, options: ListOptions) => {
      if (resource.plural === 'secrets') throw new KubeError('Forbidden', 'secrets is forbidden: cannot list');
      return options.namespace === 'two' ? await new Promise<never>(() => {}) : await server.list(resource, options);
    };
    return { ...server, list } as unknown as Pick<KubeClient, 'list' | 'watch'>;
  };

  it('rejects after the time given, and names each resource that was not listed and why', async () => {
    const set = createCacheSet({ client: deniedSecrets(), clock: systemClock, log, namespaces: ['one', 'two'] });
    set.follow(configMaps);
    set.follow(secrets, { fieldSelector: 'metadata.name=a' });
    set.follow(secrets, { fieldSelector: 'metadata.name=b' });
    onTestFinished(() => void set.stop());
    set.start();
    await expect(set.relisted(AbortSignal.timeout(5_000), 100)).rejects.toMatchObject({
      code: 'Timeout',
      message:
        'not listed within 0.1 s: configmaps in namespace two (no answer yet), ' +
        'secrets in namespace one (Forbidden: secrets is forbidden: cannot list), ' +
        'secrets in namespace two (Forbidden: secrets is forbidden: cannot list)',
    });
  });

  it('rejects with Aborted when the signal fires first', async () => {
    const set = createCacheSet({ client: deniedSecrets(), clock: systemClock, log, namespaces: [] });
    set.follow(secrets);
    await expect(set.relisted(AbortSignal.abort(), 100)).rejects.toMatchObject({ code: 'Aborted' });
  });

  it('forgets a failure once the list has succeeded', async () => {
    let failures = 1;
    const server = serverWith('configmaps');
    const list = async (resource: Resource, options: ListOptions) =>
      failures-- > 0 ? await Promise.reject(new KubeError('Unavailable', 'x')) : await server.list(resource, options);
    const client = { ...server, list } as unknown as Pick<KubeClient, 'list' | 'watch'>;
    const reflector = createReflector({ client, resource: configMaps, clock: systemClock, log, minBackoffMs: 300 });
    onTestFinished(async () => await reflector.stop());
    reflector.start();
    await expect.poll(() => reflector.failure()).toMatchObject({ code: 'Unavailable' });
    await reflector.synced();
    expect(reflector.failure()).toBeUndefined();
  });
});
