import type { FailedRelease, ReleaseChange } from '../../../api/v1alpha1/trading-stack/status.ts';
import { withReplicasOf } from '../../../releases/with-replicas.ts';
import type { Release } from '../../../releases/render-release.ts';
import { failedRelease, type FailureInput } from './failed-release.ts';
import { isReturn, releaseNamed, whyNotRestored } from './requested-release.ts';

export interface TargetInput extends FailureInput {
  /** The release that the spec describes. */
  readonly desired: Release;
  /** Value of the annotation that asks for an earlier release, and of the one that asks for a retry. */
  readonly rollbackTo: string | undefined;
  readonly retry: string | undefined;
  /** Whether the sender is handing over to another colour: that ends before another release is chosen. */
  readonly isSwapping: boolean;
  /** Whether the new sender is on probation: an edit waits for its end, and a person may go back at once. */
  readonly isOnProbation: boolean;
  /** When the maintenance window opens, in UTC milliseconds. Undefined while it is open, or if there is none. */
  readonly opensMs: number | undefined;
  /** Returns the desired release or one of the history; undefined if it cannot be restored. */
  readonly releaseOf: (hash: string) => Release | undefined;
}

export interface Target {
  /** The release to roll out, or to keep. */
  readonly release: Release;
  readonly reason: ReleaseChange['reason'];
  /** Whether its tiers are rolled out from the last to the first. */
  readonly backwards: boolean;
  readonly failed: FailedRelease | undefined;
  readonly retried: string | undefined;
  /** Why a rollback that a person asks for is not done. */
  readonly refused: string | undefined;
  /** What would be rolled out if the window were open, and when it opens in UTC milliseconds. */
  readonly waiting: { readonly release: string; readonly opensMs: number } | undefined;
}

/**
 * Chooses the release to roll out: the desired one, unless a person asks for an earlier one, or it has failed and there
 * is one that worked. It fails when a tier misses its deadline, or its sender fails after the swap. What has failed is
 * not tried again until the spec describes another release, or a person asks for a retry. Outside the maintenance
 * window no other release is begun, but for one to return to.
 */
export function chooseTarget(input: TargetInput): Target {
  if (input.isSwapping) return swappingTarget(input);
  const { previous: { retried, target: rolled } = {}, retry } = input;
  const isRetry = isNewRetry(input);
  const failed = isRetry ? undefined : failedRelease(input);
  if (mustPassFirst(input) && failed?.release !== rolled) return keptTarget(input);
  const chosen = { failed, retried: retry ?? retried, refused: undefined, waiting: undefined };
  const next = requestedTarget(input, chosen) ?? ownTarget(input, chosen, isRetry ? 'Retried' : 'Changed');
  return insideWindow(input, next);
}

function isNewRetry({ previous, retry }: TargetInput): boolean {
  return retry !== undefined && retry !== previous?.retried;
}

function mustPassFirst({ isOnProbation, rollbackTo = '' }: TargetInput): boolean {
  return isOnProbation && rollbackTo === '';
}

/** The target, or what was rolled out until now if it begins a rollout that waits for the window. */
function insideWindow(input: TargetInput, next: Target): Target {
  const { previous, opensMs } = input;
  const waits = opensMs !== undefined && isStart(next, previous?.target);
  return waits ? waitingTarget(input, next, opensMs) : next;
}

/**
 * A swap ends before anything else is rolled out, a retry too: with its new sender, or with that of the last good
 * release once the new one fails or a person asks for that release. The colour of the old sender is kept for it.
 */
function swappingTarget(input: TargetInput): Target {
  const { previous, releaseOf } = input;
  const failed = failedRelease(input);
  const chosen = { failed, retried: previous?.retried, refused: undefined, waiting: undefined };
  const hasFailed = failed !== undefined && failed.release === previous?.target;
  if (!hasFailed) return (asksForLastGood(input) ? requestedTarget(input, chosen) : undefined) ?? keptTarget(input);
  const good = releaseOf(previous?.lastGood ?? '');
  // Without it nothing else takes its place: it has passed no gate.
  return good === undefined ? { ...keptTarget(input), failed } : target(good, 'RolledBack', input, chosen);
}

function asksForLastGood({ previous, rollbackTo = '' }: TargetInput): boolean {
  const { lastGood, history = [] } = previous ?? {};
  return rollbackTo !== '' && lastGood !== undefined && releaseNamed(rollbackTo, history) === lastGood;
}

/** Whether a target begins a rollout that may wait. */
function isStart({ release, reason }: Target, rolled: string | undefined): boolean {
  return release.hash !== rolled && (reason === 'Changed' || reason === 'Retried' || reason === 'Installed');
}

/** A retry is not counted as obeyed before it is. A change of replicas is no rollout, and does not wait for one. */
function waitingTarget(input: TargetInput, { release }: Target, opensMs: number): Target {
  const kept = keptTarget(input);
  return { ...kept, release: withReplicasOf(kept.release, release), waiting: { release: release.hash, opensMs } };
}

type Chosen = Pick<Target, 'failed' | 'retried' | 'refused' | 'waiting'>;

/** The release that a person asks for, if any. */
function requestedTarget(input: TargetInput, chosen: Chosen): Target | undefined {
  const { previous: { history = [] } = {}, rollbackTo = '' } = input;
  if (rollbackTo === '') return undefined;
  const wanted = releaseNamed(rollbackTo, history);
  const release = wanted === undefined ? undefined : input.releaseOf(wanted);
  if (release === undefined) return { ...keptTarget(input), refused: whyNotRestored(rollbackTo, history) };
  if (chosen.failed?.release === release.hash) return lastGoodTarget(input, chosen);
  return target(release, 'RollbackRequested', input, chosen);
}

/** The failure of another release than the desired one is over. */
function ownTarget(input: TargetInput, chosen: Chosen, reason: ReleaseChange['reason']): Target {
  const { desired } = input;
  if (chosen.failed?.release === desired.hash) return lastGoodTarget(input, chosen);
  return target(desired, reason, input, { ...chosen, failed: undefined });
}

function lastGoodTarget(input: TargetInput, chosen: Chosen): Target {
  const { desired, previous } = input;
  const good = input.releaseOf(previous?.lastGood ?? '');
  return good === undefined ? target(desired, 'Changed', input, chosen) : target(good, 'RolledBack', input, chosen);
}

type Kept = Pick<TargetInput, 'desired' | 'previous' | 'releaseOf'>;

/** Returns the release that was rolled out until now; the desired one if there is none. */
function keptRelease({ desired, previous, releaseOf }: Kept): Release {
  return releaseOf(previous?.target ?? '') ?? desired;
}

/** What a suspended stack keeps. */
export function keptTarget(input: Kept): Target {
  const { failed, retried } = input.previous ?? {};
  const chosen = { failed, retried, refused: undefined, waiting: undefined };
  const kept = target(keptRelease(input), 'Changed', input, chosen);
  // A newer spec does not turn its rollout around.
  return { ...kept, backwards: isReturn(kept.release.hash, input.previous, 'Changed') };
}

function target(
  release: Release,
  reason: ReleaseChange['reason'],
  { desired, previous }: Kept,
  chosen: Chosen,
): Target {
  const isFirst = previous?.target === undefined && previous?.current === undefined;
  const backwards = release.hash !== desired.hash;
  return { release, reason: isFirst && !backwards ? 'Installed' : reason, backwards, ...chosen };
}
