import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { podDisruptionBudgets } from '../client/builtin-resources.ts';
import type { KubeObject, Stored } from '../client/resource.ts';
import { applyIfChanged } from './apply.ts';
import { createContention } from './contention.ts';

it('reports a field as contested that is there again after each removal, as a default of the API server', async () => {
  const contention = { memory: createContention({ clock: virtualClock() }), key: 'stack' };
  const metadata = { namespace: 'ns', name: 'a' };
  const desired = { metadata, spec: { maxUnavailable: 1 } } as KubeObject;
  const request = { resource: podDisruptionBudgets, desired, fieldManager: 'us', hashAnnotation: 'example.dev/hash' };
  const exclusive = { path: ['spec'], except: [] };
  let stored = {} as Stored;
  const calls: string[] = [];
  const client = {
    list: async () => await Promise.resolve({ items: [], resourceVersion: '1' }),
    apply: async <T extends KubeObject>(_resource: unknown, object: KubeObject) => {
      calls.push('apply');
      stored = { ...object, metadata: { ...object.metadata, resourceVersion: '1' } } as Stored;
      return await Promise.resolve(stored as Stored<T>);
    },
    removeFields: async <T extends KubeObject>(_resource: unknown, object: Stored, pointers: readonly string[]) => {
      calls.push(...pointers);
      return await Promise.resolve(object as Stored<T>);
    },
    replaceField: async () => await Promise.reject(new Error('replaced')),
  };
  await applyIfChanged<KubeObject>({ client, observed: undefined, ...request });
  const managedFields = [{ manager: 'rival', fieldsV1: { 'f:spec': { 'f:unknown': {} } } }];
  const observed = { ...stored, metadata: { ...stored.metadata, managedFields } };
  Object.assign(observed, { spec: { maxUnavailable: 1, unknown: 'default' } });
  const again = async () => await applyIfChanged<KubeObject>({ client, observed, exclusive, contention, ...request });
  expect([(await again()).result, (await again()).result, (await again()).becameContested]).toEqual([
    'contested',
    'contested',
    true,
  ]);
  await again();
  expect(calls).toEqual(['apply', '/spec/unknown', '/spec/unknown', '/spec/unknown']);
});
