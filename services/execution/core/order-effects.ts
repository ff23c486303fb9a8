import type { TradeTerms } from '../../shared/domain/orders/fill.ts';
import { postingsOf, type Posting } from '../../shared/domain/ledger.ts';
import { applyFill, type Position } from '../../shared/domain/position.ts';

/** Changes that one trade causes besides its order. They are written in the transaction that records the trade. */
export interface FillEffects {
  readonly position: Position;
  readonly postings: readonly Posting[];
}

export function effectsOf(trade: TradeTerms, position: Position): FillEffects {
  return { position: applyFill(position, trade), postings: postingsOf(trade) };
}
