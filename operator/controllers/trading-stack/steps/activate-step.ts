import type { PlanStep } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release, TierRelease } from '../../../releases/render-release.ts';
import { wantedHash, type ActiveDecision } from '../activation/choose-active.ts';

/** Returns the change of the release of risk that a release needs in a tier; none on the first rollout. */
export function activateStep(
  release: Release,
  tier: TierRelease,
  { risk, held }: Omit<ActiveDecision, 'activate'>,
): readonly PlanStep[] {
  const wanted = wantedHash({ ...release, tiers: [tier] });
  if (wanted === undefined || risk.active === wanted || !isHash(risk.active)) return [];
  return [{ action: 'Activate', tier: tier.name, release: release.hash, waitingFor: held === undefined ? [] : [held] }];
}

function isHash(active: string): boolean {
  return active !== 'none' && active !== 'Unknown';
}
