import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cross, sampleStack } from '../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient, testKubeConfig } from '../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../test/harness/kube/trading-stack-crd.ts';
import { runCommand, type Ran } from '../../test/harness/plugin/run-command.ts';
import { until } from '../../test/harness/until.ts';
import { APPLIED_ANNOTATION, APPROVE_SWAP_ANNOTATION, ROLLBACK_ANNOTATION } from '../api/v1alpha1/labels.ts';
import { readStatus } from '../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../api/v1alpha1/trading-stack/status.ts';
import { CHILD_RESOURCES, tradingStacks } from '../controllers/caches/stack-caches.ts';
import { CHILD_KINDS } from '../resources/child-object.ts';
import { defineResource, type KubeObject } from '../kube/client/resource.ts';
import type { KubeClient } from '../kube/client/client.ts';

/** Plans, approvals and rollbacks against a real API server, with a real operator and processes without a kubelet. */
const rbac = (plural: string, kind: string, namespaced: boolean) =>
  defineResource({ group: 'rbac.authorization.k8s.io', version: 'v1', plural, kind, namespaced });
const clusterRoles = rbac('clusterroles', 'ClusterRole', false);
const roleBindings = rbac('rolebindings', 'RoleBinding', true);
const folder = mkdtempSync(join(tmpdir(), 'plan-'));

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
  namespace = await newNamespace(admin, 'plan');
  const role = readFileSync(join(import.meta.dirname, '../../manifests/rbac/editor.yaml'), 'utf8');
  await admin.apply(clusterRoles, parse(role) as KubeObject, { fieldManager: 'test' });
  await admin.apply(roleBindings, bindingOf('ed'), { fieldManager: 'test' });
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, stackWith());
  playing = play();
  await untilStatus(({ phase }) => phase === 'Running');
});
afterAll(async () => {
  stop.abort();
  await playing;
  await operator.stop();
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});

const ref = () => ({ namespace, name: 'demo' });
const stackWith = (change: object = {}, name = 'demo') =>
  sampleStack({
    name,
    namespace,
    change: {
      rollout: { soakSeconds: 0 },
      execution: { swap: { approval: 'Manual', postSwitchSoakSeconds: 0 } },
      ...change,
    },
  });
const SECOND = { release: { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' } };

function bindingOf(user: string): KubeObject & { readonly subjects: readonly object[] } {
  const subject = { kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' };
  const roleRef = { kind: 'ClusterRole', name: 'tradingstack-editor', apiGroup: 'rbac.authorization.k8s.io' };
  const binding = { metadata: { namespace, name: user }, subjects: [subject], roleRef };
  return binding;
}

async function play(): Promise<void> {
  while (!stop.signal.aborted) {
    await hand.play();
    await delay(50);
  }
}

async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    const status = readStatus((await admin.get(tradingStacks, ref())).status);
    return is(status) ? status : undefined;
  }, 45_000);
}

/** Runs the plugin as a user who may edit stacks, and nothing else. */
async function plugin(...args: readonly string[]): Promise<Ran> {
  const given = testKubeConfig();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: given.getClusters(),
    contexts: given.getContexts(),
    users: given.getUsers().map((each) => ({ ...each, impersonateUser: 'ed' })),
    currentContext: given.getCurrentContext(),
  });
  return await runCommand(args, { kubeConfig, namespace });
}

async function planOfFile(stack: object, ...flags: readonly string[]): Promise<Ran> {
  const file = join(folder, 'stack.yaml');
  writeFileSync(file, JSON.stringify(stack));
  return await plugin('plan', '-f', file, ...flags);
}

/** Every object of the stack, as `Kind/name`, with the hash of what was applied. */
async function children(): Promise<ReadonlyMap<string, string>> {
  const lists = await Promise.all(
    CHILD_KINDS.map(async (kind) => {
      const { items } = await admin.list(CHILD_RESOURCES[kind], { namespace });
      return items.map(
        ({ metadata }) => [`${kind}/${metadata.name}`, metadata.annotations?.[APPLIED_ANNOTATION] ?? ''] as const,
      );
    }),
  );
  return new Map(lists.flat());
}

