import { statusText } from '../../../api/v1alpha1/status-text.ts';
import type { FailedRelease, ReleaseStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { gateSubject } from './blocker.ts';
import { failedGate, type DeadlineTerms } from './deadline.ts';

export interface FailureInput {
  /** What the last reconcile recorded. */
  readonly previous: ReleaseStatus | undefined;
  /** Tiers of the release that was rolled out until now, as they are now. */
  readonly tiers: readonly TierStatus[];
  readonly autoRollback: boolean;
  readonly deadline: DeadlineTerms;
}

/** The failure on record, or that of the target, if a tier of it has missed its deadline or proves a failure now. */
export function failedRelease({ previous, tiers, autoRollback, deadline }: FailureInput): FailedRelease | undefined {
  const { target: rolled, lastGood, failed } = previous ?? {};
  if (!autoRollback || rolled === undefined || lastGood === undefined || rolled === lastGood) return failed;
  for (const tier of tiers) {
    const gate = failedGate(tier, deadline);
    if (gate === undefined) continue;
    const { reason, message, service } = gate;
    const line = `${gateSubject(tier.name, gate, service)}: ${reason} - ${message}`;
    return { release: rolled, reason, message: statusText(line), at: new Date(deadline.nowMs).toISOString() };
  }
  return failed;
}
