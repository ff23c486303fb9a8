import { CustomObjectsApi } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { FINALIZER } from '../../operator/api/v1alpha1/labels.ts';
import { tradingStacks } from '../../operator/controllers/caches/stack-caches.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import { startGuardedServer, type GuardedServer } from '../harness/kube/guarded-server.ts';
import { until } from '../harness/until.ts';

// On a real API server of its own, because the policies of the chart hold for the whole cluster.

const STACK = { namespace: 'trading', name: 'demo' };
const RESOURCE = { group: 'tradingstack.dev', version: 'v1alpha1', plural: 'tradingstacks', ...STACK };
let server: GuardedServer;
let api: CustomObjectsApi;

beforeAll(async () => {
  server = await startGuardedServer();
  api = server.kubeConfigAs().makeApiClient(CustomObjectsApi);
  await createStack();
  // The server takes a moment to learn of its policies.
  await until(async () => (await refusalOf('Foreground', { dryRun: 'All' })) !== '');
});

afterAll(async () => {
  await server.stop();
});

async function createStack(): Promise<void> {
  const stack = sampleStack(STACK);
  await server.admin.create(tradingStacks, { ...stack, metadata: { ...stack.metadata, finalizers: [FINALIZER] } });
}

/** With its finalizer, and not being deleted. */
beforeEach(async () => {
  const { admin } = server;
  const stack = await admin.find(tradingStacks, STACK);
  if (stack !== undefined && (await deletedAt()) === undefined) return;
  if (stack !== undefined) await admin.setFinalizers(tradingStacks, stack, []);
  await createStack();
});

/** Deletes the stack, with its policy in the body as kubectl does. Returns the refusal; empty if it is accepted. */
async function refusalOf(propagationPolicy: string | undefined, query: object = {}): Promise<string> {
  const body = propagationPolicy === undefined ? {} : { propagationPolicy };
  return await messageOf(async () => await api.deleteNamespacedCustomObject({ ...RESOURCE, ...query, body }));
}

async function messageOf(call: () => Promise<unknown>): Promise<string> {
  return await call().then(
    () => '',
    (error: Error) => error.message,
  );
}

async function deletedAt(): Promise<unknown> {
  return (await server.admin.get(tradingStacks, STACK)).metadata.deletionTimestamp;
}

const REFUSAL = [
  'TradingStack trading/demo',
  'kubectl delete --cascade=background',
  'PrunePropagationPolicy=background',
  'resources-finalizer.argocd.argoproj.io/background',
];

it('refuses to delete a stack in the foreground, and names the remedy', async () => {
  const refusal = await refusalOf('Foreground');
  for (const part of REFUSAL) expect(refusal).toContain(part);
  expect(await deletedAt()).toBeUndefined();
});

it('refuses it to a collection of stacks, and in the query of a request', async () => {
  const options = { ...RESOURCE, propagationPolicy: 'Foreground' };
  for (const call of [
    async () => await api.deleteCollectionNamespacedCustomObject(options),
    async () => await api.deleteNamespacedCustomObject(options),
  ]) {
    const refusal = await messageOf(call);
    for (const part of REFUSAL) expect(refusal).toContain(part);
  }
  expect(await deletedAt()).toBeUndefined();
});

it('refuses to turn a deletion into one in the foreground', async () => {
  expect(await refusalOf('Background')).toBe('');
  expect(await refusalOf('Foreground')).toContain(REFUSAL[0]);
  expect((await server.admin.get(tradingStacks, STACK)).metadata.finalizers).toEqual([FINALIZER]);
});

it.each([['Background'], ['Orphan'], [undefined]])('accepts a deletion with the policy %s', async (policy) => {
  expect(await refusalOf(policy)).toBe('');
  expect(await deletedAt()).toBeDefined();
});

it('accepts the deletion of a collection in the background, as when its namespace is deleted', async () => {
  const options = { ...RESOURCE, propagationPolicy: 'Background' };
  expect(await messageOf(async () => await api.deleteCollectionNamespacedCustomObject(options))).toBe('');
  expect(await deletedAt()).toBeDefined();
});
