import { startDelayingProxy } from '../../faults/delaying-proxy.ts';
import {
  customResourceDefinitions,
  podDisruptionBudgets,
  secrets,
} from '../../../operator/kube/client/builtin-resources.ts';
import { defineResource, type KubeObject } from '../../../operator/kube/client/resource.ts';
import { tradingStacks } from '../../../operator/controllers/caches/stack-caches.ts';
import { tradingStackCrd } from '../../../operator/api/crds/trading-stack-crd.ts';
import { platformSecretOf } from '../../../services/shared/contracts/catalogue.ts';
import { installTradingStackCrd } from '../../harness/kube/trading-stack-crd.ts';
import { until } from '../../harness/until.ts';
import { placeSilentPods } from './silent-pods.ts';
import type { Operators } from './operators.ts';
import { STACK, type TradingSystem } from './trading-system.ts';

type Undo = () => Promise<void>;

/** Something that held back a halt, or could. */
export interface Obstacle {
  readonly summary: string;
  /** Whether it lasts for all halts, or is placed again just before each. */
  readonly lasts: 'run' | 'halt';
  /** Places it. Returns how to remove it. */
  readonly place: (system: TradingSystem) => Promise<Undo>;
}

/** By the name of the command line. */
export const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  'refused-object': {
    summary: 'a policy of the cluster refuses objects of the data tier',
    lasts: 'run',
    place: refuseObjects,
  },
  'missing-secret': { summary: 'a Secret of the data tier is missing', lasts: 'run', place: removeSecret },
  'image-not-pulled': {
    summary: 'a rollout waits for an image that cannot be pulled',
    lasts: 'run',
    place: rollOutMissingImage,
  },
  'newer-crd': { summary: 'the CRD has a field that the operator does not know', lasts: 'run', place: addField },
  'unreadable-spec': {
    summary: 'the API server accepts a spec that the operator refuses',
    lasts: 'run',
    place: breakSpec,
  },
  'operator-restart': {
    summary: 'the replica of the operator that leads is killed at the moment of the patch, and starts again',
    lasts: 'halt',
    place: killLeader,
  },
  'operator-lost': {
    summary: 'the replica of the operator that leads is killed, and does not start again before the halt is confirmed',
    lasts: 'halt',
    place: loseLeader,
  },
  'operators-restart': {
    summary: 'all replicas of the operator are killed at the moment of the patch, and start again',
    lasts: 'halt',
    place: killOperators,
  },
  'slow-api-server': {
    summary: 'the API server takes 2 s to answer the operator',
    lasts: 'run',
    place: delayApiServer,
  },
  'silent-pods': { summary: '100 pods of other stacks do not answer', lasts: 'run', place: placeSilentPods },
  'postgres-frozen': { summary: 'every process of Postgres is stopped', lasts: 'halt', place: freezePostgres },
  'redis-down': { summary: 'Redis is killed', lasts: 'halt', place: killRedis },
};

const policies = defineResource<KubeObject>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
});
const bindings = defineResource<KubeObject>({
  ...policies,
  plural: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
});

/** Refuses PodDisruptionBudgets of the stack's namespace, and removes one, so that the operator keeps trying. */
async function refuseObjects({ client, namespace, stack }: TradingSystem): Promise<Undo> {
  const name = `no-budgets-${namespace}`;
  const rule = {
    apiGroups: ['policy'],
    apiVersions: ['v1'],
    operations: ['CREATE'],
    resources: ['poddisruptionbudgets'],
  };
  const matchConstraints = { resourceRules: [rule] };
  const validations = [{ expression: 'false', message: 'budgets are not allowed here' }];
  const spec = { failurePolicy: 'Fail', matchConstraints, validations };
  await client.create(policies, { metadata: { name }, spec } as KubeObject);
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  const bound = { policyName: name, validationActions: ['Deny'], matchResources };
  await client.create(bindings, { metadata: { name }, spec: bound } as KubeObject);
  const budget = { namespace, name: `${STACK}-ws` };
  await until(
    async () => {
      await client.delete(podDisruptionBudgets, budget);
      return stack.summary().includes('ApplyRefused');
    },
    { what: 'the refusal of a budget', withinMs: 30_000, everyMs: 1_000 },
  );
  return async () => {
    await client.delete(bindings, { name });
    await client.delete(policies, { name });
    await until(async () => (await client.find(podDisruptionBudgets, budget)) !== undefined, { withinMs: 60_000 });
  };
}

