import { add, maximum, multiply, subtract, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { assetsOf, notionalOf } from '../../shared/domain/instrument.ts';
import type { OrderView, PositionView, RiskState } from './risk-state.ts';

/** Base that a strategy holds of an instrument. */
export function heldBy(state: RiskState, strategy: string, symbol: string): Decimal {
  return sum(state.positions.filter((p) => p.strategy === strategy && p.symbol === symbol).map((p) => p.quantity));
}

/** Live and approved orders of a strategy on an instrument. */
export function ordersOf(state: RiskState, strategy: string, symbol: string): readonly OrderView[] {
  return state.orders.filter((order) => order.strategy === strategy && order.symbol === symbol);
}

/** Base that orders may still trade; of an order whose outcome is unknown all that is not filled, the worst case. */
export function openQuantity(orders: readonly OrderView[]): Decimal {
  return sum(orders.map((order) => maximum(ZERO, subtract(order.quantity, order.filled))));
}

/**
 * What an instrument may come to be worth in quote: everything held, at the higher of cost and mark, and every buy that may still fill, at its limit.
 * Sells that may still fill do not count: the worst case is that they do not.
 */
export function worstCaseNotional(state: RiskState, symbol: string): Decimal {
  const held = state.positions.filter((position) => position.symbol === symbol);
  const buys = state.orders.filter((order) => order.symbol === symbol && order.side === 'buy');
  return add(
    sum(held.map((position) => worthOf(position, state.marks.get(symbol)))),
    sum(buys.map((order) => notionalOf(order.price, openQuantity([order])))),
  );
}

/** The same over all instruments of one quote asset: amounts in different assets cannot be added. */
export function worstCaseExposure(state: RiskState, quote: string): Decimal {
  const symbols = new Set([...state.positions, ...state.orders].map(({ symbol }) => symbol));
  const same = [...symbols].filter((symbol) => assetsOf(symbol).quote === quote);
  return sum(same.map((symbol) => worstCaseNotional(state, symbol)));
}

/** Funds of an asset that no order has set aside; undefined when the balance is not known. */
export function availableFunds(state: RiskState, asset: string): Decimal | undefined {
  const balance = state.balances.find((candidate) => candidate.asset === asset);
  if (balance === undefined || balance.reconciledAt === 0) return undefined;
  const reserved = state.orders.filter((order) => order.reservedAsset === asset).map(remainingReserve);
  return subtract(balance.ledger, sum(reserved));
}

/** The reservation shrinks with the fills, whose money has left the ledger already. Rounded up. */
function remainingReserve({ reserved, quantity, filled }: OrderView): Decimal {
  if (filled >= quantity) return ZERO;
  return ((reserved * (quantity - filled) + quantity - 1n) / quantity) as Decimal;
}

function worthOf(position: PositionView, mark: Decimal | undefined): Decimal {
  return mark === undefined ? position.cost : maximum(position.cost, multiply(position.quantity, mark, 'ceil'));
}

function sum(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce(add, ZERO);
}
