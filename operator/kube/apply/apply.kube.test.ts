import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleChildren } from '../../../test/fixtures/children/sample-children.ts';
import { sampleDeployment } from '../../../test/fixtures/children/sample-deployment.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { applyIfChanged, type Applied, type ApplyRequest } from './apply.ts';
import { applyStatusIfChanged } from './apply-status.ts';
import { createContention } from './contention.ts';
import { configMaps, deployments, networkPolicies } from '../client/builtin-resources.ts';
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

function apply<T extends KubeObject>(
  resource: Resource<T>,
  observed: Stored<T> | undefined,
  desired: KubeObject,
  options: Pick<ApplyRequest<T>, 'exclusive' | 'contention'> = {},
): Promise<Applied<T>> {
  return applyIfChanged({ client, resource, observed, desired, fieldManager, hashAnnotation, ...options });
}

it('writes each child of a workload once, and finds no drift in the stored objects', async () => {
  for (const { resource, desired } of sampleChildren(namespace)) {
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
  const desired = sampleDeployment(namespace, 'repaired');
  const { object } = await apply(deployments, undefined, desired);
  const ref = { namespace, name: 'repaired' };
  const scaled = await client.mergePatch(deployments, ref, { spec: { replicas: 5 } }, { fieldManager: 'person' });
  expect(scaled.spec?.replicas).toBe(5);
  const repaired = await apply(deployments, scaled, desired);
  expect([repaired.result, repaired.object.spec?.replicas]).toEqual(['repaired', 1]);
  expect(repaired.drift).toEqual({ path: ['spec', 'replicas'], managers: ['person'] });
  expect(repaired.object.metadata.uid).toBe(object.metadata.uid);
});

describe('an object of the same name', () => {
  const data = { who: 'operator' };
  const mapOf = (name: string) => ({ metadata: { namespace, name, labels: { child: 'yes' } }, data }) as KubeObject;

  it('is left as it is when somebody else made it, even without a field in common', async () => {
    const foreign = { metadata: { namespace, name: 'foreign' }, data: { theirs: 'yes' } } as KubeObject;
    const before = await client.apply(configMaps, foreign, { fieldManager: 'person' });
    const refused = {
      code: 'AlreadyExists',
      message:
        'ConfigMap foreign was made by person, not by example-children: it is left as it is; delete or rename it',
    };
    await expect(apply(configMaps, undefined, mapOf('foreign'))).rejects.toMatchObject(refused);
    // A cache may select an object that this manager never applied.
    await expect(apply(configMaps, before, mapOf('foreign'))).rejects.toMatchObject(refused);
    expect(await client.get(configMaps, { namespace, name: 'foreign' })).toEqual(before);
  });

  it('is repaired when this manager made it and somebody took its label off', async () => {
    await apply(configMaps, undefined, mapOf('ours'));
    const patch = { metadata: { labels: { child: null } }, data: { who: 'person' } };
    await client.mergePatch(configMaps, { namespace, name: 'ours' }, patch, { fieldManager: 'person' });
    const { object } = await apply(configMaps, undefined, mapOf('ours'));
    expect([object.metadata.labels, object.data]).toEqual([{ child: 'yes' }, data]);
  });

  it('is repaired when somebody took the hash off that shows what was applied last', async () => {
    await apply(configMaps, undefined, mapOf('bare'));
    const patch = { metadata: { annotations: { [hashAnnotation]: null } } };
    const bare = await client.mergePatch(configMaps, { namespace, name: 'bare' }, patch, { fieldManager: 'person' });
    const { object } = await apply(configMaps, bare, mapOf('bare'));
    expect(object.metadata.annotations?.[hashAnnotation]).toMatch(/^[0-9a-f]{32}$/);
  });
});

it('keeps fields of other managers, and removes its own fields that are no longer desired', async () => {
  const desired = (labels: Record<string, string>): KubeObject =>
    ({
      spec: sampleDeployment(namespace, 'shared').spec,
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
  const first = (await apply(deployments, undefined, sampleDeployment(namespace, 'status'))).object;
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

it('closes a policy again that was opened by hand, and then finds nothing to write', async () => {
  const spec = {
    podSelector: { matchLabels: { a: 'b' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [],
  };
  const ref = { namespace, name: 'deny' };
  const desired = { metadata: ref, spec } as KubeObject;
  const { object } = await apply(networkPolicies, undefined, desired);
  expect((await apply(networkPolicies, object, desired)).result).toBe('unchanged');
  const opened = await client.mergePatch(networkPolicies, ref, { spec: { ingress: [{}], egress: [{}] } });
  expect(opened.spec?.egress).toEqual([{}]);
  const repaired = await apply(networkPolicies, opened, desired);
  expect(repaired.result).toBe('repaired');
  expect([repaired.object.spec?.ingress ?? [], repaired.object.spec?.egress ?? []]).toEqual([[], []]);
  expect((await apply(networkPolicies, repaired.object, desired)).result).toBe('unchanged');
});

describe('a pod template that is exclusive', () => {
  const RESTARTED = 'kubectl.kubernetes.io/restartedAt';
  const exclusive = {
    path: ['spec', 'template'],
    except: [`/spec/template/metadata/annotations/${RESTARTED.replace('/', '~1')}`],
  };
  const inPod = (spec: object) => ({ spec: { template: { spec } } });

  it.each<[string, object, string]>([
    ['the processes of the host', { hostPID: true }, 'spec.template.spec.hostPID'],
    ['a container', { containers: [{ name: 'evil', image: 'x' }] }, 'spec.template.spec.containers.evil'],
    [
      'a variable',
      { containers: [{ name: 'main', env: [{ name: 'NODE_OPTIONS', value: 'x' }] }] },
      'spec.template.spec.containers.main.env.NODE_OPTIONS',
    ],
    [
      'the user root',
      { containers: [{ name: 'main', securityContext: { runAsUser: 0 } }] },
      'spec.template.spec.containers.main.securityContext.runAsUser',
    ],
    [
      'a volume of the host',
      { volumes: [{ name: 'host', hostPath: { path: '/' } }] },
      'spec.template.spec.volumes.host',
    ],
    ['a toleration', { tolerations: [{ operator: 'Exists' }] }, 'spec.template.spec.tolerations'],
  ])('loses %s that another manager added', async (_what, addition, path) => {
    const ref = { namespace, name: `exclusive-${randomUUID().slice(0, 8)}` };
    const desired = sampleDeployment(namespace, ref.name);
    const { object } = await apply(deployments, undefined, desired);
    await client.apply(deployments, { metadata: ref, ...inPod(addition) }, { fieldManager: 'attacker' });
    const changed = await client.get(deployments, ref);
    expect(changed.metadata.generation).toBe(2);
    const repaired = await apply(deployments, changed, desired, { exclusive });
    expect([repaired.result, repaired.drift]).toEqual(['repaired', { path: path.split('.'), managers: ['attacker'] }]);
    expect(repaired.object.spec?.template).toEqual(object.spec?.template);
    expect((await apply(deployments, repaired.object, desired, { exclusive })).result).toBe('unchanged');
  });

  it('keeps the annotation of kubectl rollout restart, and loses it with everything else only on purpose', async () => {
    const ref = { namespace, name: 'restarted' };
    const desired = sampleDeployment(namespace, ref.name);
    await apply(deployments, undefined, desired);
    const patch = { spec: { template: { metadata: { annotations: { [RESTARTED]: 'now' } } } } };
    const restarted = await client.mergePatch(deployments, ref, patch, { fieldManager: 'kubectl-rollout' });
    expect((await apply(deployments, restarted, desired, { exclusive })).result).toBe('unchanged');
    const bare = { ...exclusive, except: [] };
    expect((await apply(deployments, restarted, desired, { exclusive: bare })).result).toBe('repaired');
  });

  it('removes nothing from a version that it has not seen', async () => {
    const ref = { namespace, name: 'stale' };
    const desired = sampleDeployment(namespace, ref.name);
    await apply(deployments, undefined, desired);
    const patch = inPod({ hostPID: true });
    const stale = await client.mergePatch(deployments, ref, patch, { fieldManager: 'person' });
    await client.mergePatch(deployments, ref, { metadata: { labels: { later: 'yes' } } });
    await expect(apply(deployments, stale, desired, { exclusive })).rejects.toMatchObject({ code: 'Conflict' });
  });
});

it('leaves an object alone for a while that another manager changes repeatedly', async () => {
  const clock = virtualClock();
  const contention = { memory: createContention({ clock }), key: 'stack' };
  const ref = { namespace, name: 'contested' };
  const desired = sampleDeployment(namespace, ref.name);
  await apply(deployments, undefined, desired);
  const fight = async () => {
    const scaled = await client.mergePatch(deployments, ref, { spec: { replicas: 2 } }, { fieldManager: 'autoscaler' });
    return await apply(deployments, scaled, desired, { contention });
  };
  const results: Awaited<ReturnType<typeof fight>>[] = [];
  for (let round = 0; round < 5; round += 1) results.push(await fight());
  expect(results.map(({ result }) => result)).toEqual(['repaired', 'repaired', 'repaired', 'contested', 'contested']);
  expect(results.map(({ becameContested = false }) => becameContested)).toEqual([false, false, true, false, false]);
  expect(contention.memory.contested('stack')).toEqual([
    { kind: 'Deployment', name: 'contested', path: ['spec', 'replicas'], managers: ['autoscaler'] },
  ]);
  // What the desired state itself changes does not wait.
  const changed = { spec: desired.spec, metadata: { ...ref, labels: { new: 'yes' } } } as KubeObject;
  const scaled = await client.get(deployments, ref);
  const next = await apply(deployments, scaled, changed, { contention });
  expect([next.result, next.object.spec?.replicas]).toEqual(['updated', 1]);
  await fight();
  await clock.advance(5_000);
  expect((await fight()).result).toBe('repaired');
});
