import { isMoreRestrictive, type TradingState } from '../../../../../services/shared/domain/trading-state.ts';
import type { FlatStatus } from '../../../../api/v1alpha1/trading-stack/rollout/flat-status.ts';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { SWAP_SOURCE } from './requests.ts';

const AUTHOR = 'operator';

/**
 * Returns what the operator requests because of a swap: Flattening while every position is to be sold before it, and
 * until the new sender is active. It follows the status, so that an operator that takes over goes on, or lifts what is
 * left of a swap that is over. It lifts only its own request: a row of this source that a person wrote is not its own.
 * Undefined if the source has never requested anything.
 */
export function swapRequest(
  known: SourceStatus | undefined,
  flat: FlatStatus | undefined,
  nowMs: number,
): SourceStatus | undefined {
  const wanted = flat === undefined || flat.state === 'Failed' ? 'Active' : 'Flattening';
  if (known !== undefined ? isKept(known, wanted) : wanted === 'Active') return known;
  return {
    source: SWAP_SOURCE,
    state: wanted,
    author: AUTHOR,
    reason: wanted === 'Active' ? 'the swap is over' : 'execution.swap.positionPolicy is Flat',
    revision: (known?.revision ?? 0) + 1,
    since: new Date(nowMs).toISOString(),
  };
}

function isKept({ state, author }: SourceStatus, wanted: TradingState): boolean {
  return state === wanted || (isMoreRestrictive(state, wanted) && author !== AUTHOR);
}
