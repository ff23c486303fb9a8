import { afterAll, beforeAll, expect, it } from 'vitest';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { services } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject, Stored } from '../client/resource.ts';
import { applyIfChanged } from './apply.ts';
import { createContention } from './contention.ts';

let client: KubeClient;
let namespace: string;
beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'contested');
});
afterAll(async () => {
  await client.close();
});

it('counts the changes of a writer that also removes the hash of the last apply each time', async () => {
  const contention = { memory: createContention({ clock: virtualClock() }), key: 'stack' };
  const metadata = { namespace, name: 'a' };
  const desired = { metadata, spec: { ports: [{ port: 80, targetPort: 80 }] } } as KubeObject;
  const hashAnnotation = 'example.dev/applied-hash';
  const request = { client, resource: services, desired, fieldManager: 'example-children', hashAnnotation };
  const exclusive = { path: ['spec'], except: [] };
  const apply = async (observed?: Stored) =>
    await applyIfChanged<KubeObject>({ ...request, observed, exclusive, contention });
  await apply();
  const patch = { metadata: { annotations: { [hashAnnotation]: null } }, spec: { externalIPs: ['192.0.2.1'] } };
  const fight = async () =>
    (await apply(await client.mergePatch(services, metadata, patch, { fieldManager: 'rival' }))).result;
  expect([await fight(), await fight(), await fight()]).toEqual(['repaired', 'repaired', 'repaired']);
  expect(await fight()).toBe('contested');
  expect(contention.memory.contested('stack')).toMatchObject([{ kind: 'Service', managers: ['rival'] }]);
});
