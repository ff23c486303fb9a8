import type { ReleaseChange } from '../../../api/v1alpha1/trading-stack/status.ts';

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
