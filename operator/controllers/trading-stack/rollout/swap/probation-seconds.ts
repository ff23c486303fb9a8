import type { SenderSpec } from '../../../../api/v1alpha1/trading-stack/rollout/swap.ts';

/** Returns how long a new sender must show no problem after a swap: also for as long as its canary lasts. */
export function probationSeconds({ swap, canary }: SenderSpec): number {
  const { postSwitchSoakSeconds } = swap;
  return canary.enabled ? Math.max(postSwitchSoakSeconds, canary.durationSeconds) : postSwitchSoakSeconds;
}
