import { afterAll, beforeAll, expect, it } from 'vitest';
import { FINALIZER } from '../../operator/api/v1alpha1/labels.ts';
import { CHILD_RESOURCES, tradingStacks } from '../../operator/controllers/caches/stack-caches.ts';
import { applyIfChanged } from '../../operator/kube/apply/apply.ts';
import { configMaps, deployments } from '../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../operator/kube/client/client.ts';
import { isKubeError } from '../../operator/kube/client/kube-error.ts';
import type { KubeObject, Stored } from '../../operator/kube/client/resource.ts';
import type { ChildKind } from '../../operator/resources/child-object.ts';
import { childOf, CHILDREN, deploymentWith, hostileChildren } from '../fixtures/children/hostile-children.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import { startGuardedServer, type GuardedServer } from '../harness/kube/guarded-server.ts';
import { OPERATOR_ACCOUNT } from '../harness/kube/operator-chart.ts';
import { until } from '../harness/until.ts';

// The chart's policies on a real API server of their own: they hold for the whole cluster, and so for other tests.

const NAMESPACE = 'trading';
const STACK = { namespace: NAMESPACE, name: 'demo' };
let server: GuardedServer;
let admin: KubeClient;
let operator: KubeClient;

beforeAll(async () => {
  server = await startGuardedServer();
  ({ admin, operator } = server);
  await admin.create(tradingStacks, sampleStack(STACK));
  // The server takes a moment to learn of its policies: this is what the last of them refuses.
  await until(async () => {
    const refusal = await refusalOf(inElsewhere);
    if (refusal === '') await admin.delete(deployments, ELSEWHERE);
    return refusal.includes('need-a-tradingstack');
  });
});

afterAll(async () => {
  await server.stop();
});

/** Returns the refusal of the API server; empty if it accepts. */
async function refusalOf(call: () => Promise<unknown>): Promise<string> {
  return await call().then(
    () => '',
    (error: unknown) => {
      if (!isKubeError(error)) throw error;
      return error.message;
    },
  );
}

const ELSEWHERE = { namespace: 'elsewhere', name: 'demo-exchange-simulator' };
const inElsewhere = async (): Promise<unknown> => await apply(childOf('Deployment', ELSEWHERE));

async function apply(object: KubeObject, client = operator): Promise<unknown> {
  return await client.apply(CHILD_RESOURCES[object.kind as ChildKind], object, { fieldManager: 'test' });
}

it('lets the operator create everything that it renders', async () => {
  const refusals = await Promise.all(CHILDREN.map(async (object) => await refusalOf(async () => await apply(object))));
  expect(refusals.filter((refusal) => refusal !== '')).toEqual([]);
});

it('lets the operator write the status and the finalizers of a stack, and nobody else the status', async () => {
  const status = { execution: { active: 'blue', epoch: 7 } };
  const write = async (client: KubeClient): Promise<unknown> =>
    await client.apply(tradingStacks, { metadata: STACK, status } as KubeObject, {
      fieldManager: 'test',
      status: true,
    });
  expect(await refusalOf(async () => await write(operator))).toBe('');
  const refusal = await refusalOf(async () => await write(admin));
  for (const part of ['trading/demo', OPERATOR_ACCOUNT, 'not by admin', 'Change spec instead', 'restore a backup'])
    expect(refusal).toContain(part);
  const edited = async (): Promise<unknown> =>
    await admin.mergePatch(tradingStacks, STACK, { status: { execution: { epoch: 1 } } }, { status: true });
  expect(await refusalOf(edited)).toContain('holds the fence epoch');
  const finalized = async (): Promise<unknown> =>
    await operator.setFinalizers(tradingStacks, await admin.get(tradingStacks, STACK), [FINALIZER]);
  expect(await refusalOf(finalized)).toBe('');
  const released = async (): Promise<unknown> =>
    await operator.setFinalizers(tradingStacks, await admin.get(tradingStacks, STACK), []);
  expect(await refusalOf(released)).toBe('');
});

