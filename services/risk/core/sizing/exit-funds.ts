import {
  formatDecimal,
  maximum,
  minimum,
  roundToStep,
  subtract,
  ZERO,
  type Decimal,
} from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { isStoppableBuy } from '../exits/stoppable-buy.ts';
import { isGivenUp } from '../exits/given-up.ts';
import { availableFunds, certainlyHeld, remainingReserve, type Pair } from '../holdings.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

/** A reading of the venue counts for this long: three intervals of the reconcile. */
const READING_MS = 15_000;

/**
 * Returns how much of the base asset an exit of a position may sell, at most: what the ledger has less what orders
 * reserve, and no more than the venue has free. Undefined while that is unknown. A buy of another pair that should have
 * been cancelled long ago reserves nothing any more: then the venue has the last word.
 *
 * A venue may show its balances late, so its figure counts only if something is known to be wrong: the asset drifts, as
 * after a withdrawal, or the venue rejected the last exit of the position for lack of funds, as when an order that is
 * not ours locks them. And only if it is newer than that, and at most 15 s old.
 */
export function exitFunds(state: RiskState, pair: Pair): Decimal | undefined {
  const { base } = assetsOf(pair.symbol);
  const orders = state.orders.filter((order) => !isStoppableBuy(order) || !isGivenUp(state, order));
  const ledger = availableFunds({ ...state, orders }, base);
  const venue = venueFunds(state, pair);
  return ledger === undefined || venue === undefined ? ledger : minimum(ledger, venue);
}

/** Names the part of a position that is not there, and who says so. Undefined while no lot is known to be missing. */
export function missingFunds(state: RiskState, pair: Pair): Problem | undefined {
  const available = exitFunds(state, pair);
  const certain = certainlyHeld(state, pair);
  if (available === undefined) return undefined;
  const lotSize = state.market.instrument?.lotSize ?? (1n as Decimal);
  const there = maximum(ZERO, available);
  if (roundToStep(there, lotSize, 'floor') >= roundToStep(maximum(ZERO, certain), lotSize, 'floor')) return undefined;
  const { base } = assetsOf(pair.symbol);
  const amount = formatDecimal(available);
  const says =
    available === venueFunds(state, pair)
      ? `the venue has ${amount} free`
      : `the ledger has ${amount} that no order reserves`;
  const missing = formatDecimal(subtract(certain, there));
  return {
    reason: 'InsufficientFunds',
    message: `${missing} of ${formatDecimal(certain)} ${base} are not there: ${says}`,
  };
}

/**
 * Returns the resting buys of other pairs that reserve the base asset of a position while a part of it is missing. When
 * they have ended, it is there.
 */
export function reservingBuys(state: RiskState, pair: Pair): readonly OrderView[] {
  if (missingFunds(state, pair) === undefined) return [];
  const { base } = assetsOf(pair.symbol);
  return state.orders.filter(
    (order) => isStoppableBuy(order) && order.reservedAsset === base && !isGivenUp(state, order),
  );
}

/** Live orders have locked what they need. Approvals have not. */
function venueFunds({ nowMs, positions, orders, balances }: RiskState, pair: Pair): Decimal | undefined {
  const { base } = assetsOf(pair.symbol);
  const balance = balances.find(({ asset }) => asset === base);
  const reading = balance?.venueFree;
  if (balance === undefined || reading === undefined || Math.abs(nowMs - reading.atMs) > READING_MS) return undefined;
  const position = positions.find(({ strategy, symbol }) => strategy === pair.strategy && symbol === pair.symbol);
  const wasRefused = position?.exitRefusedAtMs !== undefined && position.exitRefusedAtMs < reading.atMs;
  if (balance.drifting !== true && !wasRefused) return undefined;
  const approvals = orders.filter(({ state, reservedAsset }) => state === 'Approved' && reservedAsset === base);
  return approvals.map(remainingReserve).reduce(subtract, reading.amount);
}
