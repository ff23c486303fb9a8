import type { GATE_REASONS } from '../../../../../services/shared/contracts/reasons/gates.ts';
import type { Problem } from '../../../../../services/shared/domain/problem.ts';
import type { FlatStatus } from '../../../../api/v1alpha1/trading-stack/rollout/flat-status.ts';
import type { GateStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { SWAP_ALLOWED } from '../gates.ts';

type GateReason = keyof typeof GATE_REASONS;

const OPEN = 'PositionsOpen' satisfies GateReason;
const NOT_CLOSED = 'PositionsNotClosed' satisfies GateReason;

/** Returns why a swap with positionPolicy Flat may not start; undefined once every position is sold for it. */
export function whyNotFlat(flat: FlatStatus | undefined, release: string): Problem | undefined {
  const own = flat?.release === release ? flat : undefined;
  if (own === undefined)
    return { reason: OPEN, message: 'the sale of every position, which begins once all other gates pass' };
  switch (own.state) {
    case 'Closed':
      return undefined;
    case 'Failed':
      return { reason: NOT_CLOSED, message: own.message };
    default:
      return { reason: OPEN, message: `the sale of every position: ${own.message}` };
  }
}

/** Whether a swap waits only until positions are sold. */
export function waitsForSale({ name, ok, reason }: GateStatus): boolean {
  return name === SWAP_ALLOWED && !ok && reason === OPEN;
}

/** Whether a swap was given up because positions were not sold in time. */
export function isSaleOverdue({ name, ok, reason }: GateStatus): boolean {
  return name === SWAP_ALLOWED && !ok && reason === NOT_CLOSED;
}
