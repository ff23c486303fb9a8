import { statusText } from '../../../api/v1alpha1/status-text.ts';
import type { FailedRelease, ReleaseStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { gateSubject } from './blocker.ts';

export interface FailureInput {
  /** What the last reconcile recorded. */
  readonly previous: ReleaseStatus | undefined;
  /** Tiers of the release that was rolled out until now, as they are now. */
  readonly tiers: readonly TierStatus[];
  /** UTC milliseconds before which nothing was rolled out, because the stack was suspended. */
  readonly resumedMs: number;
  readonly rollout: { readonly tierDeadlineSeconds: number; readonly autoRollback: boolean };
  readonly nowMs: number;
}

/** The failure on record, or that of the target, if a tier of it has missed its deadline now. */
export function failedRelease({ previous, tiers, resumedMs, rollout, nowMs }: FailureInput): FailedRelease | undefined {
  const { target: rolled, lastGood, failed } = previous ?? {};
  if (!rollout.autoRollback || rolled === undefined || lastGood === undefined || rolled === lastGood) return failed;
  const late = tiers.find(
    ({ state, since }) =>
      state === 'Progressing' && nowMs - Math.max(Date.parse(since), resumedMs) > rollout.tierDeadlineSeconds * 1_000,
  );
  const gate = late?.gates.find(({ ok }) => !ok);
  if (late === undefined || gate === undefined) return failed;
  const { reason, message, service } = gate;
  const at = new Date(nowMs).toISOString();
  return {
    release: rolled,
    reason,
    message: statusText(`${gateSubject(late.name, gate, service)}: ${reason} - ${message}`),
    at,
  };
}
