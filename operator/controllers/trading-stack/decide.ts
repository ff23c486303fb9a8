import type { DrainRequest } from '../../../services/shared/contracts/control.ts';
import { FINALIZER } from '../../api/v1alpha1/labels.ts';
import type { ReleaseStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { buildReleaseRecord, recordName } from '../../releases/release-record.ts';
import type { Surroundings } from '../../resources/stack-context.ts';
import { chooseActive, type ActiveDecision, type ActiveInput } from './activation/choose-active.ts';
import { NOTHING, type Decision } from './decision.ts';
import type { Observation } from './observe/observation.ts';
import { deletionPlan, planOf, type Plan } from './plan.ts';
import { coloursFor, rolloutOf, type Rollout } from './roll-out.ts';
import { missingControlSecret, openedObjects, sharedObjects, superfluous } from './rollout/desired-objects.ts';
import { withoutReplaced } from './rollout/replaced-deployments.ts';
import { releaseStatusOf } from './rollout/release-status.ts';
import { probationSeconds } from './rollout/swap/probation-seconds.ts';
import { viewSwap } from './rollout/swap/swap-view.ts';
import { teardown } from './rollout/teardown.ts';
import { colourObjects } from './sender/plan-colours.ts';
import { withSale, type SaleTerms } from './sender/position-sale.ts';
import { commandsWithCanary } from './sender/canary-commands.ts';
import { withCanary, type CanaryInput } from './sender/sender-canary.ts';
import { decideStackSender, isRecent } from './sender/stack-sender.ts';
import { withSoak } from './sender/swap-soak.ts';
import { swapTermsOf } from './sender/swap-terms.ts';
import { contestedProblem } from './status/degraded/drift.ts';
import { partialProblem } from './status/degraded/partial-problem.ts';
import { eventsBetween } from './status/events/stack-events.ts';
import { statusOf } from './status/status-of.ts';
import { foreseenSteps } from './steps/foreseen-steps.ts';
import type { Writes } from './steps/object-changes.ts';
import { isUnsaved, planTrading } from './trading/plan-trading.ts';
import { viewTrading } from './trading/trading-view.ts';

/** Delay until the next reconcile, which also picks up what no event announces. */
const ROLLING_MS = 1_000;
const RUNNING_MS = 5_000;
const SETTLED: ReadonlySet<string> = new Set(['Running', 'Suspended']);

/**
 * Decides what to write from an observation. Pure and idempotent: deciding again after the decision was applied gives
 * no change. First the plan: the desired release, or what blocks it. Then, for every plan alike, the tiers and services
 * as observed, the sender, the status and the events. A blocked stack differs only in what is written.
 */
export function decide(observation: Observation, surroundings: Surroundings): Decision {
  const { stack } = observation;
  if (stack.deleting) return decideDeletion(observation);
  const plan = planOf(observation, surroundings);
  if (plan.blocker === undefined && !plan.suspended && !stack.finalizers.includes(FINALIZER))
    return { ...NOTHING, finalizer: 'Add' };
  const rollout = rolloutOf(observation, plan);
  const releases = releasesAfter(observation, plan, rollout);
  const writes = writesOf(observation, plan, rollout, releases);
  return { ...report(observation, plan, rollout, { releases, writes }), ...writes };
}

function writesOf(
  observation: Observation,
  plan: Plan,
  { release, tiers, colours }: Rollout,
  releases: ReleaseStatus | undefined,
): Writes {
  const { context, suspended, blocker, rollsOut } = plan;
  if (context === undefined || suspended) return { objects: missingControlSecret(observation), deletions: [] };
  const shared = sharedObjects(context, observation);
  // The Secrets that the operator itself creates do not wait for those that are missing.
  if (!rollsOut || blocker !== undefined) return { objects: shared, deletions: [] };
  // The record comes before what it describes.
  const wanted = [
    ...shared,
    buildReleaseRecord(context, release),
    ...openedObjects(release, tiers),
    ...colourObjects(colours),
  ];
  const { objects, replaced } = withoutReplaced(wanted, observation);
  const records = releases?.history?.map((change) => recordName(context.name, change.release)) ?? [];
  const kept = { release, tiers, records, isUnrestored: colours.some(({ rendered }) => rendered === undefined) };
  return { objects, deletions: [...replaced, ...superfluous(observation.children, wanted, kept)] };
}

interface After {
  readonly releases: ReleaseStatus | undefined;
  readonly writes: Writes;
}

/** Decides the sender, the status, the events and the time of the next reconcile. The same for every plan. */
function report(observation: Observation, plan: Plan, rollout: Rollout, { releases, writes }: After): Decision {
  const { target, tiers, services, colours } = rollout;
  const { stack, nowMs } = observation;
  const { context, suspended, blocker, deleting } = plan;
  const trading = planTrading(observation);
  const terms = swapTermsOf(observation, rollout);
  const requested = [...trading.records, ...trading.foreign.filter(isUnsaved)];
  const sender = decideStackSender(observation, {
    mayActivate: context !== undefined && !suspended,
    requested,
    colours,
    ...terms,
  });
  const mayCommand = context !== undefined && !suspended && isRecent(observation);
  const active = activeOf(observation, rollout, { mayActivate: mayCommand, requested });
  const execution = withSale(sender.execution, { ...saleTermsOf(observation, plan, rollout), ...terms });
  const soak = { previous: stack.status.execution, tiers, failed: releases?.failed, pods: observation.pods, nowMs };
  const withEvidence = withCanary(withSoak(execution, soak), {
    ...canaryTermsOf(observation, plan, rollout),
    ...terms,
  });
  const commands = commandsWithCanary(sender, withEvidence, { pods: observation.pods, mayCommand });
  const status = statusOf({
    generation: stack.generation,
    nowMs,
    previous: stack.status,
    spec: context?.spec,
    suspended,
    release: releases,
    refused: target?.refused,
    tiers,
    services,
    risk: active.risk,
    execution: withEvidence,
    sending: sender.sending,
    spare: sender.spare,
    trading: viewTrading(observation, trading),
    contested: contestedProblem(observation.contested),
    partial: partialProblem(observation.pods, degradedMessage(stack.status)),
    blocker,
    deleting,
    plan: foreseenSteps({
      observation,
      plan,
      rollout,
      releases,
      writes,
      execution: sender.execution,
      held: commands.held,
      active,
      coloursOf: (release) =>
        release === rollout.release && rollout.isOpened
          ? colours
          : coloursFor(observation, plan, { release, opened: true, isProven: false }),
    }),
  });
  return {
    ...NOTHING,
    drain: commands.drain === undefined ? undefined : { ...commands.drain, ...drainTermsOf(context) },
    activate: commands.activate,
    activateRelease: active.activate,
    status,
    events: eventsBetween(stack.status, status),
    requeueAfterMs: isSettled(plan, status) ? RUNNING_MS : ROLLING_MS,
  };
}

/** Which release of risk is to decide. */
function activeOf(
  { stack, pods, nowMs }: Observation,
  { target }: Rollout,
  terms: Pick<ActiveInput, 'mayActivate' | 'requested'>,
): ActiveDecision {
  return chooseActive({ ...terms, previous: stack.status.risk, pods, target: target?.release, nowMs });
}

/** Undefined while the release to roll out is not known. */
function releasesAfter(
  { stack, nowMs }: Observation,
  { release: { hash } }: Plan,
  { target, tiers }: Rollout,
): ReleaseStatus | undefined {
  if (target === undefined) return undefined;
  return releaseStatusOf(stack.status.release, { target, desired: hash, tiers, nowMs });
}

/** While the stack is blocked or suspended, the canary of its sender stays as it is. */
function canaryTermsOf(
  { stack, pods, nowMs }: Observation,
  { context, suspended }: Plan,
  { target, release }: Rollout,
): Omit<CanaryInput, 'to'> {
  const spec = context?.spec;
  const isKnown = spec !== undefined && !suspended && target !== undefined;
  return {
    previous: stack.status.execution?.canary,
    spec: isKnown ? spec.execution.canary : undefined,
    probationSeconds: spec === undefined ? 0 : probationSeconds(spec.execution),
    isOnTrial: isKnown && viewSwap({ stack, spec, release, cause: target.reason, nowMs }) !== undefined,
    pods,
  };
}

/** While the stack is blocked, suspended or deleted there is no swap to sell for. */
function saleTermsOf({ stack, pods, nowMs }: Observation, plan: Plan, { target, tiers }: Rollout): SaleTerms {
  const { context, suspended, blocker } = plan;
  return {
    previous: stack.status.execution?.flat,
    swap: context?.spec.execution.swap,
    release: suspended || blocker !== undefined ? undefined : target?.release.hash,
    isRetry: target !== undefined && target.retried !== stack.status.release?.retried,
    tiers,
    pods,
    nowMs,
  };
}

function isSettled({ rollsOut }: Plan, { phase = 'Pending', release }: TradingStackStatus): boolean {
  return !rollsOut || SETTLED.has(phase) || release?.waiting !== undefined;
}

function drainTermsOf(context: Plan['context']): Omit<DrainRequest, 'epoch'> {
  const { drainDeadlineMs = 0, restingOrders = 'Carry' } = context?.spec.execution.swap ?? {};
  return { deadlineMs: drainDeadlineMs, resting: restingOrders };
}

function degradedMessage({ conditions }: TradingStackStatus): string | undefined {
  return conditions?.find(({ type }) => type === 'Degraded')?.message;
}

function decideDeletion(observation: Observation): Decision {
  const { stack } = observation;
  if (!stack.finalizers.includes(FINALIZER)) return NOTHING;
  const { scaleToZero, deletions, waitingFor } = teardown(observation);
  if (waitingFor === '') return { ...NOTHING, finalizer: 'Remove' };
  const plan = deletionPlan(observation, waitingFor);
  const after = { releases: undefined, writes: { objects: [], deletions } };
  return { ...report(observation, plan, rolloutOf(observation, plan), after), scaleToZero, deletions };
}
