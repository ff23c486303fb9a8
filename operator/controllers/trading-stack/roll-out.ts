import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { senderRow } from '../../../services/shared/contracts/catalogue.ts';
import type {
  ExecutionStatus,
  ServiceStatus,
  TierStatus,
  TradingStackStatus,
} from '../../api/v1alpha1/trading-stack/status.ts';
import { nextOpening } from '../../api/v1alpha1/trading-stack/rollout/window.ts';
import type { Release } from '../../releases/render-release.ts';
import type { Observation } from './observe/observation.ts';
import type { Plan } from './plan.ts';
import { chooseTarget, keptTarget, type Target } from './rollout/choose-target.ts';
import type { ServiceView } from './rollout/gates.ts';
import { releasesOf } from './rollout/requested-release.ts';
import { createServiceViews } from './rollout/service-views.ts';
import { probationSeconds } from './rollout/swap/probation-seconds.ts';
import { isOnProbation } from './rollout/swap/on-probation.ts';
import { viewSwap } from './rollout/swap/swap-view.ts';
import { evaluateTiers, isPassed } from './rollout/tiers.ts';
import { planColours, type ColourPlan, type ColoursInput } from './sender/plan-colours.ts';
import { serviceStatus } from './status/service-status.ts';

/** The release that is rolled out, and how far. */
export interface Rollout {
  readonly release: Release;
  /** Undefined while the stack is blocked. */
  readonly target: Target | undefined;
  readonly tiers: readonly TierStatus[];
  readonly services: readonly ServiceStatus[];
  readonly colours: readonly ColourPlan[];
  /** Whether the tier of the sender is being rolled out, or was. */
  readonly isOpened: boolean;
}

/**
 * Chooses the release to roll out, and evaluates its gates on what is observed. While the stack is blocked, no further
 * tier opens.
 */
export function rolloutOf(observation: Observation, plan: Plan): Rollout {
  const target = plan.rollsOut ? targetOf(observation, plan) : undefined;
  const release = target?.release ?? plan.release;
  const order = { release, backwards: target?.backwards === true, cause: target?.reason ?? 'Changed' } as const;
  const tiers = tiersOf(observation, plan, order);
  const viewOf = viewsOf(observation, plan, order);
  const services = serviceStatuses({ release, tiers, viewOf, previous: observation.stack.status.services ?? [] });
  const opening = openingOf(tiers);
  const colours = target === undefined ? [] : coloursFor(observation, plan, { release, ...opening });
  return { release, target, tiers, services, colours, isOpened: opening.opened };
}

/** How far the tier of the sender is. */
function openingOf(tiers: readonly TierStatus[]): Pick<ColoursInput, 'opened' | 'isProven'> {
  const tier = tiers.find(({ name }) => name === senderRow().tier);
  if (tier === undefined) return { opened: false, isProven: false };
  return { opened: tier.state !== 'Waiting', isProven: isPassed(tier) };
}

/** Assigns releases to the colours of the sender for a release whose tier of the sender is opened, or is not. */
export function coloursFor(
  observation: Observation,
  { context, release: desired }: Plan,
  { release, opened, isProven }: Pick<ColoursInput, 'opened' | 'isProven'> & { readonly release: Release },
): readonly ColourPlan[] {
  const { stack, nowMs } = observation;
  return planColours({
    previous: stack.status.execution,
    target: release,
    opened,
    isProven,
    releaseOf: releasesOf(observation, desired),
    warmMs: (context?.spec.execution.swap.warmRollbackSeconds ?? 0) * 1_000,
    nowMs,
  });
}

function targetOf(observation: Observation, plan: Plan): Target {
  const { stack, nowMs } = observation;
  const { release: desired, suspended, context } = plan;
  const previous = stack.status.release;
  const input = { desired, previous, releaseOf: releasesOf(observation, desired) };
  if (suspended || context === undefined) return keptTarget(input);
  const { release: kept, backwards } = keptTarget(input);
  const tiers = tiersOf(observation, plan, { release: kept, backwards, cause: 'Changed' });
  const { rollout, execution } = context.spec;
  const deadline = {
    tierDeadlineSeconds: rollout.tierDeadlineSeconds,
    postSwitchSoakSeconds: probationSeconds(execution),
    resumedMs: resumedMsOf(stack.status, nowMs),
    nowMs,
  };
  return chooseTarget({
    ...input,
    tiers,
    autoRollback: rollout.autoRollback,
    deadline,
    isSwapping: isSwapping(stack.status.execution),
    isOnProbation: isOnProbation(stack.status.execution, tiers, deadline),
    opensMs: rollout.window === undefined ? undefined : nextOpening(rollout.window, nowMs),
    rollbackTo: stack.annotations[ROLLBACK_ANNOTATION],
    retry: stack.annotations[RETRY_ANNOTATION]?.slice(0, RETRY_MAX),
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
  /** Why it is rolled out, if that is not on record yet. */
  readonly cause: Target['reason'];
}

function viewsOf(
  observation: Observation,
  { context }: Plan,
  { release, cause }: Order,
): (service: string) => ServiceView {
  const { stack, nowMs } = observation;
  const swap = viewSwap({ stack, spec: context?.spec, release, cause, nowMs });
  return createServiceViews(release, observation, swap);
}

/** Returns the tiers of a release in rollout order, evaluated in the order in which they are rolled out. */
function tiersOf(observation: Observation, plan: Plan, order: Order): readonly TierStatus[] {
  const { stack, nowMs } = observation;
  const { context, rollsOut, suspended } = plan;
  const { release, backwards } = order;
  const tiers = evaluateTiers({
    tiers: backwards ? release.tiers.toReversed() : release.tiers,
    backwards,
    viewOf: viewsOf(observation, plan, order),
    previous: stack.status.tiers ?? [],
    soakSeconds: context?.spec.rollout.soakSeconds,
    postSwitchSoakSeconds: context === undefined ? 0 : probationSeconds(context.spec.execution),
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
