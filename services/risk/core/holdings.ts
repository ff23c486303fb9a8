import { add, maximum, multiply, subtract, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { assetsOf, notionalOf } from '../../shared/domain/instrument.ts';
import { notionalIn, quoteRate } from './currency/conversion.ts';
import type { MissingRate } from './currency/rate.ts';
import type { OrderView, PositionView, RiskState } from './risk-state.ts';

/** A position: what a strategy holds of an instrument. */
export interface Pair {
  readonly strategy: string;
  readonly symbol: string;
}

/** Identifies a position in a map. */
export function keyOf({ strategy, symbol }: Pair): string {
  return `${strategy}:${symbol}`;
}

/** Returns the positions of which something is held. */
export function heldPairs(state: Pick<RiskState, 'positions'>): readonly Pair[] {
  const pairs = new Map(
    state.positions.map(({ strategy, symbol }) => [keyOf({ strategy, symbol }), { strategy, symbol }]),
  );
  return [...pairs.values()].filter(({ strategy, symbol }) => heldBy(state, strategy, symbol) > ZERO);
}

/** Returns the quantity of an instrument, in base, that a strategy holds. */
export function heldBy(state: Pick<RiskState, 'positions'>, strategy: string, symbol: string): Decimal {
  return sum(state.positions.filter((p) => p.strategy === strategy && p.symbol === symbol).map((p) => p.quantity));
}

/** Returns what a strategy holds whatever the outcome of its orders is. */
export function certainlyHeld(state: Pick<RiskState, 'positions' | 'orders'>, { strategy, symbol }: Pair): Decimal {
  const sales = ordersOf(state, strategy, symbol).filter(({ side }) => side === 'sell');
  return subtract(heldBy(state, strategy, symbol), openQuantity(sales));
}

/** Returns what the position of a strategy cost, in quote. */
export function costOf(state: Pick<RiskState, 'positions'>, { strategy, symbol }: Pair): Decimal {
  return sum(state.positions.filter((p) => p.strategy === strategy && p.symbol === symbol).map((p) => p.cost));
}

/** Returns the live and approved orders of a strategy on an instrument. */
export function ordersOf(state: Pick<RiskState, 'orders'>, strategy: string, symbol: string): readonly OrderView[] {
  return state.orders.filter((order) => order.strategy === strategy && order.symbol === symbol);
}

/**
 * Returns the quantity, in base, that orders may still add to the recorded fills. An order of unknown outcome counts
 * with all that is not filled, the worst case; one whose end the venue has reported, with what it executed.
 */
export function openQuantity(orders: readonly OrderView[]): Decimal {
  return sum(orders.map(leftOf));
}

function leftOf({ quantity, filled, finalExecuted = quantity }: OrderView): Decimal {
  return maximum(ZERO, subtract(finalExecuted, filled));
}

/**
 * Returns the largest notional, in quote, that a position may reach: everything held, at the higher of cost and mark,
 * plus every buy that may still fill, at its limit price. Open sells do not count: in the worst case they do not fill.
 */
export function worstCaseNotional(state: RiskState, symbol: string): Decimal {
  return add(
    sum(state.positions.filter((position) => position.symbol === symbol).map((held) => worthOf(held, state.marks))),
    sum(state.orders.filter((order) => order.symbol === symbol).map(worstCaseOf)),
  );
}

/**
 * Returns the sum of `worstCaseNotional` over all instruments, in the currency of the limits. Without a rate of one of
 * them, what is missing.
 */
export function worstCaseExposure(state: RiskState): Decimal | MissingRate {
  // In one pass: with a pass for each instrument, an entry costs the number of orders times that of instruments.
  const notionals = new Map<string, Decimal>();
  const count = (symbol: string, notional: Decimal): void =>
    void notionals.set(symbol, add(notionals.get(symbol) ?? ZERO, notional));
  for (const position of state.positions) count(position.symbol, worthOf(position, state.marks));
  for (const order of state.orders) count(order.symbol, worstCaseOf(order));
  let exposure = ZERO;
  for (const [symbol, notional] of notionals) {
    if (notional === ZERO) continue;
    const rate = quoteRate(state, symbol);
    if (rate.kind === 'Missing') return rate;
    exposure = add(exposure, notionalIn(rate, notional));
  }
  return exposure;
}

/** By order: each decision of a transaction sums over all of them. */
const worstCases = new WeakMap<OrderView, Decimal>();

function worstCaseOf(order: OrderView): Decimal {
  if (order.side === 'sell') return ZERO;
  const known = worstCases.get(order);
  if (known !== undefined) return known;
  const notional = notionalOf(order.price, openQuantity([order]));
  worstCases.set(order, notional);
  return notional;
}

/** Balances older than this are unknown: execution no longer compares them with the venue. */
export const MAX_BALANCE_AGE_MS = 600_000;

/** Returns the funds of an asset that no order reserves. Undefined when the balance is unknown, or too old to count. */
export function availableFunds(
  state: Pick<RiskState, 'nowMs' | 'balances' | 'orders'>,
  asset: string,
): Decimal | undefined {
  const balance = state.balances.find((candidate) => candidate.asset === asset);
  if (balance === undefined || state.nowMs - balance.reconciledAtMs > MAX_BALANCE_AGE_MS) return undefined;
  let reserved = ZERO;
  for (const order of state.orders)
    if (order.reservedAsset === asset) reserved = add(reserved, remainingReserve(order));
  return subtract(balance.ledger, reserved);
}

/**
 * Returns how much of an asset the positions hold that have it as base. What a live sale reserves of it is left out,
 * because that is no longer available anyway.
 */
export function heldOf({ positions, orders }: Pick<RiskState, 'positions' | 'orders'>, asset: string): Decimal {
  const held = sum(positions.filter(({ symbol }) => assetsOf(symbol).base === asset).map(({ quantity }) => quantity));
  const sales = orders.filter(({ side, reservedAsset }) => side === 'sell' && reservedAsset === asset);
  return maximum(ZERO, subtract(held, openQuantity(sales)));
}

/**
 * Returns the funds of an asset that an entry may spend: those that no order reserves and no position holds, because a
 * position that another pair has spent could not be left. Undefined when the balance is unknown.
 */
export function spendableFunds(state: RiskState, asset: string): Decimal | undefined {
  const available = availableFunds(state, asset);
  return available === undefined ? undefined : subtract(available, heldOf(state, asset));
}

/**
 * Returns what an order still reserves, rounded up. It shrinks with each fill, because the ledger already contains the
 * fill. Once its end is reported, the rest is free.
 */
export function remainingReserve(order: OrderView): Decimal {
  const { reserved, quantity } = order;
  const left = leftOf(order);
  if (left === quantity) return reserved;
  return ((reserved * left + quantity - 1n) / quantity) as Decimal;
}

function worthOf(position: PositionView, marks: RiskState['marks']): Decimal {
  const mark = marks.get(position.symbol);
  return mark === undefined ? position.cost : maximum(position.cost, multiply(position.quantity, mark, 'ceil'));
}

function sum(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce(add, ZERO);
}
