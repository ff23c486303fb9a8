import { senderRow, type ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { PlanStep, PlanWait, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { statusText } from '../../../api/v1alpha1/status-text.ts';
import { recordName } from '../../../releases/release-record.ts';
import type { Release, TierRelease } from '../../../releases/render-release.ts';
import { gateSubject } from '../rollout/blocker.ts';
import { everyObject, sharedObjects, superfluous } from '../rollout/desired-objects.ts';
import { deadlineOf, failedGate } from '../rollout/deadline.ts';
import { isPassed } from '../rollout/tiers.ts';
import { colourObjects } from '../sender/plan-colours.ts';
import type { ForeseenInput } from './foreseen-input.ts';
import { listed, missingOrOther, removals, type ObjectChange } from './object-changes.ts';
import { activateStep } from './activate-step.ts';
import { swapStep } from './swap-step.ts';

/** Returns the steps to a release, in order. `tiers` are its tiers as far as they are evaluated. */
export function stepsTo(release: Release, tiers: readonly TierStatus[], input: ForeseenInput): readonly PlanStep[] {
  const { observation, plan } = input;
  const { hash } = release;
  const changes = changesTo(release, input);
  const tierOf = new Map(release.tiers.flatMap((tier) => tier.services.map(({ row }) => [row.name, tier.name])));
  const ofTier = (name: string | undefined) =>
    changes.filter(({ service }) => tierOf.get(service as ServiceName) === name);
  const others = ofTier(undefined);
  const { target } = input.rollout;
  const cause = target?.release.hash === hash ? target.reason : 'Changed';
  const { stack, nowMs } = observation;
  const swap = swapStep(release, tiers, { ...input, stack, context: plan.context, cause, nowMs });
  const steps = inOrder(release, input).flatMap((tier): readonly PlanStep[] => [
    ...tierStep(tier, ofTier(tier.name), { hash, status: tiers.find(({ name }) => name === tier.name), input }),
    ...activateStep(release, tier, input.active),
    ...(tier.name === senderRow().tier && swap !== undefined ? [swap] : []),
  ]);
  return [
    ...objectStep(
      'Prepare',
      others.filter(({ kind }) => kind !== 'remove'),
      hash,
    ),
    ...steps,
    ...objectStep(
      'CleanUp',
      others.filter(({ kind }) => kind === 'remove'),
      hash,
    ),
  ];
}

function inOrder({ hash, tiers }: Release, { plan }: ForeseenInput): readonly TierRelease[] {
  return hash === plan.release.hash ? tiers : tiers.toReversed();
}

/** Compares what the release consists of, once all of it is rolled out, with what there is. */
function changesTo(release: Release, input: ForeseenInput): readonly ObjectChange[] {
  const { observation, plan, releases, writes } = input;
  const { context } = plan;
  const { children } = observation;
  if (context === undefined) return [];
  const colours = input.coloursOf(release);
  const wanted = [...sharedObjects(context, observation), ...everyObject(release), ...colourObjects(colours)];
  const records = [release.hash, ...(releases?.history ?? []).map((change) => change.release)].map((hash) =>
    recordName(context.name, hash),
  );
  const [record = ''] = records;
  const isRecorded = [
    ...children,
    ...writes.objects.map(({ kind, metadata }) => ({ kind, name: metadata?.name })),
  ].some(({ kind, name }) => kind === 'ConfigMap' && name === record);
  const tiers = release.tiers.map(({ name }) => ({ name, state: 'Passed' as const }));
  const isUnrestored = colours.some(({ rendered }) => rendered === undefined);
  const leftOver = superfluous(children, wanted, { release, tiers, records, isUnrestored });
  return [
    ...(isRecorded ? [] : [{ kind: 'create', object: `ConfigMap/${record}`, service: '' } as const]),
    ...missingOrOther(wanted, children, writes),
    ...removals(leftOver, writes),
  ];
}

interface Evaluated {
  readonly hash: string;
  /** Undefined if the tier is not evaluated for this release. */
  readonly status: TierStatus | undefined;
  readonly input: ForeseenInput;
}

function tierStep(tier: TierRelease, changes: readonly ObjectChange[], evaluated: Evaluated): readonly PlanStep[] {
  const { hash, status } = evaluated;
  if (changes.length === 0 && (status === undefined || isPassed(status))) return [];
  return [{ action: 'Tier', tier: tier.name, release: hash, ...listed(changes), waitingFor: waitsOf(evaluated) }];
}

/** A tier that is open waits for its first failing gate, and for a person once its deadline is over. */
function waitsOf({ status, input }: Evaluated): PlanWait[] {
  const gate = status?.gates.find(({ ok }) => !ok);
  if (status?.state !== 'Progressing' || gate === undefined) return [];
  const hasFailed = failedGate(status, deadlineOf(input.plan.context?.spec, input.observation.nowMs)) !== undefined;
  return [
    { what: 'Gate', message: statusText(`${gateSubject(status.name, gate, gate.service)}: ${gate.reason}`) },
    ...(hasFailed
      ? [{ what: 'Stalled', message: `tier ${status.name} has not passed its gates in time` } as const]
      : []),
  ];
}

function objectStep(action: 'Prepare' | 'CleanUp', changes: readonly ObjectChange[], release: string): PlanStep[] {
  return changes.length === 0 ? [] : [{ action, release, ...listed(changes), waitingFor: [] }];
}
