import type { CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { GATE_REASONS } from '../../../../services/shared/contracts/reasons/gates.ts';
import {
  ACTIVATION_CHECK,
  FEED_CHECK,
  type SenderRole,
  type Statusz,
} from '../../../../services/shared/contracts/statusz.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { GateName } from '../../../explain/gate-meanings.ts';
import type { ServiceRelease } from '../../../releases/render-release.ts';
import type { ObservedDeployment, ObservedJob, ObservedPod } from '../observe/observation.ts';
import { judgeSender, type ProbationTerms } from './swap/judge-sender.ts';
import { podProblem } from './pod-problem.ts';
import { isLostSender, nearestRole, roleOf } from './swap/sender-role.ts';

/** Input of a gate: desired and observed state of one service. */
export interface ServiceView {
  readonly release: ServiceRelease;
  readonly desired: number;
  /** Of the sender: that of the colour which is to run the release. */
  readonly deployment: ObservedDeployment | undefined;
  readonly job: ObservedJob | undefined;
  /** Pods that are not terminating. */
  readonly pods: readonly ObservedPod[];
  /** Of the sender only, in a release on trial. */
  readonly swap: SwapView | undefined;
}

/** What the gates of a swap depend on: that of a release on trial, which has not worked before. */
export interface SwapView {
  /** Why the swap may not start now. Undefined if it may, has started, or none is due. */
  readonly held: Problem | undefined;
  /** Undefined if the spec asks for no probation. */
  readonly probation: ProbationTerms | undefined;
}

/** A named check of one service. Undefined means pass. Unknown state never passes. */
export interface ServiceGate {
  readonly name: GateName;
  readonly scope: 'service';
  readonly applies: (row: CatalogueRow) => boolean;
  /** Whether it is to be checked now. Absent: always. */
  readonly isDue?: (view: ServiceView) => boolean;
  readonly check: (view: ServiceView) => Problem | undefined;
}

/** A gate of a whole tier or stack, evaluated where its input is known. */
export interface SharedGate {
  readonly name: GateName;
  readonly scope: 'stack' | 'tier';
}

export type Gate = ServiceGate | SharedGate;

/** Evaluated by `findMissingSecret`, before all tiers. */
export const SECRETS_PRESENT: SharedGate = { name: 'SecretsPresent', scope: 'stack' };
/** Evaluated by the API server when the objects of a tier are written; `refusedStatus` reports its refusal. */
export const APPLIED: SharedGate = { name: 'Applied', scope: 'tier' };
/** Evaluated by `evaluateTiers`: passes when all other gates of the tier have held for the soak time. */
export const SOAKED: SharedGate = { name: 'Soaked', scope: 'tier' };
export const SWAP_ALLOWED = 'SwapAllowed' satisfies GateName;
export const SENDER_ACTIVE = 'SenderActive' satisfies GateName;
export const SENDER_PROVEN = 'SenderProven' satisfies GateName;

/**
 * Every gate that can appear in BLOCKED-BY, in the order in which they are checked. The first failing one is reported,
 * except that an object that the API server refuses (`Applied`) takes precedence over all others.
 */
export const GATES: readonly Gate[] = [
  SECRETS_PRESENT,
  APPLIED,
  { name: 'JobComplete', scope: 'service', applies: isJob, check: jobComplete },
  { name: 'DeploymentAvailable', scope: 'service', applies: isServer, check: deploymentAvailable },
  { name: 'PodsReportRelease', scope: 'service', applies: isServer, check: podsReportRelease },
  { name: 'Ready', scope: 'service', applies: isServer, check: ready },
  { name: 'FeedFresh', scope: 'service', applies: ({ reportsFeed }) => reportsFeed === true, check: feedFresh },
  { name: SWAP_ALLOWED, scope: 'service', applies: isSender, isDue: isSwapped, check: ({ swap }) => swap?.held },
  { name: SENDER_ACTIVE, scope: 'service', applies: isSender, check: senderActive },
  { name: SENDER_PROVEN, scope: 'service', applies: isSender, isDue: isOnProbation, check: senderProven },
  SOAKED,
];

/** The gates that are checked for each service. */
export const SERVICE_GATES: readonly ServiceGate[] = GATES.filter((gate) => gate.scope === 'service');

function isJob({ update }: CatalogueRow): boolean {
  return update === 'Job';
}

function isServer({ update }: CatalogueRow): boolean {
  return update !== 'Job';
}

function isSender({ update }: CatalogueRow): boolean {
  return update === 'Fenced';
}

function isSwapped({ swap }: ServiceView): boolean {
  return swap !== undefined;
}

function isOnProbation({ swap }: ServiceView): boolean {
  return swap?.probation !== undefined;
}

function jobComplete({ job, pods }: ServiceView): Problem | undefined {
  if (job === undefined) return { reason: 'NotCreated', message: 'the Job does not exist yet' };
  if (job.complete) return undefined;
  const cause = firstOf(pods, (pod) => podProblem(pod) ?? pod.ended);
  if (job.failure !== undefined) {
    const message = `${cause?.message ?? job.failure.message}; delete the Job to try again`;
    return { reason: cause?.reason ?? job.failure.reason, message };
  }
  // A Job that waits for a dependency reports it in its checks, as a server does.
  return cause ?? firstOf(pods, failingCheck) ?? { reason: 'JobRunning', message: 'the Job has not finished yet' };
}

function deploymentAvailable({ deployment, desired, pods, release }: ServiceView): Problem | undefined {
  if (deployment === undefined) return { reason: 'NotCreated', message: 'the Deployment does not exist yet' };
  if (!deployment.current)
    return { reason: 'NotObserved', message: 'the change has not been observed by the Deployment controller yet' };
  const { updated, available, failure } = deployment;
  const next = pods.filter((pod) => pod.release === release.hash);
  // Kubernetes counts a process as available from its first moment, also between two crashes.
  const problem = firstOf(next, podProblem);
  if (updated < desired || available < desired)
    return failure ?? problem ?? firstOf(pods, podProblem) ?? notAvailable({ updated, available, desired, pods, next });
  return problem ?? oldPods(deployment, next);
}

/** An old pod stays until the new one is available, so this says why the new one is not. */
function oldPods({ pods, updated }: ObservedDeployment, next: readonly ObservedPod[]): Problem | undefined {
  if (pods <= updated) return undefined;
  const message = `pods of an older release that still run: ${pods - updated}`;
  return firstOf(next, failingCheck) ?? { reason: 'OldPods', message };
}

interface Counts {
  readonly updated: number;
  readonly available: number;
  readonly desired: number;
  readonly pods: readonly ObservedPod[];
  /** Those of the release that is rolled out. */
  readonly next: readonly ObservedPod[];
}

/** Once there are pods of the release, an older one no longer explains anything: it fails because it is replaced. */
function notAvailable({ updated, available, desired, pods, next }: Counts): Problem {
  const failing = firstOf(next.length > 0 ? next : pods, failingCheck);
  if (failing !== undefined) return failing;
  const progress =
    updated < desired ? `${updated} of ${desired} pods created` : `${available} of ${desired} pods available`;
  return { reason: 'PodsStarting', message: progress };
}

/** Each process reports the service hash that it runs, so that readiness of an older one never counts. */
function podsReportRelease({ pods, desired, release }: ServiceView): Problem | undefined {
  if (pods.length < desired) return { reason: 'NoPods', message: `${pods.length} of ${desired} pods` };
  return firstOf(pods, ({ name, answer }) => {
    if (answer.kind === 'Silent') return { reason: 'NoAnswer', message: `${name}: ${answer.message}` };
    if (answer.statusz.release === release.hash) return undefined;
    return {
      reason: 'OtherRelease',
      message: `${name} runs service hash ${answer.statusz.release} instead of ${release.hash}`,
    };
  });
}

function ready({ pods, desired }: ServiceView): Problem | undefined {
  if (pods.length < desired) return { reason: 'NoPods', message: `${pods.length} of ${desired} pods` };
  return firstOf(pods, (pod) => {
    const failing = failingCheck(pod);
    if (failing !== undefined) return failing;
    const reportsReady = pod.answer.kind === 'Answered' && pod.answer.statusz.ready;
    return reportsReady ? undefined : { reason: 'NotReady', message: `${pod.name} does not report that it is ready` };
  });
}

/** Every pod reports its feed, and the feed is fresh. */
function feedFresh({ pods, desired }: ServiceView): Problem | undefined {
  if (pods.length < desired) return { reason: 'NoPods', message: `${pods.length} of ${desired} pods` };
  return firstOf(pods, (pod) => {
    const feed = checksOf(pod).find(({ name }) => name === FEED_CHECK);
    if (feed === undefined) return { reason: 'NoFeed', message: `${pod.name} reports no feed` };
    return feed.ok ? undefined : problemOf(feed);
  });
}

type InactiveRole = Exclude<SenderRole, 'active'>;

const ROLE_REASONS = {
  warming: 'SenderWarming',
  armed: 'SenderArmed',
  activating: 'SenderActivating',
  draining: 'SenderDraining',
  standby: 'SenderStandby',
  fenced: 'SenderFenced',
} as const satisfies Readonly<Record<InactiveRole, keyof typeof GATE_REASONS>>;

/** One that was lost to its spare may still be remembered as active, in an older epoch. */
function senderActive({ pods, release }: ServiceView): Problem | undefined {
  const active = pods.filter((pod) => roleOf(pod) === 'active' && !isLostSender(pod)).length;
  if (active === 1) return undefined;
  if (active > 1) return { reason: 'ManySenders', message: `${active} pods report that they send orders` };
  const failedActivation = firstOf(pods, (pod) => (roleOf(pod) === 'armed' ? pod.activation : undefined));
  if (failedActivation !== undefined) return failedActivation;
  const role = nearestRole(pods.filter((pod) => !isLostSender(pod)));
  return role === undefined || role === 'active'
    ? { reason: 'SenderSilent', message: 'no pod reports its sender role' }
    : { reason: ROLE_REASONS[role], message: `${release.row.name} is ${role}` };
}

function senderProven({ pods, swap }: ServiceView): Problem | undefined {
  return swap?.probation === undefined ? undefined : judgeSender(pods, swap.probation);
}

/** A process is activated once everything else passes, so what else fails comes first. */
function failingCheck(pod: ObservedPod): Problem | undefined {
  const all = checksOf(pod).filter(({ ok }) => !ok);
  const failing = all.find(({ name }) => name !== ACTIVATION_CHECK) ?? all[0];
  if (failing?.name === ACTIVATION_CHECK && pod.activation !== undefined) return pod.activation;
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