it('accepts a stack from a backup, whose status the API server drops', async () => {
  const { metadata, spec, status } = await admin.get(tradingStacks, STACK);
  const { name: _old, uid: _uid, resourceVersion: _version, ...kept } = metadata;
  const restored = { metadata: { ...kept, namespace: NAMESPACE, name: 'restored' }, spec, status } as KubeObject;
  const stored = await admin.create(tradingStacks, restored);
  expect(stored.status).toEqual({ phase: 'Pending', blockedBy: 'waiting for the operator' });
  await admin.delete(tradingStacks, { namespace: NAMESPACE, name: 'restored' });
});

it('lets people change the spec, and not the operator', async () => {
  const patch = { spec: { halt: true } };
  expect(await refusalOf(async () => await admin.mergePatch(tradingStacks, STACK, patch))).toBe('');
  const lift = { spec: { halt: false } };
  const refusal = await refusalOf(async () => await operator.mergePatch(tradingStacks, STACK, lift));
  for (const part of [
    OPERATOR_ACCOUNT,
    'may not change the spec of TradingStack trading/demo',
    'an account of your own',
  ])
    expect(refusal).toContain(part);
  const annotated = { metadata: { annotations: { 'example.com/a': 'b' } } };
  expect(await refusalOf(async () => await operator.mergePatch(tradingStacks, STACK, annotated))).toBe('');
});

it.each(hostileChildren())('refuses the operator %s', async (_what, object, says) => {
  const refusal = await refusalOf(async () => await apply(object));
  for (const part of says) expect(refusal).toContain(part);
  expect(refusal).toContain(OPERATOR_ACCOUNT);
});

it('refuses workloads of the operator where no TradingStack is, whoever writes them', async () => {
  for (const client of [operator, admin])
    for (const kind of ['Deployment', 'Job'] as const) {
      const object = childOf(kind, { namespace: 'elsewhere' });
      expect(await refusalOf(async () => await apply(object, client))).toMatch(
        /workloads-need-a-tradingstack-in-their-namespace.*no params found/,
      );
    }
});

it('leaves the workloads of others alone', async () => {
  const labels = { app: 'web' };
  const other = {
    metadata: { namespace: 'elsewhere', name: 'web' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { hostNetwork: true, containers: [{ name: 'web', image: 'web:1' }] } },
    },
  } as KubeObject;
  expect(await refusalOf(async () => await admin.create(deployments, other))).toBe('');
  const map = { metadata: { namespace: 'elsewhere', name: 'web' } };
  expect(await refusalOf(async () => await admin.create(configMaps, map))).toBe('');
});

it('refuses the operator to take over a workload of others', async () => {
  const ref = { namespace: NAMESPACE, name: 'web' };
  const labels = { app: 'web' };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  };
  await admin.create(deployments, { metadata: ref, spec } as KubeObject);
  const { metadata } = childOf('Deployment', ref);
  const taken = await refusalOf(async () => await apply({ ...childOf('Deployment'), metadata, spec } as KubeObject));
  expect(taken).toContain('belongs to somebody else');
});

it('lets the operator scale down a workload that somebody else has opened', async () => {
  const opened = deploymentWith(() => ({ hostNetwork: true }));
  expect(await refusalOf(async () => await apply(opened, admin))).toBe('');
  const ref = { namespace: NAMESPACE, name: 'changed' };
  const scaled = async (): Promise<unknown> => await operator.mergePatch(deployments, ref, { spec: { replicas: 0 } });
  expect(await refusalOf(scaled)).toBe('');
});

it('lets the operator repair a workload that somebody else has opened in several ways at once', async () => {
  const desired = childOf('Deployment', { name: 'opened' });
  const names = { fieldManager: 'test', hashAnnotation: 'example.com/hash', exclusive: { path: ['spec'], except: [] } };
  const repair = async (observed?: Stored): Promise<Stored> =>
    (await applyIfChanged<KubeObject>({ client: operator, resource: deployments, observed, desired, ...names })).object;
  const before = await repair();
  const pod = { hostNetwork: true, securityContext: { runAsUser: 0, runAsNonRoot: false } };
  const patch = { spec: { template: { spec: pod } } };
  const opened = await admin.mergePatch(deployments, { namespace: NAMESPACE, name: 'opened' }, patch, {
    fieldManager: 'person',
  });
  expect(await repair(opened)).toMatchObject({ ...before, metadata: {} });
});
