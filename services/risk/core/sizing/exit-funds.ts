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
import { availableFunds, heldBy, openQuantity, ordersOf, remainingReserve, type Pair } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';

/** A reading of the venue counts for this long: three intervals of the reconcile. */
const READING_MS = 15_000;

/**
 * Returns how much of the base asset an exit of a position may sell, at most: what the ledger has less what orders
 * reserve, and no more than the venue has free. Undefined while that is unknown.
 *
 * A venue may show its balances late, so its figure counts only if something is known to be wrong: the asset drifts, as
 * after a withdrawal, or the venue rejected the last exit of the position for lack of funds, as when an order that is
 * not ours locks them. And only if it is newer than that, and at most 15 s old.
 */
export function exitFunds(state: RiskState, pair: Pair): Decimal | undefined {
  const { base } = assetsOf(pair.symbol);
  const ledger = availableFunds(state, base);
  const venue = venueFunds(state, pair);
  return ledger === undefined || venue === undefined ? ledger : minimum(ledger, venue);
}

/** Returns what a strategy holds whatever the outcome of its orders is. */
export function certainlyHeld(state: RiskState, { strategy, symbol }: Pair): Decimal {
  const sales = ordersOf(state, strategy, symbol).filter(({ side }) => side === 'sell');
  return subtract(heldBy(state, strategy, symbol), openQuantity(sales));
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