async function removeSecret({ client, namespace, stack }: TradingSystem): Promise<Undo> {
  const ref = { namespace, name: platformSecretOf('db-writer') };
  const { metadata: _metadata, ...secret } = await client.get(secrets, ref);
  await client.delete(secrets, ref);
  await until(() => stack.summary().includes(ref.name), {
    what: 'the missing Secret to be reported',
    withinMs: 30_000,
  });
  return async () => {
    await client.create(secrets, { ...secret, metadata: ref });
    await until(() => stack.phase() === 'Running', { what: 'the stack to run again', withinMs: 30_000 });
  };
}

async function rollOutMissingImage(system: TradingSystem): Promise<Undo> {
  const { pods: processes, stack } = system;
  const before = stack.spec()['release'];
  processes.unpullable.add('ws');
  await system.patch({ spec: { release: { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' } } });
  await system.play('the rollout to wait for its image', () => stack.summary().includes('ImagePullBackOff'));
  return async () => {
    processes.unpullable.delete('ws');
    await system.patch({ spec: { release: before } });
    await system.play('the stack to run the former release', () => stack.phase() === 'Running');
  };
}

/** Adds a field with a default, which the API server writes into every stack. */
async function addField({ client, namespace }: TradingSystem): Promise<Undo> {
  const crd = structuredClone(tradingStackCrd()) as unknown as NewerCrd;
  const [version] = crd.spec.versions;
  version.schema.openAPIV3Schema.properties.spec.properties['coolDownSeconds'] = { type: 'integer', default: 30 };
  await client.apply(customResourceDefinitions, crd, { fieldManager: 'test' });
  await until(
    async () => {
      const { spec } = await client.get(tradingStacks, { namespace, name: STACK });
      return 'coolDownSeconds' in (spec as object);
    },
    { what: 'a stack with the new field', withinMs: 60_000 },
  );
  return async () => await installTradingStackCrd(client);
}

interface NewerCrd extends KubeObject {
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: SpecSchema } }] };
}

interface SpecSchema {
  readonly properties: { readonly spec: { readonly properties: Record<string, object> } };
}

/** CEL compares decimals as doubles, to which these two notionals are equal; the operator compares them exactly. */
async function breakSpec(system: TradingSystem): Promise<Undo> {
  const { stack } = system;
  const before = stack.spec()['strategies'] as readonly object[];
  const [first, ...others] = before;
  await system.patch({ spec: { strategies: [{ ...first, orderNotional: '0.500000000000000001' }, ...others] } });
  await until(() => stack.summary().includes('InvalidSpec'), { what: 'the spec to be refused', withinMs: 30_000 });
  return async () => {
    await system.patch({ spec: { strategies: before } });
    await until(() => stack.phase() === 'Running', { what: 'the stack to run again', withinMs: 30_000 });
  };
}

/** The next halt waits for a leader, or there would be none to kill. */
async function killLeader({ operators }: TradingSystem): Promise<Undo> {
  const restarting = operators.killLeader();
  return await Promise.resolve(async () => {
    await restarting;
    await untilLeading(operators);
  });
}

async function loseLeader({ operators }: TradingSystem): Promise<Undo> {
  const start = await operators.loseLeader();
  return async () => {
    start();
    await untilLeading(operators);
  };
}

async function killOperators({ operators }: TradingSystem): Promise<Undo> {
  const restarting = operators.restart('SIGKILL');
  return await Promise.resolve(async () => {
    await restarting;
    await untilLeading(operators);
  });
}

async function delayApiServer({ operators, kubeconfig, stack }: TradingSystem): Promise<Undo> {
  const proxy = await startDelayingProxy(kubeconfig, 2_000);
  await operators.restart('SIGTERM', proxy.kubeconfig);
  await untilLeading(operators);
  return async () => {
    await operators.restart('SIGTERM');
    await untilLeading(operators);
    await proxy.close();
    await until(() => stack.phase() === 'Running', { withinMs: 30_000 });
  };
}

async function untilLeading(operators: Operators): Promise<void> {
  await until(() => operators.lead(), { what: 'the operator to lead', withinMs: 60_000 });
}

async function freezePostgres({ postgres }: TradingSystem): Promise<Undo> {
  postgres.freeze();
  return await Promise.resolve(async () => await Promise.resolve(postgres.thaw()));
}

async function killRedis({ redis }: TradingSystem): Promise<Undo> {
  await redis.kill();
  return async () => await redis.restart();
}
