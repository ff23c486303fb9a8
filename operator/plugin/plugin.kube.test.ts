import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleStack } from '../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient, testKubeConfig } from '../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../test/harness/kube/trading-stack-crd.ts';
import { runCommand, type Ran } from '../../test/harness/plugin/run-command.ts';
import { until } from '../../test/harness/until.ts';
import { TRADING_STATE_ANNOTATION } from '../api/v1alpha1/labels.ts';
import { readStatus } from '../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../api/v1alpha1/trading-stack/status.ts';
import { tradingStacks } from '../controllers/caches/stack-caches.ts';
import { managersOf } from '../controllers/trading-stack/observe/field-managers.ts';
import { defineResource, type KubeObject } from '../kube/client/resource.ts';
import type { KubeClient } from '../kube/client/client.ts';
import { FIELD_MANAGER } from './cluster/cluster.ts';

/** The plugin against a real API server, with a real operator and processes that no kubelet runs. */
const rbac = (plural: string, kind: string, namespaced: boolean) =>
  defineResource({ group: 'rbac.authorization.k8s.io', version: 'v1', plural, kind, namespaced });
const clusterRoles = rbac('clusterroles', 'ClusterRole', false);
const roleBindings = rbac('rolebindings', 'RoleBinding', true);

let admin: KubeClient;
let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;
let operator: RunningOperator;
const stop = new AbortController();
let playing: Promise<void>;

beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
  for (const role of ['viewer', 'editor']) {
    const file = join(import.meta.dirname, '../../manifests/rbac', `${role}.yaml`);
    await admin.apply(clusterRoles, parse(readFileSync(file, 'utf8')) as KubeObject, { fieldManager: 'test' });
  }
  namespace = await newNamespace(admin, 'plugin');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, sampleStack({ namespace, change: { rollout: { soakSeconds: 0 } } }));
  playing = play();
  await untilStatus(({ phase }) => phase === 'Running');
});
afterAll(async () => {
  stop.abort();
  await playing;
  await operator.stop();
  await admin.close();
});
beforeEach(async () => {
  await annotate('kubectl-annotate', { [TRADING_STATE_ANNOTATION]: 'Active' });
  await admin.mergePatch(
    tradingStacks,
    ref(),
    { spec: { halt: false, flatten: false } },
    { fieldManager: 'kubectl-patch' },
  );
  await untilStatus(({ trading }) => trading?.state === 'Active' && trading.requested === 'Active');
  listOpenOrders(0);
});

async function play(): Promise<void> {
  while (!stop.signal.aborted) {
    await hand.play();
    await delay(50);
  }
}

const ref = () => ({ namespace, name: 'demo' });
const BY_HAND = { fieldManager: 'kubectl-annotate' } as const;

async function annotate(fieldManager: string, annotations: Readonly<Record<string, string | null>>): Promise<void> {
  await admin.mergePatch(tradingStacks, ref(), { metadata: { annotations } }, { fieldManager });
}

async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    const status = readStatus((await admin.get(tradingStacks, ref())).status);
    return is(status) ? status : undefined;
  }, 45_000);
}

/** The process of execution lists so many open orders at the venue, just now. */
function listOpenOrders(count: number): void {
  const epoch = processes.activations.at(-1) ?? 1;
  const sender = { role: 'active', epoch, fenceEpoch: epoch, openOrders: { count, ageMs: 0 } } as const;
  processes.say('execution-blue', { sender });
}

async function plugin(...args: readonly string[]): Promise<Ran> {
  return await runCommand([...args, '-n', namespace], { kubeConfig: testKubeConfig() });
}

/** A user of that name, whose rights are what the test binds. */
function kubeConfigOf(user: string): KubeConfig {
  const given = testKubeConfig();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: given.getClusters(),
    contexts: given.getContexts(),
    users: given.getUsers().map((each) => ({ ...each, impersonateUser: user })),
    currentContext: given.getCurrentContext(),
  });
  return kubeConfig;
}

