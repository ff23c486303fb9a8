import type { ReleaseChange, ReleaseStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { restoreRelease } from '../../../releases/release-record.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { Observation } from '../observe/observation.ts';

/** Returns the only release of the history whose hash begins with a text. */
export function releaseNamed(text: string, history: readonly ReleaseChange[]): string | undefined {
  const found = new Set(history.map(({ release }) => release).filter((hash) => hash.startsWith(text)));
  return found.size === 1 ? [...found][0] : undefined;
}

/** Says why a release cannot be restored. */
export function whyNotRestored(text: string, history: readonly ReleaseChange[]): string {
  const known = [...new Set(history.map(({ release }) => release))];
  return known.some((hash) => hash.startsWith(text))
    ? `the record of release ${text} cannot be restored, or the text fits several`
    : `no release ${text} on record; on record are ${known.length === 0 ? 'none' : known.join(', ')}`;
}

/** Returns a release by its hash: the desired one, or one of the history from its record. */
export function releasesOf(
  { stack, records }: Pick<Observation, 'stack' | 'records'>,
  desired: Release,
): (hash: string) => Release | undefined {
  return (hash) => {
    if (hash === desired.hash) return desired;
    const record = stack.status.release?.history?.find((change) => change.release === hash)?.record;
    const kept = records.get(hash);
    return record === undefined || kept === undefined ? undefined : restoreRelease(kept, record);
  };
}

const RETURNS: ReadonlySet<ReleaseChange['reason']> = new Set(['RolledBack', 'RollbackRequested']);

/** Whether the stack returns to a release that ran before. `reason` counts while its rollout is not on record. */
export function isReturn(
  hash: string,
  previous: Pick<ReleaseStatus, 'history'> | undefined,
  reason: ReleaseChange['reason'],
): boolean {
  const [newest] = previous?.history ?? [];
  return RETURNS.has(newest?.release === hash ? newest.reason : reason);
}
