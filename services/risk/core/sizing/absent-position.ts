import { roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { availableFunds, certainlyHeld, type Pair } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import { isDust } from './smallest-order.ts';

type Holdings = Pick<RiskState, 'nowMs' | 'market' | 'balances' | 'orders' | 'positions'>;

/**
 * Whether nothing of a position can be sold because it is not in the account: the ledger has less of it than the venue
 * takes, at a price or, without one, at any. Fees in its coin leave a position so. False while an order reserves the
 * asset, while ledger and venue differ, and while the balance is unknown: then it may be there.
 */
export function isAbsent(state: Holdings, pair: Pair, price?: Decimal): boolean {
  const { base } = assetsOf(pair.symbol);
  const available = availableFunds(state, base);
  if (available === undefined || state.balances.find(({ asset }) => asset === base)?.drifting === true) return false;
  if (state.orders.some(({ reservedAsset }) => reservedAsset === base)) return false;
  const { instrument } = state.market;
  const there = instrument === undefined ? available : roundToStep(available, instrument.lotSize, 'floor');
  return available < certainlyHeld(state, pair) && isDust(there, { ...state.market, book: undefined }, price);
}
