import { divide, maximum, minimum, roundToStep, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { OrderType } from '../../../shared/domain/orders/order.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Side } from '../../../shared/domain/side.ts';
import { collarAround } from '../checks/collar.ts';
import { heldBy, openQuantity, ordersOf } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';

/** The order that would meet a stance, before any check. */
export interface Draft {
  readonly side: Side;
  readonly type: OrderType;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

export type NoActionReason = 'StanceMet' | 'StaleEntry' | 'OrderLive' | 'Dust' | 'NotFlattening';
export type Sizing =
  | { readonly kind: 'Draft'; readonly draft: Draft }
  | { readonly kind: 'NoAction'; readonly reason: NoActionReason }
  /** Data for sizing the order is missing; the precondition checks report which. */
  | { readonly kind: 'Unpriced' };

/** How far beyond the best price the limit of an immediate-or-cancel order may be, in ticks. */
export const AGGRESSIVE_TICKS = 5n;

/**
 * Turns a stance into the order that would meet it. Long: buys for `orderNotional`, only while the stance is fresh and
 * the strategy has no position. Flat: sells the whole position of the strategy, in pieces within the limits of one
 * order; a rest below the venue's minimum is dust and stays. While an order of the strategy is live, no order is added,
 * except that an order of unknown outcome does not prevent the sale of quantity that is certainly held.
 */
export function sizeOrder(state: RiskState, signal: Signal): Sizing {
  return signal.stance === 'Long' ? sizeEntry(state, signal) : sizeExit(state, signal);
}

function sizeEntry(state: RiskState, signal: Signal): Sizing {
  const { policy, market, nowMs } = state;
  if (!isDust(heldBy(state, signal.strategy, signal.symbol), market)) return { kind: 'NoAction', reason: 'StanceMet' };
  if (nowMs - signal.changedAt > policy.entryValidMs) return { kind: 'NoAction', reason: 'StaleEntry' };
  if (ordersOf(state, signal.strategy, signal.symbol).some((order) => order.state !== 'Unknown'))
    return { kind: 'NoAction', reason: 'OrderLive' };
  const draft = entryDraft(state, signal);
  return draft === undefined ? { kind: 'Unpriced' } : { kind: 'Draft', draft };
}

function entryDraft(state: RiskState, signal: Signal): Draft | undefined {
  const sizing = state.policy.sizing.find((entry) => entry.strategy === signal.strategy);
  const { instrument, book } = state.market;
  if (sizing === undefined || instrument === undefined || book?.ask === undefined || book.bid === undefined)
    return undefined;
  const takes = sizing.entry === 'Take';
  const price = takes
    ? aggressivePrice('buy', book.ask, state, instrument)
    : roundToStep(book.bid, instrument.tickSize, 'floor');
  if (price <= ZERO) return undefined;
  const quantity = roundToStep(divide(sizing.orderNotional, price, 'floor'), instrument.lotSize, 'floor');
  return { side: 'buy', type: takes ? 'IMMEDIATE_OR_CANCEL' : 'LIMIT', price, quantity };
}

function sizeExit(state: RiskState, signal: Signal): Sizing {
  const held = heldBy(state, signal.strategy, signal.symbol);
  if (held <= ZERO) return { kind: 'NoAction', reason: 'StanceMet' };
  const orders = ordersOf(state, signal.strategy, signal.symbol);
  if (orders.some((order) => order.state !== 'Unknown')) return { kind: 'NoAction', reason: 'OrderLive' };
  const { instrument, book } = state.market;
  if (instrument === undefined || book?.bid === undefined || book.ask === undefined) return { kind: 'Unpriced' };
  const sellable = subtract(held, openQuantity(orders.filter((order) => order.side === 'sell')));
  const price = aggressivePrice('sell', book.bid, state, instrument);
  if (price <= ZERO) return { kind: 'Unpriced' };
  const whole = roundToStep(maximum(ZERO, sellable), instrument.lotSize, 'floor');
  if (isDust(whole, state.market, price)) return { kind: 'NoAction', reason: sellable < held ? 'OrderLive' : 'Dust' };
  // A piece below the minimum is refused by a check: the limit of one order is wrong, and the position is not dust.
  const largest = divide(minimum(state.policy.limits.maxOrderNotional, instrument.maxNotional), price, 'floor');
  const quantity = roundToStep(minimum(whole, largest), instrument.lotSize, 'floor');
  return { kind: 'Draft', draft: { side: 'sell', type: 'IMMEDIATE_OR_CANCEL', price, quantity } };
}

/**
 * Returns the best opposite price plus `AGGRESSIVE_TICKS` for a buy, minus for a sale, but not outside the collar. A
 * buy is rounded down to the tick, a sale up: away from the market.
 */
function aggressivePrice(side: Side, best: Decimal, state: RiskState, { tickSize }: Instrument): Decimal {
  const collar = collarAround(state);
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

/** Whether a quantity is below one lot or below the venue's minimum. False while the instrument is unknown. */
export function isDust(quantity: Decimal, { instrument, book }: MarketSnapshot, price = book?.bid): boolean {
  if (quantity <= ZERO) return true;
  if (instrument === undefined) return false;
  if (quantity < instrument.lotSize || quantity < instrument.minQuantity) return true;
  return price !== undefined && quantity * price < instrument.minNotional * ONE_UNIT;
}

/** The product of two decimals has units of 10^-36. */
const ONE_UNIT = 10n ** 18n;