async function bind(user: string, role: string): Promise<void> {
  const subject = { kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' };
  const roleRef = { kind: 'ClusterRole', name: role, apiGroup: 'rbac.authorization.k8s.io' };
  const binding = { metadata: { namespace, name: `${user}-${role}` }, subjects: [subject], roleRef };
  await admin.apply(roleBindings, binding, { fieldManager: 'test' });
}

const sourcesOf = ({ trading }: TradingStackStatus) => trading?.sources ?? [];

describe('halt', () => {
  it('waits until every process reports it and no order is left, and names reason and author', async () => {
    listOpenOrders(2);
    const running = plugin('halt', '--reason', 'flash crash', '--author', 'ada');
    await untilStatus(({ halt }) => halt?.confirmed?.openOrders === 2);
    // Longer than the plugin waits between two looks.
    await delay(1_200);
    listOpenOrders(0);
    const { exitCode, output, problems } = await running;
    expect(problems).toContain('2 orders are still open at the venue');
    expect(output).toContain('Halted: risk and execution report it, and no order is open at the venue.');
    expect(exitCode).toBe(0);
    const status = await untilStatus(({ halt }) => halt?.active === true);
    expect(sourcesOf(status).find(({ source }) => source === 'annotation')).toMatchObject({
      state: 'Halted',
      author: 'kubectl-tradingstack',
      reason: 'flash crash (by ada)',
    });
    expect(processes.tradingOf('execution')).toContainEqual(expect.objectContaining({ state: 'Halted' }));
  });

  it('that is repeated is a change of the resource, so that a resume that read it before lifts nothing', async () => {
    await plugin('halt', '--reason', 'why', '--author', 'ada', '--no-wait');
    const { resourceVersion } = (await admin.get(tradingStacks, ref())).metadata;
    await plugin('halt', '--reason', 'why', '--author', 'ada', '--no-wait');
    const annotations = { [TRADING_STATE_ANNOTATION]: 'Active' };
    const lift = admin.mergePatch(tradingStacks, ref(), { metadata: { annotations, resourceVersion } }, BY_HAND);
    await expect(lift).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('exits with 1 and says how many orders are open if they are not gone in time', async () => {
    listOpenOrders(3);
    const { exitCode, problems } = await plugin('halt', '--timeout', '3');
    expect(exitCode).toBe(1);
    expect(problems).toContain('Not confirmed within 3 s: risk and execution have halted; 3 orders are still open');
  });

  it('that a tool had set too is not lifted by the tool afterwards', async () => {
    await annotate('argocd-controller', { [TRADING_STATE_ANNOTATION]: 'Halted' });
    await untilStatus(({ halt }) => halt?.active === true);
    expect(await plugin('halt', '--author', 'ada')).toMatchObject({ exitCode: 0 });
    await annotate('argocd-controller', { [TRADING_STATE_ANNOTATION]: 'Active' });
    const status = await untilStatus(({ trading }) => trading?.ignored !== undefined);
    expect(status.trading?.state).toBe('Halted');
    // The annotation shows Active already, and only the tool is on record as its owner.
    expect(await plugin('resume', '--author', 'ada', '--timeout', '20')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Active: risk and execution report it'),
    });
  });
});

describe('flatten', () => {
  it('waits for the end of a halt and says so, and follows its lift', async () => {
    await plugin('halt', '--reason', 'why', '--author', 'ada');
    const { exitCode, problems } = await plugin('flatten', '--reason', 'flash crash', '--author', 'ada');
    expect(exitCode).toBe(1);
    expect(problems).toContain('Not sold: the stack is halted by annotation, and a halt sells no position.');
    expect(problems).toContain(`lifted by kubectl tradingstack resume -n ${namespace} demo`);
    const { output } = await plugin('resume', '--author', 'ada');
    expect(output).toContain('The sale of every position begins; a halt follows:\n  spec-flatten asks for Flattening');
    const status = await untilStatus(({ trading }) => trading?.state === 'Flattening');
    expect(sourcesOf(status).find(({ source }) => source === 'spec-flatten')).toMatchObject({
      state: 'Flattening',
      author: 'kubectl-tradingstack',
      reason: 'flash crash (by ada)',
    });
    expect(await plugin('flatten', '--cancel', '--author', 'ada')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Active: risk and execution report it'),
    });
  });

  it('that a manifest had set too is not ended by the tool, and withdrawn by a person', async () => {
    const byTool = async (flatten: boolean) =>
      await admin.mergePatch(tradingStacks, ref(), { spec: { flatten } }, { fieldManager: 'argocd-controller' });
    await byTool(true);
    await untilStatus(({ trading }) => trading?.state === 'Flattening');
    await plugin('flatten', '--author', 'ada', '--no-wait');
    await untilStatus((status) =>
      sourcesOf(status).some(({ author }) => author === 'kubectl-tradingstack, argocd-controller'),
    );
    await byTool(false);
    const status = await untilStatus(({ trading }) => trading?.ignored !== undefined);
    expect(status.trading?.requested).toBe('Flattening');
    // The field shows false already, and only the tool is on record as its owner.
    expect(await plugin('flatten', '--cancel', '--author', 'ada')).toMatchObject({ exitCode: 0 });
    const { metadata, spec } = await admin.get(tradingStacks, ref());
    expect(managersOf(metadata.managedFields, ['spec', 'flatten']).map(({ name }) => name)).toContain(FIELD_MANAGER);
    expect(spec).toMatchObject({ flatten: false });
  });
});

describe('resume', () => {
  it('lifts its own request, and names the ones that remain and what lifts them', async () => {
    await admin.mergePatch(tradingStacks, ref(), { spec: { halt: true } }, { fieldManager: 'kubectl-patch' });
    await plugin('halt', '--reason', 'why', '--author', 'ada');
    const { exitCode, output } = await plugin('resume', '--author', 'bob');
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /Lifting the halt by annotation, requested \ds ago by kubectl-tradingstack: why \(by ada\)\nRequested: demo/,
    );
    expect(output).toContain('The stack stays Halted:\n  spec asks for Halted');
    expect(output).toContain(
      `kubectl patch tradingstack -n ${namespace} demo --type merge -p '{"spec":{"halt":false}}'`,
    );
    expect((await untilStatus(() => true)).trading?.state).toBe('Halted');
  });

  it('lifts nothing of others when the annotation asks for nothing', async () => {
    await admin.mergePatch(tradingStacks, ref(), { spec: { halt: true } }, { fieldManager: 'kubectl-patch' });
    await untilStatus(({ halt }) => halt?.active === true);
    const before = (await admin.get(tradingStacks, ref())).metadata.annotations;
    const { exitCode, output } = await plugin('resume');
    expect({ exitCode, output }).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('The annotation requests no halt'),
    });
    expect((await admin.get(tradingStacks, ref())).metadata.annotations).toEqual(before);
  });
});

