import { CATALOGUE, type CatalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import type { TierName } from '../../../services/shared/contracts/service-row.ts';

/**
 * For how long a process of the release before stays after the new one is ready, which it is once it is activated. If
 * the new process ends at once, the old one works the exits, and is activated again by a rollback.
 */
const STANDBY_SECONDS = 5;

/** Seconds for which the pod that a new one replaces stays beside it. 0: it ends once the new one is ready. */
export function standbySecondsOf({ oneReleaseDecides }: Pick<CatalogueRow, 'oneReleaseDecides'>): number {
  return oneReleaseDecides === true ? STANDBY_SECONDS : 0;
}

/** The same for the services of a tier, which are available only after it. */
export function standbySecondsIn(tier: TierName): number {
  return Math.max(...CATALOGUE.filter((row) => row.tier === tier).map(standbySecondsOf), 0);
}
