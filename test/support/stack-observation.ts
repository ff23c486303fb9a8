import { CATALOGUE, type ServiceName } from '../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../services/shared/contracts/control.ts';
import { CONTROL_SECRET, FINALIZER, PAPER_ACCOUNT_SECRET, SERVICE_LABEL } from '../../operator/api/v1alpha1/labels.ts';
import { parseSpec } from '../../operator/api/v1alpha1/trading-stack/trading-stack.ts';
import type { Decision } from '../../operator/controllers/trading-stack/decision.ts';
import type {
  Observation,
  ObservedChild,
  ObservedDeployment,
  ObservedJob,
  ObservedPod,
  ObservedSecret,
} from '../../operator/controllers/trading-stack/observe/observation.ts';
import type { ChildKind, ChildObject } from '../../operator/resources/child-object.ts';
import { podSecrets } from '../../operator/resources/pod-secrets.ts';
import { renderRelease, type Release, type ServiceRelease } from '../../operator/releases/render-release.ts';
import type { StackContext, Surroundings } from '../../operator/resources/stack-context.ts';
import { deploymentName } from '../../operator/resources/stack-context.ts';
import { sampleStack } from './sample-stack.ts';

export const SURROUNDINGS: Surroundings = {
  operatorNamespace: 'tradingstack-system',
  resolver: { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, cidrs: [], port: 53 },
};
export const NOW_MS = Date.UTC(2026, 0, 1);
const UID = '01234567-89ab-cdef-0123-456789abcdef';

/** A parsed stack, as builders take it. */
export function stackContext(change: Readonly<Record<string, unknown>> = {}): StackContext {
  const parsed = parseSpec(sampleStack({ change }).spec);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const { name, namespace } = sampleStack().metadata;
  return { name, namespace, uid: UID, spec: parsed.spec, ...SURROUNDINGS };
}

/** A stack that was just created: its finalizer set, the platform's Secrets there, nothing of its own. */
export function stackObservation(
  change: Partial<Observation> = {},
  spec: Readonly<Record<string, unknown>> = {},
): Observation {
  const { name, namespace } = sampleStack().metadata;
  return {
    stack: {
      name,
      namespace,
      uid: UID,
      generation: 1,
      deleting: false,
      finalizers: [FINALIZER],
      spec: sampleStack({ change: spec }).spec,
      status: {},
    },
    takenBy: undefined,
    children: [],
    deployments: [],
    jobs: [],
    pods: [],
    secrets: allSecrets(),
    own: { controlToken: 'token', paperKeys: { apiKey: 'key', secretKey: 'secret' } },
    nowMs: NOW_MS,
    ...change,
  };
}

export function allSecrets(): ReadonlyMap<string, ObservedSecret> {
  const context = stackContext();
  const secrets = CATALOGUE.flatMap((row) => podSecrets(row, context.spec));
  return new Map(secrets.map(({ secretName, keys }) => [secretName, { version: '1', keys: new Set(keys) }]));
}

const rendered = new WeakMap<object, Map<object, Release>>();

/** The release that an observation asks for. */
export function releaseOf({ stack, secrets }: Observation): Release {
  const bySecrets = rendered.get(stack.spec as object) ?? new Map<object, Release>();
  rendered.set(stack.spec as object, bySecrets);
  const known = bySecrets.get(secrets);
  if (known !== undefined) return known;
  const parsed = parseSpec(stack.spec);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const context = { ...stack, spec: parsed.spec, ...SURROUNDINGS };
  const release = renderRelease(context, new Map([...secrets].map(([name, { version }]) => [name, version])));
  bySecrets.set(secrets, release);
  return release;
}

export function serviceRelease(observation: Observation, service: ServiceName): ServiceRelease {
  const found = releaseOf(observation)
    .tiers.flatMap(({ services }) => services)
    .find(({ row }) => row.name === service);
  if (found === undefined) throw new Error(`no service ${service}`);
  return found;
}

/** What the API server and its caches would show after a decision was applied. */
export function afterDecision(observation: Observation, decision: Decision): Observation {
  const { stack } = observation;
  const gone = new Set(decision.deletions.map(idOf));
  const kept = observation.children.filter((child) => !gone.has(idOf(child)));
  const known = new Set(kept.map(idOf));
  const made = decision.objects.map(childOf).filter((child) => !known.has(idOf(child)));
  const finalizers =
    decision.finalizer === 'Remove' ? [] : decision.finalizer === 'Add' ? [FINALIZER] : stack.finalizers;
  const scaled = new Set(decision.scaleToZero);
  const zeroed = observation.deployments.map((item) => (scaled.has(item.name) ? { ...item, replicas: 0 } : item));
  return {
    ...observation,
    stack: { ...stack, finalizers, status: decision.status ?? stack.status },
    children: [...kept, ...made],
    deployments: withNew(zeroed, decision.objects.filter(isOf('Deployment')).map(deploymentOf)).filter(
      ({ name }) => !gone.has(`Deployment/${name}`),
    ),
    jobs: withNew(observation.jobs, decision.objects.filter(isOf('Job')).map(jobOf)).filter(
      ({ name }) => !gone.has(`Job/${name}`),
    ),
    secrets: new Map([
      ...observation.secrets,
      ...decision.objects.filter(isOf('Secret')).map((object): [string, ObservedSecret] => secretOf(object)),
    ]),
  };
}

