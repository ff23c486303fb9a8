import type { V1Deployment } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { applyIfChanged, applyStatusIfChanged } from './apply.ts';
import {
  deployments,
  networkPolicies,
  podDisruptionBudgets,
  secrets,
  serviceAccounts,
  services,
} from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject, Resource, Stored } from '../client/resource.ts';

const fieldManager = 'example-children';
const hashAnnotation = 'example.dev/applied-hash';
let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'apply');
});

afterAll(async () => {
  await client.close();
});

function apply<T extends KubeObject>(resource: Resource<T>, observed: Stored<T> | undefined, desired: KubeObject) {
  return applyIfChanged({ client, resource, observed, desired, fieldManager, hashAnnotation });
}

it('writes each child of a workload once, and finds no drift in the stored objects', async () => {
  for (const { resource, desired } of children(namespace)) {
    const created = await apply(resource, undefined, desired);
    expect([resource.kind, created.result]).toEqual([resource.kind, 'created']);
    const stored = await client.get(resource, { namespace, name: 'child' });
    const again = await apply(resource, stored, desired);
    expect([resource.kind, again.result]).toEqual([resource.kind, 'unchanged']);
    // A repeated apply would create a new generation of a NetworkPolicy with an empty list of rules.
    const after = await client.get(resource, { namespace, name: 'child' });
    expect(after.metadata.resourceVersion).toBe(created.object.metadata.resourceVersion);
  }
});

it('reverts a manual change', async () => {
  const desired = deployment(namespace, 'repaired');
  const { object } = await apply(deployments, undefined, desired);
  const ref = { namespace, name: 'repaired' };
  const scaled = await client.mergePatch(deployments, ref, { spec: { replicas: 5 } }, { fieldManager: 'person' });
  expect(scaled.spec?.replicas).toBe(5);
  const repaired = await apply(deployments, scaled, desired);
  expect([repaired.result, repaired.object.spec?.replicas]).toEqual(['updated', 1]);
  expect(repaired.object.metadata.uid).toBe(object.metadata.uid);
});

it('keeps fields of other managers, and removes its own fields that are no longer desired', async () => {
  const desired = (labels: Record<string, string>): KubeObject =>
    ({
      spec: deployment(namespace, 'shared').spec,
      metadata: { namespace, name: 'shared', labels },
    }) as KubeObject;
  await apply(deployments, undefined, desired({ old: 'yes', kept: 'yes' }));
  const ref = { namespace, name: 'shared' };
  const labelled = await client.mergePatch(
    deployments,
    ref,
    { metadata: { labels: { foreign: 'yes' } } },
    { fieldManager: 'person' },
  );
  const next = await apply(deployments, labelled, desired({ kept: 'yes' }));
  expect([next.result, next.object.metadata.labels]).toEqual(['updated', { kept: 'yes', foreign: 'yes' }]);
});

it('writes a status only if it differs, and only on the version it was decided on', async () => {
  const first = (await apply(deployments, undefined, deployment(namespace, 'status'))).object;
  const status = { observedGeneration: 1, replicas: 1 };
  const write = (observed: typeof first, next: object) =>
    applyStatusIfChanged({ client, resource: deployments, observed, status: next, fieldManager: 'example-status' });
  const written = await write(first, status);
  expect([written.result, written.object.status]).toEqual(['updated', status]);
  expect(await write(written.object, { replicas: 1, observedGeneration: 1 })).toEqual({
    result: 'unchanged',
    object: written.object,
  });
  await expect(write(first, { replicas: 2 })).rejects.toMatchObject({ code: 'Conflict' });
  const reduced = await write(written.object, { replicas: 1 });
  expect(reduced.object.status).toEqual({ replicas: 1 });
});

function children(namespace: string): { resource: Resource; desired: KubeObject }[] {
  const metadata = { namespace, name: 'child', labels: { app: 'child' } };
  const selector = { matchLabels: { app: 'child' } };
  const object = (fields: object): KubeObject => ({ metadata, ...fields });
  const egress = [{ to: [{ podSelector: {} }], ports: [{ port: 6379, protocol: 'TCP' }] }];
  return [
    { resource: deployments, desired: deployment(namespace, 'child') },
    {
      resource: services,
      desired: object({
        spec: { selector: { app: 'child' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
      }),
    },
    { resource: serviceAccounts, desired: object({ automountServiceAccountToken: false }) },
    { resource: secrets, desired: object({ stringData: { token: 'value' } }) },
    { resource: podDisruptionBudgets, desired: object({ spec: { maxUnavailable: 1, selector } }) },
    {
      resource: networkPolicies,
      desired: object({ spec: { podSelector: selector, policyTypes: ['Ingress', 'Egress'], ingress: [], egress } }),
    },
  ];
}

function deployment(namespace: string, name: string): V1Deployment {
  const labels = { app: name };
  return {
    metadata: { namespace, name },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          hostNetwork: false,
          securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'main',
              image: 'registry.example/image@sha256:0',
              env: [
                { name: 'EMPTY', value: '' },
                { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
              ],
              ports: [{ name: 'http', containerPort: 8080 }],
              resources: {
                requests: { cpu: '0.1', memory: '0.5Gi' },
                limits: { cpu: 1 as unknown as string, memory: '1024Mi' },
              },
              readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5 },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [
                { name: 'scratch', mountPath: '/tmp' },
                { name: 'settings', mountPath: '/etc/app', readOnly: false },
              ],
            },
          ],
          volumes: [
            { name: 'scratch', emptyDir: {} },
            { name: 'settings', configMap: { name: 'settings' } },
          ],
        },
      },
    },
  };
}
