import { describe, expect, it } from 'vitest';
import { keyOf, parseKey, pathOf, type Stored } from '../client/resource.ts';
import { deployments, namespaces, pods } from '../client/builtin-resources.ts';
import { createStore, isAtLeast } from './store.ts';

function pod(name: string, resourceVersion: string, owners: readonly string[] = [], namespace = 'ns'): Stored {
  const ownerReferences = owners.map((uid) => ({ apiVersion: 'v1', kind: 'Owner', name: uid, uid }));
  const metadata = { name, namespace, uid: `uid-${name}`, resourceVersion, ownerReferences, managedFields: [{}] };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

it('returns each difference from a list, and none if the list is equal', () => {
  const store = createStore();
  store.replace([pod('a', '1'), pod('b', '1'), pod('c', '1')], '5');
  const changes = store.replace([pod('a', '1'), pod('b', '2'), pod('d', '3')], '6');
  expect(changes.map(({ type, key }) => [type, key])).toEqual([
    ['deleted', 'ns/c'],
    ['updated', 'ns/b'],
    ['added', 'ns/d'],
  ]);
  expect(store.resourceVersion).toBe('6');
  expect(store.replace(store.list(), '7')).toEqual([]);
});

it('indexes by namespace and owner', () => {
  const store = createStore();
  store.put(pod('a', '1', ['x']));
  store.put(pod('a', '1', ['x'], 'other'));
  expect(store.put(pod('a', '2', ['y']))).toMatchObject({ type: 'updated', key: 'ns/a' });
  expect(store.ownedBy('x').map(keyOf)).toEqual(['other/a']);
  expect(store.ownedBy('y').map(keyOf)).toEqual(['ns/a']);
  expect(store.list('ns').map(keyOf)).toEqual(['ns/a']);
  store.remove(pod('a', '3', ['y']));
  expect([store.ownedBy('y'), store.list('ns'), store.size]).toEqual([[], [], 1]);
});

it('reports no change for a repeated version or an unknown object', () => {
  const store = createStore();
  store.put(pod('a', '1'));
  expect(store.put(pod('a', '1'))).toBeUndefined();
  expect(store.remove(pod('b', '1'))).toBeUndefined();
});

describe('intent', () => {
  const stack = (metadata: object): Stored => ({
    ...pod('a', '1'),
    metadata: { ...pod('a', '1').metadata, generation: 1, ...metadata },
  });

  it.each([
    ['a status', {}, false],
    ['finalizers', { finalizers: ['x'] }, false],
    ['a spec', { generation: 2 }, true],
    ['an annotation', { annotations: { halt: 'true' } }, true],
    ['a label', { labels: { team: 'a' } }, true],
    ['a deletion', { deletionTimestamp: '2026-01-01T00:00:00Z' }, true],
    ['a replacement of the same name', { uid: 'other' }, true],
  ])('reports for a change of %s whether it may state a new intent', (_what, metadata, intentChanged) => {
    const store = createStore();
    expect(store.put(stack({}))).toMatchObject({ type: 'added', intentChanged: true });
    expect(store.put(stack({ ...metadata, resourceVersion: '2' }))).toMatchObject({ type: 'updated', intentChanged });
    expect(store.remove(stack({ resourceVersion: '3' }))).toMatchObject({ type: 'deleted', intentChanged: true });
  });

  it('reports every change of a kind without a generation as a possible new intent', () => {
    const store = createStore();
    store.put(pod('a', '1'));
    expect(store.put(pod('a', '2'))).toMatchObject({ intentChanged: true });
  });
});

it('drops managed fields', () => {
  const store = createStore();
  store.put(pod('a', '1'));
  expect(store.get('ns/a')?.metadata).not.toHaveProperty('managedFields');
});

it.each<[string, boolean | { readonly except: string }, readonly string[]]>([
  ['all', true, ['us', 'them', 'them']],
  ['those of other managers that are not of the status', { except: 'us' }, ['them']],
  ['those of others, whatever their names', { except: 'them' }, ['us']],
])('keeps %s of the managed fields', (_what, keepManagedFields, managers) => {
  const managedFields = [{ manager: 'us' }, { manager: 'them' }, { manager: 'them', subresource: 'status' }];
  const store = createStore({ keepManagedFields });
  const { metadata } = pod('a', '1');
  store.put({ ...pod('a', '1'), metadata: { ...metadata, managedFields } });
  expect(store.get('ns/a')?.metadata.managedFields).toEqual(
    managers.map((manager) => expect.objectContaining({ manager })),
  );
});

it.each([
  ['10', '9', true],
  ['9', '10', false],
  ['9', '9', true],
  ['18446744073709551617', '18446744073709551616', true],
  [undefined, '1', false],
])('reports whether version %s is at least %s: %s', (a, b, expected) => {
  expect(isAtLeast(a, b)).toBe(expected);
});

it('builds and parses keys, and builds paths', () => {
  expect(parseKey(keyOf(pod('a', '1')))).toEqual({ namespace: 'ns', name: 'a' });
  expect(parseKey('node')).toEqual({ name: 'node' });
  expect(() => keyOf({ metadata: {} })).toThrow('no metadata.name');
  expect(pathOf(pods, { namespace: 'ns', name: 'a' })).toBe('/api/v1/namespaces/ns/pods/a');
  expect(pathOf(pods, {})).toBe('/api/v1/pods');
  expect(pathOf(deployments, { namespace: 'ns', name: 'a' }, 'status')).toBe(
    '/apis/apps/v1/namespaces/ns/deployments/a/status',
  );
  expect(pathOf(namespaces, { name: 'a b' })).toBe('/api/v1/namespaces/a%20b');
});