/** Objects of a decision that are not there yet: what applying it would really write. */
export function newObjects({ children }: Observation, { objects }: Decision): readonly string[] {
  const known = new Set(children.map(idOf));
  return objects.map((object) => idOf(childOf(object))).filter((id) => !known.has(id));
}

/** Controllers and processes at work: every Deployment is available, every job ended, each pod says what it should. */
export function cameUp(
  observation: Observation,
  change: (pod: ObservedPod) => ObservedPod = (pod) => pod,
): Observation {
  const { deployments, jobs } = observation;
  const pods = deployments.flatMap(({ service, replicas }) =>
    replicas === 0 ? [] : [change(podOf(serviceRelease(observation, service as ServiceName)))],
  );
  return {
    ...observation,
    jobs: jobs.map((job) => ({ ...job, complete: true })),
    deployments: deployments.map((item) => ({
      ...item,
      current: true,
      pods: item.replicas,
      updated: item.replicas,
      available: item.replicas,
    })),
    pods,
  };
}

/** A pod that says that all is well; a sender is armed. */
export function podOf({ row, hash }: ServiceRelease, statusz: Partial<Statusz> = {}): ObservedPod {
  const checks = [{ name: row.name === 'ws' ? 'feed' : 'process', ok: true, reason: 'Ok', message: '' }];
  const sender = { role: 'armed', fenceEpoch: 0, epoch: 0 } as const;
  return {
    name: `demo-${row.name}-1`,
    uid: `pod-${row.name}`,
    service: row.name,
    release: hash,
    ip: '10.0.0.1',
    deleting: false,
    ready: true,
    succeeded: false,
    finished: false,
    waiting: undefined,
    ended: undefined,
    activation: undefined,
    answer: {
      kind: 'Answered',
      ageMs: 0,
      statusz: {
        service: row.name,
        release: hash,
        incarnation: 'a',
        startedAt: '2026-01-01T00:00:00.000Z',
        ready: true,
        checks,
        figures: {},
        ...(row.update === 'Fenced' ? { sender } : {}),
        ...statusz,
      },
    },
  };
}

/** A sender in a role. */
export function withRole(role: NonNullable<Statusz['sender']>['role'], epoch: number, fenceEpoch = epoch) {
  return (pod: ObservedPod): ObservedPod =>
    pod.service === 'execution' && pod.answer.kind === 'Answered'
      ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender: { role, epoch, fenceEpoch } } } }
      : pod;
}

function idOf({ kind, name }: Pick<ObservedChild, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

function childOf({ kind, metadata }: ChildObject): ObservedChild {
  const name = metadata?.name ?? '';
  const service = metadata?.labels?.[SERVICE_LABEL] ?? '';
  return { kind: kind as ChildKind, name, uid: `uid-${name}`, service, deleting: false };
}

function isOf(wanted: ChildKind) {
  return ({ kind }: ChildObject): boolean => kind === wanted;
}

function withNew<T extends { readonly name: string }>(present: readonly T[], made: readonly T[]): T[] {
  const known = new Set(present.map(({ name }) => name));
  return [...present, ...made.filter(({ name }) => !known.has(name))];
}

function deploymentOf({ metadata }: ChildObject): ObservedDeployment {
  const service = metadata?.labels?.[SERVICE_LABEL] ?? '';
  const name = deploymentName('demo', service as ServiceName);
  return { name, service, current: false, replicas: 1, pods: 0, updated: 0, available: 0, failure: undefined };
}

function jobOf({ metadata }: ChildObject): ObservedJob {
  const service = metadata?.labels?.[SERVICE_LABEL] ?? '';
  return { name: metadata?.name ?? '', service, complete: false, failure: undefined };
}

function secretOf({ metadata }: ChildObject): [string, ObservedSecret] {
  const keys = metadata?.name === CONTROL_SECRET ? ['token'] : ['apiKey', 'secretKey'];
  const name = metadata?.name === CONTROL_SECRET ? CONTROL_SECRET : PAPER_ACCOUNT_SECRET;
  return [name, { version: '1', keys: new Set(keys) }];
}
