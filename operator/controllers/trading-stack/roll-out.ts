import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { senderRow } from '../../../services/shared/contracts/catalogue.ts';
import type {
  ExecutionStatus,
  ServiceStatus,
  TierStatus,
  TradingStackStatus,
} from '../../api/v1alpha1/trading-stack/status.ts';
import { restoreRelease } from '../../releases/release-record.ts';
import type { Release } from '../../releases/render-release.ts';
import type { Observation } from './observe/observation.ts';
import type { Plan } from './plan.ts';
import { chooseTarget, keptRelease, keptTarget, type Target } from './rollout/choose-target.ts';
import type { ServiceView } from './rollout/gates.ts';
import { createServiceViews } from './rollout/service-views.ts';
import { evaluateTiers } from './rollout/tiers.ts';
import { planColours, type ColourPlan } from './sender/plan-colours.ts';
import { serviceStatus } from './status/service-status.ts';

/** The release that is rolled out, and how far. */
export interface Rollout {
  readonly release: Release;
  /** Undefined while the stack is blocked. */
  readonly target: Target | undefined;
  readonly tiers: readonly TierStatus[];
  readonly services: readonly ServiceStatus[];
  readonly colours: readonly ColourPlan[];
}

/**
 * Chooses the release to roll out, and evaluates its gates on what is observed. While the stack is blocked, no further
 * tier opens.
 */
export function rolloutOf(observation: Observation, plan: Plan): Rollout {
  const target = plan.rollsOut ? targetOf(observation, plan) : undefined;
  const release = target?.release ?? plan.release;
  const tiers = tiersOf(observation, plan, { release, backwards: target?.backwards === true });
  const viewOf = createServiceViews(release, observation);
  const services = serviceStatuses({ release, tiers, viewOf, previous: observation.stack.status.services ?? [] });
  const colours = target === undefined ? [] : coloursOf(observation, plan, { release, tiers });
  return { release, target, tiers, services, colours };
}

function coloursOf(
  observation: Observation,
  { context, release: desired }: Plan,
  { release, tiers }: Pick<Rollout, 'release' | 'tiers'>,
): readonly ColourPlan[] {
  const { stack, nowMs } = observation;
  return planColours({
    previous: stack.status.execution,
    target: release,
    opened: tiers.some(({ name, state }) => name === senderRow().tier && state !== 'Waiting'),
    releaseOf: releasesOf(observation, desired),
    warmMs: (context?.spec.execution.swap.warmRollbackSeconds ?? 0) * 1_000,
    nowMs,
  });
}

/** Returns a release by its hash: the desired one, or one of the history from its record. */
function releasesOf({ stack, records }: Observation, desired: Release): (hash: string) => Release | undefined {
  return (hash) => {
    if (hash === desired.hash) return desired;
    const record = stack.status.release?.history?.find((change) => change.release === hash)?.record;
    const kept = records.get(hash);
    return record === undefined || kept === undefined ? undefined : restoreRelease(kept, record);
  };
}

function targetOf(observation: Observation, plan: Plan): Target {
  const { stack, nowMs } = observation;
  const { release: desired, suspended, context } = plan;
  const previous = stack.status.release;
  const input = { desired, previous, releaseOf: releasesOf(observation, desired) };
  if (suspended || context === undefined) return keptTarget(input);
  const kept = keptRelease(input);
  return chooseTarget({
    ...input,
    tiers: tiersOf(observation, plan, { release: kept, backwards: kept.hash !== desired.hash }),
    isSwapping: isSwapping(stack.status.execution),
    resumedMs: resumedMsOf(stack.status, nowMs),
    rollbackTo: stack.annotations[ROLLBACK_ANNOTATION],
    retry: stack.annotations[RETRY_ANNOTATION]?.slice(0, RETRY_MAX),
    rollout: context.spec.rollout,
    nowMs,
  });
}

/** A longer annotation is compared by its beginning, because the status keeps no more of it. */
const RETRY_MAX = 200;

/** Whether the sender has handed over to another colour that does not send yet. */
function isSwapping(execution: ExecutionStatus | undefined): boolean {
  const { from, to } = execution?.transition ?? {};
  return from !== undefined && from !== to && execution?.active !== from && execution?.active !== to;
}

/** Returns when a suspension ended; now if that is not recorded yet. */
function resumedMsOf({ conditions }: TradingStackStatus, nowMs: number): number {
  const suspended = conditions?.find(({ type }) => type === 'Suspended');
  if (suspended === undefined) return 0;
  return suspended.status === 'True' ? nowMs : Date.parse(suspended.lastTransitionTime);
}

interface Order {
  readonly release: Release;
  readonly backwards: boolean;
}

/** Returns the tiers of a release in rollout order, evaluated in the order in which they are rolled out. */
function tiersOf(
  observation: Observation,
  { context, rollsOut, suspended }: Plan,
  { release, backwards }: Order,
): readonly TierStatus[] {
  const { stack, nowMs } = observation;
  const tiers = evaluateTiers({
    tiers: backwards ? release.tiers.toReversed() : release.tiers,
    viewOf: createServiceViews(release, observation),
    previous: stack.status.tiers ?? [],
    soakSeconds: context?.spec.rollout.soakSeconds ?? 0,
    maxParallel: context?.spec.rollout.maxParallelTiers ?? 1,
    opens: rollsOut && !suspended,
    nowMs,
  });
  return backwards ? tiers.toReversed() : tiers;
}

function serviceStatuses(input: {
  readonly release: Release;
  readonly tiers: readonly TierStatus[];
  readonly viewOf: (service: string) => ServiceView;
  readonly previous: readonly ServiceStatus[];
}): readonly ServiceStatus[] {
  return input.release.tiers.flatMap(({ name, services }) => {
    const state = input.tiers.find((tier) => tier.name === name)?.state ?? 'Waiting';
    return services.map(({ row }) => serviceStatus(input.viewOf(row.name), state, input.previous));
  });
}
