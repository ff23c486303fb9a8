import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../../../../test/fixtures/stack-observation.ts';
import { RELEASES_MAX, type ReleaseStatus, type TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Target } from './choose-target.ts';
import { releaseStatusOf } from './release-status.ts';

const PLAIN = { backwards: false, failed: undefined, retried: undefined, refused: undefined, waiting: undefined };

function after(
  previous: ReleaseStatus | undefined,
  hash: string,
  reason: Target['reason'],
  state: TierStatus['state'],
): ReleaseStatus {
  const target = { ...PLAIN, release: { hash, version: hash, tiers: [] }, reason };
  const tiers: TierStatus[] = [{ name: 'data', state, release: hash, since: '', gates: [] }];
  return releaseStatusOf(previous, { target, desired: hash, tiers, nowMs: NOW_MS });
}

describe('a history that is full', () => {
  it('has the newest change first, however often the last good release is returned to', () => {
    let status = after(undefined, 'good', 'Installed', 'Passed');
    for (let count = 1; count <= 14; count += 1) {
      status = after(status, `bad-${count}`, 'Changed', 'Progressing');
      expect(status.history?.[0]?.release).toBe(`bad-${count}`);
      status = after(status, 'good', 'RolledBack', 'Passed');
      expect(status.history?.[0]?.release).toBe('good');
      expect(status.history?.length).toBeLessThanOrEqual(RELEASES_MAX);
    }
  });

  it('keeps the last good release, however many have failed since', () => {
    let status = after(undefined, 'good', 'Installed', 'Passed');
    for (let count = 1; count <= 14; count += 1) {
      status = after(status, `bad-${count}`, 'Changed', 'Progressing');
      expect(status.history?.map(({ release }) => release)).toContain('good');
    }
    expect(status.history).toHaveLength(RELEASES_MAX);
    expect(status.history?.at(-1)?.release).toBe('good');
  });
});
