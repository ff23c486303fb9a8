import { CATALOGUE, type CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { Condition, ConditionReason, ConditionType } from '../../../api/v1alpha1/conditions.ts';
import type {
  ExecutionStatus,
  Phase,
  ServiceStatus,
  TierStatus,
  TradingStackStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { TradingStackSpec } from '../../../api/v1alpha1/trading-stack/spec.ts';
import { shortLine } from '../../../api/v1alpha1/status-text.ts';
import { blockerLine, gateSubject, type Blocker } from '../rollout/blocker.ts';
import { isPassed } from '../rollout/tiers.ts';

/** Input of the status. */
export interface Facts {
  readonly generation: number;
  readonly nowMs: number;
  readonly previous: TradingStackStatus;
  /** Undefined if the spec is invalid or not read. */
  readonly spec: TradingStackSpec | undefined;
  readonly desired: string | undefined;
  readonly tiers: readonly TierStatus[];
  readonly services: readonly ServiceStatus[];
  readonly execution: ExecutionStatus | undefined;
  readonly haltConfirmed: boolean;
  /** Blocks the stack until something outside the operator changes. */
  readonly blocker: Blocker | undefined;
  readonly deleting: boolean;
}

/** Computes the whole status. Pure: equal facts give an equal status, including times. */
export function statusOf(facts: Facts): TradingStackStatus {
  const { previous, spec, desired, tiers, services, execution } = facts;
  const blocking = blockerOf(facts);
  const phase = phaseOf(facts, blocking);
  return {
    observedGeneration: facts.generation,
    phase,
    ...(spec === undefined ? {} : { mode: spec.mode }),
    ready: `${services.filter(isReady).length}/${services.length}`,
    ...(blocking === undefined ? {} : { blockedBy: shortLine(blockerLine(blocking)) }),
    ...releasePart(previous, desired, tiers),
    tiers: [...tiers],
    services: [...services],
    ...(execution === undefined ? {} : { execution }),
    ...haltPart(facts),
    conditions: conditionsOf(facts, phase, blocking),
  };
}

function isReady({ message, ready, desired }: ServiceStatus): boolean {
  return message === '' && ready >= desired;
}

/**
 * Returns the problem to report: the given blocker, else the first failing gate of the first tier that is not Passed.
 */
function blockerOf({ blocker, tiers, spec, nowMs }: Facts): Blocker | undefined {
  if (blocker !== undefined) return blocker;
  const tier = tiers.find(({ state }) => state !== 'Passed');
  const gate = tier?.gates.find(({ ok }) => !ok);
  if (tier === undefined || gate === undefined) return undefined;
  const { service, reason, message } = gate;
  const subject = gateSubject(tier.name, gate, service);
  const deadlineMs = (spec?.rollout.tierDeadlineSeconds ?? 0) * 1_000;
  const stalls = tier.state === 'Progressing' && nowMs - Date.parse(tier.since) > deadlineMs;
  return { subject, reason, message, stalls };
}

function phaseOf({ deleting, spec, blocker, tiers }: Facts, blocking: Blocker | undefined): Phase {
  if (deleting) return 'Terminating';
  if (blocker?.stalls === true) return 'Stalled';
  if (spec?.suspend === true) return 'Suspended';
  if (blocker !== undefined) return tiers.some(isPassed) ? 'Degraded' : 'Pending';
  return blocking?.stalls === true ? 'Stalled' : rolloutPhase(tiers);
}

function rolloutPhase(tiers: readonly TierStatus[]): Phase {
  if (tiers.length === 0 || !tiers.every(isPassed)) return 'Progressing';
  return tiers.every(({ state }) => state === 'Passed') ? 'Running' : 'Degraded';
}

function releasePart(
  { release }: TradingStackStatus,
  desired: string | undefined,
  tiers: readonly TierStatus[],
): Pick<TradingStackStatus, 'release'> {
  if (desired === undefined) return release === undefined ? {} : { release };
  const current = tiers.every(isPassed) ? desired : release?.current;
  return { release: { desired, ...(current === undefined ? {} : { current }) } };
}

/** `active` is the observed state, not the request. `since` is the time of the request. */
function haltPart({ spec, previous, nowMs, haltConfirmed }: Facts): Pick<TradingStackStatus, 'halt'> {
  if (spec === undefined) return previous.halt === undefined ? {} : { halt: previous.halt };
  if (!spec.halt) return { halt: { active: false } };
  return { halt: { active: haltConfirmed, since: previous.halt?.since ?? new Date(nowMs).toISOString() } };
}

interface ConditionState extends Problem {
  readonly status: Condition['status'];
}

function conditionsOf(facts: Facts, phase: Phase, blocking: Blocker | undefined): Condition[] {
  const states: Record<ConditionType, ConditionState> = {
    Ready: readyState(facts, phase, blocking),
    Reconciling: reconcilingState(phase, blocking),
    Stalled: stalledState(facts, blocking),
    Available: availableState(facts),
    Halted: haltedState(facts),
    Degraded: degradedState(facts, phase, blocking),
    Suspended: suspendedState(facts),
  };
  return (Object.keys(states) as ConditionType[]).map((type) => condition(type, states[type], facts));
}

function condition(type: ConditionType, state: ConditionState, { previous, generation, nowMs }: Facts): Condition {
  const last = previous.conditions?.find((candidate) => candidate.type === type);
  const unchanged = last !== undefined && last.status === state.status;
  return {
    type,
    ...state,
    observedGeneration: generation,
    lastTransitionTime: unchanged ? last.lastTransitionTime : new Date(nowMs).toISOString(),
  };
}

function readyState(facts: Facts, phase: Phase, blocking: Blocker | undefined): ConditionState {
  if (phase === 'Terminating') return no('Deleting', blocking === undefined ? '' : blockerLine(blocking));
  if (phase === 'Running')
    return yes('AllTiersPassed', `${haltOf(facts)}release ${facts.desired ?? ''} runs in all tiers`);
  if (phase === 'Suspended' && blocking === undefined) {
    if (facts.tiers.length === 0) return no('SuspendRequested', 'suspended before any tier was rolled out');
    return yes('AllTiersPassed', `${haltOf(facts)}suspended; all tiers pass their gates`);
  }
  return underWay('False', blocking);
}

function haltOf({ spec, haltConfirmed }: Facts): string {
  return spec?.halt === true && haltConfirmed ? 'halted: no new orders are sent; ' : '';
}

function reconcilingState(phase: Phase, blocking: Blocker | undefined): ConditionState {
  if (phase === 'Terminating') return yes('Deleting', blocking === undefined ? '' : blockerLine(blocking));
  if (phase === 'Pending' || phase === 'Progressing') return underWay('True', blocking);
  return no('AsExpected', '');
}

function stalledState({ blocker }: Facts, blocking: Blocker | undefined): ConditionState {
  if (blocking?.stalls !== true) return no('AsExpected', '');
  const reason = blocker?.reason ?? ('TierDeadlineExceeded' satisfies ConditionReason);
  return { status: 'True', reason, message: blockerLine(blocking) };
}

function availableState({ execution, services }: Facts): ConditionState {
  if (execution === undefined || execution.active === 'none')
    return no('SenderInactive', 'no execution process is active');
  const feeds = services.filter(({ name }) => FEEDS.has(name));
  if (feeds.length === 0) return no('FeedStale', 'no service receives market data');
  const failing = feeds.find(({ message }) => message !== '');
  if (failing !== undefined) return no('FeedStale', failing.message);
  return yes('SenderActive', `execution sends orders in epoch ${execution.epoch}`);
}

const FEEDS: ReadonlySet<string> = new Set(namesOf(({ reportsFeed }) => reportsFeed === true));
const CARRIERS = namesOf(({ carriesHalt }) => carriesHalt === true);
const ALL_CARRIERS = CARRIERS.join(' and ');
const ANY_CARRIER = CARRIERS.join(' or ');

function namesOf(predicate: (row: CatalogueRow) => boolean): readonly string[] {
  return CATALOGUE.filter(predicate).map(({ name }) => name);
}

function haltedState({ spec, previous, haltConfirmed }: Facts): ConditionState {
  const known = previous.conditions?.find(({ type }) => type === 'Halted');
  // Without a valid spec nothing is rolled out either, so a halt stays as it was.
  if (spec === undefined && known !== undefined)
    return { status: known.status, reason: known.reason, message: known.message };
  if (spec?.halt !== true) return no('NotHalted', '');
  return haltConfirmed
    ? yes('HaltRequested', `${ALL_CARRIERS} have applied the halt`)
    : no('HaltPending', `${ANY_CARRIER} has not applied the halt yet`);
}

function degradedState({ tiers }: Facts, phase: Phase, blocking: Blocker | undefined): ConditionState {
  const degraded = phase === 'Degraded' || tiers.some(({ state }) => state === 'Degraded');
  if (!degraded) return no('AsExpected', '');
  return yes('GateFailed', blocking === undefined ? '' : blockerLine(blocking));
}

function suspendedState({ spec }: Facts): ConditionState {
  if (spec?.suspend !== true) return no('NotSuspended', '');
  if (spec.halt) return yes('SuspendRequested', `the operator changes only ${ALL_CARRIERS}, to apply the halt`);
  return yes(
    'SuspendRequested',
    'the operator makes no changes except for a halt; an execution process that restarts stays armed',
  );
}

function yes(reason: ConditionReason, message: string): ConditionState {
  return { status: 'True', reason, message };
}

function no(reason: ConditionReason, message: string): ConditionState {
  return { status: 'False', reason, message };
}

/** State of a condition during a rollout, with the blocking problem if there is one. */
function underWay(status: ConditionState['status'], blocking: Blocker | undefined): ConditionState {
  if (blocking === undefined)
    return { status, reason: 'RollingOut' satisfies ConditionReason, message: 'the next tier is about to start' };
  return { status, reason: blocking.reason, message: blockerLine(blocking) };
}
