import { CATALOGUE, type ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { ActivationStatus } from '../../../../services/shared/contracts/statusz.ts';
import type { RiskStatus } from '../../../api/v1alpha1/trading-stack/rollout/risk-status.ts';
import type { PlanWait, SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { reportsRequest } from '../trading/reported.ts';
import { deciderIn, isArmed, newestReading, runs } from './reported-activation.ts';

/** Asks a process to make its release the active one. */
export interface ActivationCommand {
  readonly service: ServiceName;
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  readonly epoch: number;
}

export interface ActiveInput {
  readonly previous: RiskStatus | undefined;
  readonly pods: readonly ObservedPod[];
  /** The release that is rolled out; undefined while it is not known. */
  readonly target: Release | undefined;
  /** Whether the stack is known to ask for its rollout now. */
  readonly mayActivate: boolean;
  /** Latest request of each source of the trading state. A release is activated once its process reports them. */
  readonly requested: readonly SourceStatus[];
  readonly nowMs: number;
}

export interface ActiveDecision {
  readonly risk: RiskStatus;
  readonly activate: ActivationCommand | undefined;
  /** Why the process that is to decide is not activated although it is ready. */
  readonly held: PlanWait | undefined;
}

/** A container that restarts, or a pod that is placed on another node, is back after a shorter time. */
const ABANDONED_AFTER_MS = 30_000;

/** The service of which only the active release decides. */
const ROW = CATALOGUE.find(({ oneReleaseDecides }) => oneReleaseDecides === true);

/**
 * Decides which release of risk is to decide. A pod of the release that is rolled out is armed: it passes every check
 * but that it is active. Then an epoch above every one seen is recorded with it in the status, and requested until a
 * process of the release reports that it is active. The row in the database decides: of two operators that ask for two
 * releases in one epoch, the first one gets it, and the other one sees that and asks in a higher epoch.
 *
 * States: active in one release -> a pod of the target is armed -> transition recorded -> activation requested ->
 * active in the target. A process that fails a check is activated only if the active release has no pod any more and no
 * process has decided for a while: one that restarts goes on to decide, so a failing release must not replace it.
 */
export function chooseActive(input: ActiveInput): ActiveDecision {
  const pods = input.pods.filter(({ service, finished }) => service === ROW?.name && !finished);
  const row = newestReading(pods);
  const observed = observedStatus(input, pods, row);
  const wanted = wantedHash(input.target);
  if (wanted === undefined || observed.active === wanted) return { ...NONE, risk: observed };
  const kept = { ...NONE, risk: withRecorded(observed, input.previous, wanted) };
  // Another process has seen the activation before this one was asked again.
  if (row?.release === wanted) return kept;
  const skipsChecks = isAbandoned(input, pods, { observed, row });
  const next = input.mayActivate ? pods.find((pod) => isArmed(pod, wanted, skipsChecks)) : undefined;
  if (next?.ip === undefined) return kept;
  const held = whyHeld(next, input.requested);
  if (held !== undefined) return { ...kept, held };
  const transition = transitionTo(input, { observed: kept.risk, next, wanted });
  const { name: pod, uid, ip, service } = next;
  const command = { service, pod, uid, ip, epoch: transition.epoch };
  const activate = next.accepted === transition.epoch ? undefined : command;
  return { risk: { ...observed, transition }, activate, held: undefined };
}

/** The transition to a release goes on until that decides, whoever answers. */
function withRecorded(observed: RiskStatus, previous: RiskStatus | undefined, wanted: string): RiskStatus {
  const transition = previous?.transition;
  return transition?.to === wanted ? { ...observed, transition } : observed;
}

const NONE = { activate: undefined, held: undefined } as const;

function whyHeld(next: ObservedPod, requested: readonly SourceStatus[]): PlanWait | undefined {
  const unheard = requested.find((record) => !reportsRequest(next, record));
  if (unheard === undefined) return undefined;
  return { what: 'Halt', message: `${next.name} does not report ${unheard.state}, which ${unheard.source} requests` };
}

/** What the processes report. The epoch never goes back, whoever does not answer. */
function observedStatus(
  { previous, nowMs }: ActiveInput,
  pods: readonly ObservedPod[],
  row: ActivationStatus | undefined,
): RiskStatus {
  const { active, pod } = deciderIn(pods, row);
  return {
    active,
    epoch: Math.max(previous?.epoch ?? 0, row?.epoch ?? 0),
    ...(pod === undefined ? {} : { pod }),
    since: previous?.active === active ? previous.since : new Date(nowMs).toISOString(),
  };
}

interface Chosen {
  /** With the recorded transition, if it is to the wanted release. */
  readonly observed: RiskStatus;
  readonly next: ObservedPod;
  readonly wanted: string;
}

/** The recorded one, or a new one: a request in an epoch that somebody else got, or was asked for, is not repeated. */
function transitionTo({ previous, nowMs }: ActiveInput, { observed, next, wanted }: Chosen) {
  const { active, epoch, transition: recorded } = observed;
  if (recorded?.pod === next.name && recorded.epoch > epoch) return recorded;
  return {
    ...(active === 'none' || active === 'Unknown' ? {} : { from: active }),
    to: wanted,
    epoch: Math.max(epoch, previous?.transition?.epoch ?? 0) + 1,
    startedAt: new Date(nowMs).toISOString(),
    pod: next.name,
  };
}

interface Seen {
  readonly observed: RiskStatus;
  readonly row: ActivationStatus | undefined;
}

/**
 * Whether the active release will not come back: it has no pod, and no process has decided for longer than a restart
 * takes. Which release that is must be known: a row older than the newest known epoch names another one.
 */
function isAbandoned({ nowMs }: ActiveInput, pods: readonly ObservedPod[], { observed, row }: Seen): boolean {
  const { active, epoch, since } = observed;
  if (active !== 'none' || (row?.epoch ?? 0) < epoch || nowMs - Date.parse(since) < ABANDONED_AFTER_MS) return false;
  return !pods.some((pod) => !pod.deleting && runs(pod, row?.release));
}

/** Service hash of the release that is rolled out. */
export function wantedHash(release: Release | undefined): string | undefined {
  return release?.tiers.flatMap(({ services }) => services).find(({ row }) => row.name === ROW?.name)?.hash;
}
