import type { Fill } from '../../shared/domain/orders/fill.ts';
import { postingsOf, type Posting } from '../../shared/domain/ledger.ts';
import { applyFill, type Position } from '../../shared/domain/position.ts';

/** Changes that one fill causes besides its order. They are written in the transaction that records the fill. */
export interface FillEffects {
  readonly position: Position;
  readonly postings: readonly Posting[];
}

export function effectsOf(fill: Fill, position: Position): FillEffects {
  return { position: applyFill(position, fill), postings: postingsOf(fill) };
}