interface Foreseen {
  readonly result: string;
  readonly steps: readonly {
    readonly action: string;
    readonly objects?: readonly { readonly action: string; readonly object: string }[];
  }[];
}

describe('a file', () => {
  it('that changes nothing exits with 0, by client-side and by server-side apply, and writes nothing', async () => {
    const before = await admin.get(tradingStacks, ref());
    for (const flags of [[], ['--server-side'], ['--server-side', '--field-manager', 'argocd']])
      expect(await planOfFile(stackWith(), ...flags)).toMatchObject({
        exitCode: 0,
        output: `No change: demo in namespace ${namespace} is as the file has it.\n`,
      });
    const after = await admin.get(tradingStacks, ref());
    expect([after.spec, after.metadata.generation]).toEqual([before.spec, before.metadata.generation]);
  });

  it.each<[string, object, readonly string[]]>([
    [
      'a value out of bounds',
      { rollout: { soakSeconds: -1 } },
      ['spec.rollout.soakSeconds', '-1', 'greater than or equal to 0'],
    ],
    ['a value that is not listed', { mode: 'Real' }, ['spec.mode', '"Real"', 'supported values: "Paper"']],
    [
      'a rule over fields',
      { strategies: [cross({ symbols: ['BTC/USDT'] })] },
      ['spec.strategies', '[{"name":"cross"', 'every symbol of a strategy must be listed in spec.instruments'],
    ],
    ['a field that does not exist', { speed: 3 }, ['spec.speed', '3', 'is not a field of this version']],
  ])(
    'with %s is refused with field, value and remedy',
    async (_what, change, [field = '', value = '', remedy = '']) => {
      const { exitCode, output, problems } = await planOfFile(stackWith(change));
      expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
      expect(problems).toContain('error: the API server refuses demo, and so would kubectl apply:\n');
      expect(problems).toContain(`  field   ${field}`);
      expect(problems).toContain(`  value   ${value}`);
      expect(problems.slice(problems.indexOf('  remedy  '))).toContain(remedy);
    },
  );

  it('of a stack that does not exist has everything that would be created, and who owns the namespace', async () => {
    const { exitCode, output } = await planOfFile(stackWith({}, 'other'));
    expect(exitCode).toBe(1);
    for (const text of [
      `other in namespace ${namespace} would be created. Nothing has been written.`,
      'create  Deployment/other-execution-blue',
      'create  ConfigMap/other-risk-<hash>',
      `waits for blocker: namespace ${namespace} belongs to TradingStack demo; use another namespace`,
    ])
      expect(output).toContain(text);
    expect(output).not.toContain('the sender changes');
    expect(await admin.find(tradingStacks, { namespace, name: 'other' })).toBeUndefined();
  });

  it('is refused to a user who may not patch stacks, by name', async () => {
    const file = join(folder, 'stack.yaml');
    writeFileSync(file, JSON.stringify(stackWith(SECOND)));
    const kubeConfig = testKubeConfig();
    const users = kubeConfig.getUsers().map((each) => ({ ...each, impersonateUser: 'nora' }));
    const nora = new KubeConfig();
    const [clusters, contexts] = [kubeConfig.getClusters(), kubeConfig.getContexts()];
    nora.loadFromOptions({ clusters, contexts, users, currentContext: kubeConfig.getCurrentContext() });
    expect(await runCommand(['plan', '-f', file], { kubeConfig: nora, namespace })).toMatchObject({
      exitCode: 3,
      problems: expect.stringContaining('you may not get tradingstack demo'),
    });
  });
});

