import { senderRow } from '../../../services/shared/contracts/catalogue.ts';
import type { GateStatus, TierStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { duration, since } from './age.ts';
import { exitAdvice } from './exit-advice.ts';
import { imageAdvice } from './image-advice.ts';
import { isPodWell, podLine } from './pod-line.ts';
import type { PodView } from './pod-view.ts';
import { adviceOf, gateAdvice, type Advice } from './remedy.ts';
import { failingGates, observedAgeMs, isObserved, podsOf, type StackReport } from './stack-report.ts';

/** One step from what a person sees down to its cause. */
export interface Link {
  readonly kind: 'stack' | 'release' | 'tier' | 'gate' | 'service' | 'pod' | 'check' | 'sender' | 'source' | 'operator';
  readonly text: string;
}

/** What waits for what. The last link is the cause. */
export interface Chain {
  readonly links: readonly Link[];
  /** Undefined where the cause is Kubernetes' own, and no gate explains it. */
  readonly advice: Advice | undefined;
  /** What waits for this, besides what is in the links. */
  readonly waiting: readonly string[];
}

/** Returns every chain that keeps the stack from being as it should be: the one that blocks it first. */
export function blockingChains(report: StackReport): readonly Chain[] {
  const gates = (report.status.tiers ?? []).flatMap((tier) =>
    failingGates(tier).map((gate) => gateChain(report, tier, gate)),
  );
  const failed = failureChain(report);
  const rollout = gates.length > 0 || failed.length > 0 ? gates : stackChain(report);
  return [...operatorChain(report), ...failed, ...rollout, ...senderChain(report, rollout)];
}

/** The release that the spec describes has failed. What the gates show is the return from it. */
function failureChain(report: StackReport): readonly Chain[] {
  const { release } = report.status;
  const { desired, failed } = release ?? {};
  if (release === undefined || failed === undefined || failed.release !== desired) return [];
  const text = `${desired} failed ${since(failed.at, report.nowMs)} ago: ${failed.message}`;
  const ofFailed = { ...report, status: { ...report.status, release: { ...release, target: desired } } };
  const service = serviceOf(failed.message);
  const advice =
    imageAdvice(failed.reason, ofFailed) ??
    adviceOf(failed.reason, 'Gates', 'Checks', 'Process exits') ??
    (service === undefined ? undefined : exitAdvice(failed.reason, service, report));
  const waiting = [`release ${desired}, until the spec changes or "kubectl tradingstack retry"`];
  return [{ links: [stackLink(report), { kind: 'release', text }], advice, waiting }];
}

function stackLink({ name, status, deleting }: StackReport): Link {
  return { kind: 'stack', text: `${name} is ${deleting ? 'Terminating' : (status.phase ?? 'Unknown')}` };
}

/** Without an operator, nothing below is known to be true now. */
function operatorChain(report: StackReport): readonly Chain[] {
  if (isObserved(report)) return [];
  const ageMs = observedAgeMs(report);
  const text =
    ageMs === undefined
      ? 'has never observed the stack'
      : `last observed the stack ${duration(ageMs)} ago; everything else in the status is as old`;
  const advice = {
    meaning: 'No operator reconciles the stack. Its processes go on as they were.',
    remedy:
      'See kubectl get pods -n tradingstack-system, and the log of the operator. To stop trading meanwhile, see ' +
      '"Stop trading without the operator".',
    runbook: 'docs/runbook.md, "Stop trading without the operator"',
  };
  return [{ links: [stackLink(report), { kind: 'operator', text }], advice, waiting: [] }];
}

function gateChain(report: StackReport, tier: TierStatus, gate: GateStatus): Chain {
  const { nowMs, status } = report;
  const { name, service, reason, message } = gate;
  const advice =
    imageAdvice(reason, report) ??
    adviceOf(reason, 'Gates', 'Checks', 'Process exits', 'Conditions') ??
    (service === undefined ? undefined : exitAdvice(reason, service, report)) ??
    gateAdvice(name);
  const links: Link[] = [
    stackLink(report),
    { kind: 'tier', text: `${tier.name} is ${tier.state} for ${since(tier.since, nowMs)}` },
    { kind: 'gate', text: `${name} fails for ${since(gate.since, nowMs)}: ${problem(reason, message)}` },
    ...(service === undefined ? [] : serviceLinks(report, service)),
  ];
  const waiting = (status.tiers ?? []).filter(({ state }) => state === 'Waiting').map((each) => `tier ${each.name}`);
  return { links, advice, waiting };
}

function serviceLinks(report: StackReport, service: string): readonly Link[] {
  const facts = report.status.services?.find(({ name }) => name === service);
  const counts = facts === undefined ? 'unknown' : `${facts.ready} of ${facts.desired} pods ready`;
  const link: Link = { kind: 'service', text: `${service}: ${counts}` };
  const pods = podsOf(report, service);
  const [worst] = [...pods.filter((pod) => !isPodWell(pod)), ...pods];
  if (worst === undefined) return [link];
  return [link, { kind: 'pod', text: podLine(worst) }, ...checkLinks(worst)];
}

function checkLinks({ statusz }: PodView): readonly Link[] {
  if (statusz?.known !== true) return [];
  const failing = statusz.value.checks.filter(({ ok }) => !ok);
  return failing.map(({ name, reason, message }) => ({ kind: 'check', text: `${name}: ${problem(reason, message)}` }));
}

/** What blocks the stack before any gate: a missing Secret, a refused object, an invalid spec. */
function stackChain(report: StackReport): readonly Chain[] {
  const { status } = report;
  const conditions = status.conditions ?? [];
  const [cause] = ['Stalled', 'Degraded', 'Ready'].flatMap(
    (type) =>
      conditions.find((each) => each.type === type && each.status === (type === 'Ready' ? 'False' : 'True')) ?? [],
  );
  if (cause === undefined) return [];
  const subject = subjectOf(status.blockedBy ?? '');
  const advice =
    adviceOf(cause.reason, 'Conditions', 'Gates', 'Checks') ??
    (subject === undefined ? undefined : gateAdvice(subject));
  const kind = subject === undefined ? 'stack' : 'gate';
  const text = cause.message === '' ? cause.reason : cause.message;
  return [
    {
      links: [
        stackLink(report),
        {
          kind,
          text:
            cause.message.startsWith(cause.reason) || subject !== undefined
              ? text
              : problem(cause.reason, cause.message),
        },
      ],
      advice,
      waiting: [],
    },
  ];
}

/** The gate of `tier/gate service: reason - message`; undefined for a problem of no gate. */
function subjectOf(blockedBy: string): string | undefined {
  return /^(?:[a-z-]+\/)?([A-Z][A-Za-z]+)(?: [a-z-]+)?: /.exec(blockedBy)?.[1];
}

/** The service of `tier/gate service: reason - message`; undefined for a gate of a whole tier. */
function serviceOf(line: string): string | undefined {
  return /^[a-z-]+\/[A-Za-z]+ ([a-z-]+): /.exec(line)?.[1];
}

/** A sender that may not send, though every gate of the rollout passes. */
function senderChain(report: StackReport, rollout: readonly Chain[]): readonly Chain[] {
  const available = report.status.conditions?.find(({ type }) => type === 'Available');
  if (available === undefined || available.status === 'True' || rollout.length > 0) return [];
  const obstacles = podsOf(report, senderRow().name).flatMap(({ statusz }) =>
    statusz?.known === true ? (statusz.value.sender?.obstacle ?? []) : [],
  );
  const links: Link[] = [
    stackLink(report),
    { kind: 'sender', text: problem(available.reason, available.message) },
    ...obstacles.map(({ reason, message }): Link => ({ kind: 'check', text: problem(reason, message) })),
  ];
  const reason = obstacles[0]?.reason ?? available.reason;
  const advice = adviceOf(reason, 'Checks', 'Orders', 'Conditions') ?? adviceOf(available.reason, 'Conditions');
  return [{ links, advice, waiting: [] }];
}

function problem(reason: string, message: string): string {
  return message === '' ? reason : `${reason} - ${message}`;
}
