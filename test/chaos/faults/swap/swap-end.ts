import type { TradingStackStatus } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';

/** Where a swap is: it goes on, it has come to its end, or the release has failed and the sender before sends. */
export type SwapEnd = 'GoesOn' | 'Ended' | 'Undone';

/** Judges by the status, and whether it describes the present spec. */
export function swapEnd(status: TradingStackStatus, current: boolean): SwapEnd {
  const { phase, release } = status;
  if (!current || release === undefined) return 'GoesOn';
  if (phase === 'Stalled' && release.failed?.release === release.desired) return 'Undone';
  return phase === 'Running' && release.current === release.desired && isSending(status) ? 'Ended' : 'GoesOn';
}

function isSending({ execution }: TradingStackStatus): boolean {
  return execution?.active === 'blue' || execution?.active === 'green';
}