describe('a change of the release', () => {
  let foreseen: Foreseen;
  let before: ReadonlyMap<string, string>;
  let good: string;

  it('is foreseen, with its swap, and then waits for an approval, which is given once', async () => {
    good = (await untilStatus(({ plan }) => plan?.length === 0)).release?.current ?? '';
    expect(await plugin('promote')).toMatchObject({ exitCode: 1, problems: expect.stringContaining('no swap') });
    const { exitCode, output } = await planOfFile(stackWith(SECOND), '-o', 'json');
    expect(exitCode).toBe(1);
    foreseen = JSON.parse(output) as Foreseen;
    expect(foreseen.steps.at(-1)).toEqual({
      action: 'Swap',
      from: 'blue',
      to: 'green',
      predictedGapMs: null,
      waitingFor: [{ what: 'Approval', message: 'kubectl tradingstack promote' }],
    });
    before = await children();
    await admin.mergePatch(tradingStacks, ref(), { spec: SECOND }, { fieldManager: 'kubectl-patch' });
    const isWaiting = ({ plan = [] }: TradingStackStatus) =>
      plan.some(({ waitingFor }) => waitingFor.some(({ what }) => what === 'Approval')) &&
      plan[0]?.tier === 'execution';
    const waiting = await untilStatus(isWaiting);
    expect(waiting.execution?.active).toBe('blue');
    const hash = waiting.release?.target ?? '';
    expect((await plugin('plan')).output).toContain(
      `waits for approval: the annotation tradingstack.dev/approve-swap=${hash}`,
    );
    const promoted = await plugin('promote');
    expect(promoted).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining(
        `Approved: release ${hash} (version 2.0.0) of demo; the sender changes from blue to green`,
      ),
    });
    expect((await admin.get(tradingStacks, ref())).metadata.annotations?.[APPROVE_SWAP_ANNOTATION]).toBe(hash);
    const done = await untilStatus(({ phase, plan }) => phase === 'Running' && plan?.length === 0);
    expect(done.execution?.active).toBe('green');
    expect(await plugin('plan')).toMatchObject({ exitCode: 0 });
    expect(await plugin('promote')).toMatchObject({ exitCode: 1, output: '' });
  });

  it('wrote exactly the objects that were foreseen', async () => {
    const after = await children();
    // Their names end in a hash that only the operator knows, and the record and the Secrets belong to no service.
    const plain = (name: string): string => name.replace(/^(Job\/demo-migrations)-.*/, '$1-<hash>');
    const isOfService = (name: string): boolean => !name.startsWith('ConfigMap/demo-release-');
    const written = [...after].flatMap(([name, applied]) => {
      if (!before.has(name)) return [`Create ${plain(name)}`];
      return before.get(name) === applied ? [] : [`Change ${plain(name)}`];
    });
    const removed = [...before.keys()].filter((name) => !after.has(name)).map((name) => `Remove ${plain(name)}`);
    const steps = foreseen.steps.flatMap(({ objects = [] }) =>
      objects.map(({ action, object }) => `${action} ${object}`),
    );
    const happened = [...written, ...removed].filter((line) => isOfService(line.split(' ')[1] ?? ''));
    expect(new Set(steps)).toEqual(new Set(happened));
  });

  it('is rolled back on request, and refused where there is nothing to go back to', async () => {
    const second = (await untilStatus(({ phase }) => phase === 'Running')).release?.target ?? '';
    const refused = await plugin('rollback', '--to', second);
    expect(refused).toMatchObject({
      exitCode: 1,
      problems: expect.stringContaining(`release ${second} of demo runs already`),
    });
    expect(await plugin('rollback', '--to', 'ffff')).toMatchObject({ exitCode: 4 });
    expect(await plugin('rollback', '--to', good.slice(0, 6))).toMatchObject({ exitCode: 0 });
    expect((await admin.get(tradingStacks, ref())).metadata.annotations?.[ROLLBACK_ANNOTATION]).toBe(good);
    const back = await untilStatus(({ release }) => release?.target === good);
    expect(back.plan?.at(-1)?.waitingFor[0]?.what).toMatch(/Annotation|Approval/);
    const held = await planOfFile(stackWith({ ...SECOND, risk: { maxOrderNotional: '0.4' } }));
    expect(held.output).not.toContain('metadata.annotations');
    expect(held.output).toContain(`release ${good} runs instead`);
    expect(held.output).toContain(`waits for annotation: annotation tradingstack.dev/rollback-to=${good}`);
  });
});
