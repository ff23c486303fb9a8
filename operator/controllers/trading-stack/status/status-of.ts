import { ROLLBACK_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import type { ConditionReason } from '../../../api/v1alpha1/conditions.ts';
import { canonicalJson } from '../../../../services/shared/domain/canonical-json.ts';
import {
  UNOBSERVED,
  type Phase,
  type ReleaseStatus,
  type ServiceStatus,
  type TierStatus,
  type TradingStackStatus,
  type WaitingRelease,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import { shortLine } from '../../../api/v1alpha1/status-text.ts';
import { blockerLine, gateSubject, type Blocker } from '../rollout/blocker.ts';
import { deadlineOf, failedGate, provingGate } from '../rollout/deadline.ts';
import { isPassed } from '../rollout/tiers.ts';
import { conditionsOf } from './conditions-of.ts';
import type { Facts } from './facts.ts';

/** How often the time of the observation is renewed while nothing else changes. */
const OBSERVED_EVERY_MS = 60_000;

/** Computes the whole status. Pure: equal facts give an equal status, including times. */
export function statusOf(facts: Facts): TradingStackStatus {
  const { previous, spec, tiers, services, risk, execution, trading } = facts;
  const release = facts.release ?? previous.release;
  const blocking = blockerOf(facts);
  const phase = phaseOf(facts, blocking);
  const mode = spec?.mode ?? previous.mode;
  const status = {
    observedGeneration: facts.generation,
    ...(previous.operator === undefined ? {} : { operator: previous.operator }),
    phase,
    ...(mode === undefined ? {} : { mode }),
    ready: `${services.filter(isReady).length}/${services.length}`,
    ...blockedPart(previous, blocking),
    ...(release === undefined ? {} : { release }),
    tiers: [...tiers],
    services: [...services],
    risk,
    execution,
    trading: trading.trading,
    halt: trading.halt,
    plan: [...facts.plan],
    conditions: conditionsOf(facts, phase, blocking),
  };
  return { ...status, observedAt: observedAtOf(facts, status) };
}

/**
 * A default belongs to no field manager, so an apply without the field leaves it there. It is emptied first, and with
 * that ours to remove.
 */
function blockedPart(
  { blockedBy }: TradingStackStatus,
  blocking: Blocker | undefined,
): Pick<TradingStackStatus, 'blockedBy'> {
  if (blocking !== undefined) return { blockedBy: shortLine(blockerLine(blocking)) };
  return blockedBy === UNOBSERVED.blockedBy ? { blockedBy: '' } : {};
}

/**
 * Returns when this state was last observed. It distinguishes a status that an operator keeps current from one that no
 * operator observes, at the cost of one write a minute.
 */
function observedAtOf({ previous, nowMs }: Facts, status: TradingStackStatus): string {
  const { observedAt, ...before } = previous;
  const isDue = observedAt === undefined || Math.abs(nowMs - Date.parse(observedAt)) >= OBSERVED_EVERY_MS;
  // An older CRD stores neither. Without this, each status would differ from the stored one by them.
  const { plan, risk, ...rest } = status;
  const now = {
    ...rest,
    ...(before.plan === undefined ? {} : { plan }),
    ...(before.risk === undefined ? {} : { risk }),
  };
  return isDue || canonicalJson(before) !== canonicalJson(now) ? new Date(nowMs).toISOString() : observedAt;
}

function isReady({ message, ready, desired }: ServiceStatus): boolean {
  return message === '' && ready >= desired;
}

/**
 * Returns the problem to report: the given blocker, else the first failing gate of the first tier that is not Passed,
 * else why another release than the desired one runs.
 */
function blockerOf(facts: Facts): Blocker | undefined {
  return facts.blocker ?? gateBlocker(facts) ?? releaseBlocker(facts);
}

function gateBlocker({ tiers, spec, nowMs }: Facts): Blocker | undefined {
  const tier = tiers.find(({ state }) => state !== 'Passed');
  const failed = tier === undefined ? undefined : failedGate(tier, deadlineOf(spec, nowMs));
  const gate = failed ?? tier?.gates.find(({ ok }) => !ok);
  if (tier === undefined || gate === undefined) return undefined;
  const { service, reason, message } = gate;
  const stays = failed !== undefined && spec?.rollout.autoRollback === false;
  return {
    subject: gateSubject(tier.name, gate, service),
    reason,
    message: stays ? `${message}; it is not rolled back because rollout.autoRollback is false` : message,
    stalls: failed !== undefined,
    ...(provingGate(tier) === undefined ? {} : { stallReason: 'SwapFailed' }),
  };
}

function releaseBlocker({ release, refused }: Facts): Blocker | undefined {
  const blocker = (reason: ConditionReason, message: string): Blocker => ({
    subject: 'release',
    reason,
    message,
    stalls: true,
  });
  if (refused !== undefined) return blocker('RollbackRefused', refused);
  if (release?.waiting !== undefined) return waitingBlocker(release.waiting);
  if (release === undefined || release.target === undefined || release.target === release.desired) return undefined;
  const { failed, target } = release;
  if (failed === undefined)
    return blocker('RollbackRequested', `annotation ${ROLLBACK_ANNOTATION} asks for release ${target}, which runs`);
  return blocker('RolledBack', `${failed.message}; release ${target} runs again`);
}

/** Nothing is wrong, so it does not stall the stack. */
function waitingBlocker({ release, since, opensAt }: WaitingRelease): Blocker {
  const opening = opensAt === undefined ? 'never opens' : `opens at ${opensAt}`;
  const message = `the maintenance window ${opening}; release ${release} has waited since ${since}`;
  return { subject: 'release', reason: 'WindowClosed', message, stalls: false };
}

function phaseOf({ deleting, suspended, blocker, tiers, release }: Facts, blocking: Blocker | undefined): Phase {
  if (deleting) return 'Terminating';
  if (blocker?.stalls === true) return 'Stalled';
  if (suspended) return 'Suspended';
  if (blocker !== undefined) return tiers.some(isPassed) ? 'Degraded' : 'Pending';
  return blocking?.stalls === true ? 'Stalled' : rolloutPhase(tiers, release);
}

function rolloutPhase(tiers: readonly TierStatus[], release: ReleaseStatus | undefined): Phase {
  if (tiers.length === 0 || !tiers.every(isPassed)) return 'Progressing';
  if (tiers.some(({ state }) => state !== 'Passed')) return 'Degraded';
  return release?.waiting === undefined ? 'Running' : 'Pending';
}
