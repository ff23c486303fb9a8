import { maximum, minimum, roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Side } from '../../../shared/domain/side.ts';
import { collarAround } from '../checks/collar.ts';
import type { RiskState } from '../risk-state.ts';

/** How far beyond the best price the limit of an immediate-or-cancel order may be, in ticks. */
export const AGGRESSIVE_TICKS = 5n;

/**
 * Returns the best opposite price plus `AGGRESSIVE_TICKS` for a buy, minus for a sale, but not outside the collar. A
 * buy is rounded down to the tick, a sale up: away from the market.
 */
export function aggressivePrice(side: Side, best: Decimal, state: RiskState, { tickSize }: Instrument): Decimal {
  const collar = collarAround(state, side);
  const offset = (AGGRESSIVE_TICKS * tickSize) as Decimal;
  if (side === 'buy') {
    const price = roundToStep((best + offset) as Decimal, tickSize, 'floor');
    return collar === undefined || collar.highest < best
      ? price
      : minimum(price, roundToStep(collar.highest, tickSize, 'floor'));
  }
  const price = roundToStep(maximum(tickSize, (best - offset) as Decimal), tickSize, 'ceil');
  return collar === undefined || collar.lowest > best
    ? price
    : maximum(price, roundToStep(collar.lowest, tickSize, 'ceil'));
}

/** Returns the price at the end of the collar. Where the best price is outside: `near`, which its check refuses. */
export function farthestPrice(
  side: Side,
  { best, near }: { readonly best: Decimal; readonly near: Decimal },
  state: RiskState,
  { tickSize }: Instrument,
): Decimal {
  const collar = collarAround(state, side);
  if (collar === undefined) return near;
  if (side === 'buy') return collar.highest < best ? near : roundToStep(collar.highest, tickSize, 'floor');
  return collar.lowest > best ? near : maximum(tickSize, roundToStep(collar.lowest, tickSize, 'ceil'));
}
