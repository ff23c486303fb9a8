import type { CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../../services/shared/contracts/statusz.ts';
import type { GateName } from '../../../explain/gate-meanings.ts';
import type { ServiceRelease } from '../../../releases/render-release.ts';
import type { ObservedDeployment, ObservedJob, ObservedPod, Problem } from '../observe/observation.ts';
import { podProblem } from './pod-problem.ts';

/** A service as a gate sees it: what it should be, and what is known of it. */
export interface ServiceView {
  readonly release: ServiceRelease;
  readonly desired: number;
  readonly deployment: ObservedDeployment | undefined;
  readonly job: ObservedJob | undefined;
  /** Pods that are not on their way out. */
  readonly pods: readonly ObservedPod[];
}

/** A named check. Undefined is a pass; what is not known never is. */
export interface Gate {
  readonly name: GateName;
  readonly applies: (row: CatalogueRow) => boolean;
  readonly check: (view: ServiceView) => Problem | undefined;
}

/** Every gate, in the order in which they are asked: the first that fails is the one that is told. */
export const GATES: readonly Gate[] = [
  { name: 'JobComplete', applies: isJob, check: jobComplete },
  { name: 'DeploymentAvailable', applies: isServer, check: deploymentAvailable },
  { name: 'PodsReportRelease', applies: isServer, check: podsReportRelease },
  { name: 'Ready', applies: isServer, check: ready },
  { name: 'FeedFresh', applies: ({ name }) => name === 'ws', check: feedFresh },
  { name: 'SenderActive', applies: ({ update }) => update === 'Fenced', check: senderActive },
];

function isJob({ update }: CatalogueRow): boolean {
  return update === 'Job';
}

function isServer({ update }: CatalogueRow): boolean {
  return update !== 'Job';
}

function jobComplete({ job, pods }: ServiceView): Problem | undefined {
  if (job === undefined) return { reason: 'NotCreated', message: 'the Job is not there yet' };
  if (job.complete) return undefined;
  const cause = firstOf(pods, (pod) => podProblem(pod) ?? pod.ended);
  if (job.failure !== undefined) {
    const message = `${cause?.message ?? job.failure.message}; delete the Job to try again`;
    return { reason: cause?.reason ?? job.failure.reason, message };
  }
  // A Job that waits for something says what for, as a server does.
  return cause ?? firstOf(pods, failingCheck) ?? { reason: 'JobRunning', message: 'the Job has not ended yet' };
}

function deploymentAvailable({ deployment, desired, pods, release }: ServiceView): Problem | undefined {
  if (deployment === undefined) return { reason: 'NotCreated', message: 'the Deployment is not there yet' };
  if (!deployment.current) return { reason: 'NotObserved', message: 'the change has not been taken up yet' };
  const { updated, available, failure } = deployment;
  const missing = updated < desired || available < desired;
  if (missing) return failure ?? firstOf(pods, podProblem) ?? notAvailable({ updated, available, desired, pods });
  if (deployment.pods <= updated) return undefined;
  // An old pod is available and stays for as long as the one that is to follow it does not come up: that is what is told.
  const next = pods.filter((pod) => pod.release === release.hash);
  const message = `${deployment.pods - updated} pods of an older release are not gone yet`;
  return firstOf(next, podProblem) ?? firstOf(next, failingCheck) ?? { reason: 'OldPods', message };
}

interface Counts {
  readonly updated: number;
  readonly available: number;
  readonly desired: number;
  readonly pods: readonly ObservedPod[];
}

function notAvailable({ updated, available, desired, pods }: Counts): Problem {
  const failing = firstOf(pods, failingCheck);
  if (failing !== undefined) return failing;
  const what = updated < desired ? `${updated} of ${desired} pods made` : `${available} of ${desired} pods available`;
  return { reason: 'PodsStarting', message: what };
}

/** Readiness of an older release never counts: each process says itself which one it runs. */
function podsReportRelease({ pods, desired, release }: ServiceView): Problem | undefined {
  if (pods.length < desired) return { reason: 'NoPods', message: `${pods.length} of ${desired} pods` };
  return firstOf(pods, ({ name, answer }) => {
    if (answer.kind === 'Silent') return { reason: 'NoAnswer', message: `${name}: ${answer.message}` };
    if (answer.statusz.release === release.hash) return undefined;
    return { reason: 'OtherRelease', message: `${name} runs ${answer.statusz.release}, wanted is ${release.hash}` };
  });
}

function ready({ pods, desired }: ServiceView): Problem | undefined {
  if (pods.length < desired) return { reason: 'NoPods', message: `${pods.length} of ${desired} pods` };
  return firstOf(pods, (pod) => {
    const failing = failingCheck(pod);
    if (failing !== undefined) return failing;
    const said = pod.answer.kind === 'Answered' && pod.answer.statusz.ready;
    return said ? undefined : { reason: 'NotReady', message: `${pod.name} does not say that it is ready` };
  });
}

/** At least one feed, and every one fresh, on every pod. */
function feedFresh({ pods, desired }: ServiceView): Problem | undefined {
  if (pods.length < desired) return { reason: 'NoPods', message: `${pods.length} of ${desired} pods` };
  return firstOf(pods, (pod) => {
    const feeds = checksOf(pod).filter(({ name }) => name.startsWith('feed'));
    if (feeds.length === 0) return { reason: 'NoFeed', message: `${pod.name} tells of no feed` };
    const stale = feeds.find(({ ok }) => !ok);
    return stale === undefined ? undefined : problemOf(stale);
  });
}

function senderActive({ pods }: ServiceView): Problem | undefined {
  const roles = pods.map(roleOf);
  const active = roles.filter((role) => role === 'active').length;
  if (active === 1) return undefined;
  if (active > 1) return { reason: 'ManySenders', message: `${active} pods say that they send` };
  const untold = firstOf(pods, (pod) => (roleOf(pod) === 'armed' ? pod.activation : undefined));
  if (untold !== undefined) return untold;
  const role = roles.find((candidate) => candidate !== undefined);
  return role === undefined
    ? { reason: 'SenderSilent', message: 'no pod says whether it sends' }
    : { reason: `Sender${role.charAt(0).toUpperCase()}${role.slice(1)}`, message: `execution is ${role}` };
}

export function roleOf({ answer }: ObservedPod): NonNullable<Statusz['sender']>['role'] | undefined {
  return answer.kind === 'Answered' ? answer.statusz.sender?.role : undefined;
}

function failingCheck(pod: ObservedPod): Problem | undefined {
  const failing = checksOf(pod).find(({ ok }) => !ok);
  return failing === undefined ? undefined : problemOf(failing);
}

function checksOf({ answer }: ObservedPod): Statusz['checks'] {
  return answer.kind === 'Answered' ? answer.statusz.checks : [];
}

function problemOf({ name, reason, message }: Statusz['checks'][number]): Problem {
  return { reason, message: message === '' ? name : `${name}: ${message}` };
}

function firstOf<T>(items: readonly T[], problem: (item: T) => Problem | undefined): Problem | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
