import type { Fill } from '../../shared/domain/fill.ts';
import { balancesOf, postingsOf, type Posting } from '../../shared/domain/ledger.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import { applyFill, type Position } from '../../shared/domain/position.ts';

/** What one fill changes besides its order: all of it is written in the transaction that records the fill. */
export interface FillEffects {
  readonly position: Position;
  readonly postings: readonly Posting[];
  /** Change per asset of what the venue holds for us. */
  readonly balances: ReadonlyMap<string, Decimal>;
}

export function effectsOf(fill: Fill, position: Position): FillEffects {
  const postings = postingsOf(fill);
  return { position: applyFill(position, fill), postings, balances: balancesOf(postings, 'venue') };
}
