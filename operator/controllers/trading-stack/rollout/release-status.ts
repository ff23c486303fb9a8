import {
  RELEASES_MAX,
  type ReleaseChange,
  type ReleaseStatus,
  type TierStatus,
  type WaitingRelease,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import { recordHash } from '../../../releases/release-record.ts';
import { isPassed } from './tiers.ts';
import type { Target } from './choose-target.ts';

/** Returns the status of the releases after a target was chosen and its tiers were evaluated. */
export function releaseStatusOf(
  previous: ReleaseStatus | undefined,
  {
    target,
    desired,
    tiers,
    nowMs,
  }: {
    readonly target: Target;
    readonly desired: string;
    readonly tiers: readonly TierStatus[];
    readonly nowMs: number;
  },
): ReleaseStatus {
  const { release, failed, retried } = target;
  const current = tiers.every(isPassed) ? release.hash : previous?.current;
  const lastGood = tiers.every(({ state }) => state === 'Passed') ? release.hash : previous?.lastGood;
  return {
    desired,
    target: release.hash,
    ...(current === undefined ? {} : { current }),
    ...(lastGood === undefined ? {} : { lastGood }),
    ...(failed === undefined ? {} : { failed }),
    ...(retried === undefined ? {} : { retried }),
    ...(target.waiting === undefined ? {} : { waiting: waitingStatus(previous, target.waiting, nowMs) }),
    history: historyAfter(previous, target, nowMs),
  };
}

function waitingStatus(
  previous: ReleaseStatus | undefined,
  { release, opensMs }: NonNullable<Target['waiting']>,
  nowMs: number,
): WaitingRelease {
  const before = previous?.waiting?.release === release ? previous.waiting.since : undefined;
  const opensAt = Number.isFinite(opensMs) ? { opensAt: new Date(opensMs).toISOString() } : {};
  return { release, since: before ?? new Date(nowMs).toISOString(), ...opensAt };
}

/** A release whose objects changed without its hash, such as by its replicas, has a new record. */
function historyAfter(
  previous: ReleaseStatus | undefined,
  { release, reason }: Target,
  nowMs: number,
): ReleaseChange[] {
  const { history = [], lastGood } = previous ?? {};
  const [newest, ...older] = history;
  const record = recordHash(release);
  if (newest?.release === release.hash) return [{ ...newest, record }, ...older];
  const { hash, version } = release;
  const all = [{ release: hash, version, since: new Date(nowMs).toISOString(), reason, record }, ...history];
  if (all.length <= RELEASES_MAX) return all;
  // The newest change to the last good release has what a rollback needs.
  const isNeeded = all.findIndex((change) => change.release === lastGood) === all.length - 1;
  return all.toSpliced(isNeeded ? -2 : -1, 1);
}