describe('a user', () => {
  it('who may only view stacks sees them, and what is missing', async () => {
    await bind('vera', 'tradingstack-viewer');
    const kubeConfig = kubeConfigOf('vera');
    const { exitCode, output } = await runCommand(['status'], { kubeConfig, namespace });
    expect(exitCode).toBe(0);
    expect(output).toContain('demo  Paper  Running  7/7 services ready');
    expect(output).toMatch(
      /NOT SHOWN\n {2}you may not list pods in namespace plugin-\w+: pods is forbidden: User "vera"/,
    );
    expect(output).toContain(`you may not list events.events.k8s.io in namespace ${namespace}`);
    const halted = await runCommand(['halt', 'demo'], { kubeConfig, namespace });
    expect(halted).toMatchObject({
      exitCode: 3,
      problems: expect.stringContaining('you may not patch tradingstack demo in'),
    });
    const orders = await runCommand(['orders'], { kubeConfig, namespace });
    expect(orders).toMatchObject({ exitCode: 3, problems: expect.stringContaining('you may not create pods/exec in') });
  });

  it('without any right is refused by name, with the namespace', async () => {
    const { exitCode, problems } = await runCommand(['why'], { kubeConfig: kubeConfigOf('nora'), namespace });
    expect({ exitCode, problems }).toMatchObject({ exitCode: 3, problems: expect.stringContaining('User "nora"') });
  });

  it('who may edit stacks halts, and is named as the API server knows him', async () => {
    await bind('ed', 'tradingstack-editor');
    const { exitCode } = await runCommand(['halt', 'demo', '--reason', 'x'], {
      kubeConfig: kubeConfigOf('ed'),
      namespace,
    });
    expect(exitCode).toBe(0);
    const status = await untilStatus(({ halt }) => halt?.active === true);
    expect(sourcesOf(status).find(({ source }) => source === 'annotation')?.reason).toBe('x (by ed)');
  });
});

it('explains a failing check down to the pod, and the remedy of the runbook', async () => {
  processes.say('ws', {
    checks: [{ name: 'feed', ok: false, reason: 'FeedStale', message: 'XRP/ETH: no update for 12 s' }],
  });
  await untilStatus(({ phase }) => phase === 'Degraded');
  const { exitCode, output } = await plugin('why');
  expect(exitCode).toBe(1);
  expect(output).toMatch(/^stack {4}demo is Degraded\n└ tier/);
  for (const part of ['└ gate', 'FeedStale - feed: XRP/ETH', '└ service', '└ pod', 'remedy', 'docs/runbook.md, "'])
    expect(output).toContain(part);
  processes.say('ws', {});
  await untilStatus(({ phase }) => phase === 'Running');
  // The caller may not read the pods, so that the exits of risk are unknown.
  expect(await plugin('why')).toMatchObject({ exitCode: 3, output: expect.stringContaining('No gate blocks demo.') });
});
