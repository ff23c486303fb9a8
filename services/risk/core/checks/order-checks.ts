import { notionalOf } from '../../../shared/domain/instrument.ts';
import { mayRest } from '../../../shared/domain/orders/order.ts';
import { allowsOrder } from '../../../shared/domain/trading-state.ts';
import { isGivenUp } from '../exits/given-up.ts';
import type { OrderView, RiskState, Signal } from '../risk-state.ts';
import type { Draft } from '../sizing/draft.ts';
import { refuse, text, type CheckOutcome } from './check-outcome.ts';
import { collarAround } from './collar.ts';

/**
 * While a source asks for Reducing or Flattening, only orders that reduce a position are approved: on a spot market,
 * sales.
 */
export function checkReducing({ tradingStates }: RiskState, _signal: Signal, { side }: Draft): CheckOutcome {
  const reducing = tradingStates.find(({ state }) => !allowsOrder(state, side));
  const inputs = { reducingSource: reducing?.source ?? null };
  if (reducing === undefined || reducing.state === 'Active') return { inputs };
  return refuse(reducing.state, `only sells are approved, by ${reducing.source}: ${reducing.reason}`, inputs);
}

/**
 * An order of unknown outcome may have filled completely. Until its outcome is known, buys on its instrument are
 * refused, and sells pass.
 */
export function checkUnknowns({ orders }: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  const unknown = orders.filter((order) => order.symbol === symbol && order.state === 'Unknown').length;
  const inputs = { unknownOrders: unknown };
  if (unknown === 0 || draft.side === 'sell') return { inputs };
  return refuse('UnknownOrders', `${unknown} orders on ${symbol} have an unknown outcome`, inputs);
}

/**
 * Returns our own orders, of any strategy, that an order would trade with. One of unknown outcome counts, because it
 * may rest at the venue; one whose end the venue has reported does not. A buy whose cancellation was requested holds up
 * no exit for ever, whatever its state. Two orders that never rest cannot meet.
 */
export function ordersMet(
  state: Pick<RiskState, 'orders' | 'cancelRequests' | 'nowMs'>,
  symbol: string,
  { side, type, price }: Draft,
): readonly OrderView[] {
  return state.orders.filter(
    (order) =>
      order.symbol === symbol &&
      order.side !== side &&
      order.finalExecuted === undefined &&
      (mayRest(type) || mayRest(order.type)) &&
      (side === 'buy' ? price >= order.price : price <= order.price) &&
      !isGivenUp(state, order),
  );
}

/**
 * A trade with one of our own orders is a wash trade: it costs fees and leaves the position unchanged. An exit is only
 * delayed: it is decided again as soon as the other order has been cancelled for it.
 */
export function checkSelfTrade(state: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  const { side, price } = draft;
  const [ownOrder] = ordersMet(state, symbol, draft);
  const inputs = { meetsOwnOrder: ownOrder?.clientOrderId ?? null };
  if (ownOrder === undefined) return { inputs };
  return refuse(
    'SelfTrade',
    `a ${side} at ${text(price)} meets our own order ${ownOrder.clientOrderId} at ${text(ownOrder.price)}`,
    inputs,
  );
}

/**
 * The venue must list post-only orders for the pair. The others pass: MEXC never lists IMMEDIATE_OR_CANCEL and
 * FILL_OR_KILL, and takes them ("Enum definitions").
 */
export function checkOrderType({ market }: RiskState, { symbol }: Signal, { type }: Draft): CheckOutcome {
  const listed = market.instrument?.orderTypes;
  const inputs = { orderTypes: listed?.join(' ') ?? null };
  if (type !== 'LIMIT_MAKER' || listed?.includes(type) === true) return { inputs };
  const known = listed === undefined ? 'has not listed its order types' : `lists only ${listed.join(', ')}`;
  return refuse('OrderTypeNotListed', `the entry needs ${type}, and for ${symbol} the venue ${known}`, inputs);
}

export function checkCollar(state: RiskState, _signal: Signal, { side, price }: Draft): CheckOutcome {
  const collar = collarAround(state, side);
  const inputs = { price: text(price), collarLow: text(collar?.lowest), collarHigh: text(collar?.highest) };
  if (collar !== undefined && price >= collar.lowest && price <= collar.highest) return { inputs };
  return refuse(
    'OutsideCollar',
    `price ${inputs.price} is outside the collar from ${inputs.collarLow} to ${inputs.collarHigh}`,
    inputs,
  );
}

export function checkSteps({ market }: RiskState, _signal: Signal, { price, quantity }: Draft): CheckOutcome {
  const { tickSize = 1n, lotSize = 1n } = market.instrument ?? {};
  const inputs = { quantity: text(quantity) };
  if (price % tickSize === 0n && quantity % lotSize === 0n) return { inputs };
  return refuse(
    'BetweenSteps',
    `quantity ${text(quantity)} or price ${text(price)} is not a multiple of the lot size or tick size`,
    inputs,
  );
}

export function checkVenueLimits({ market }: RiskState, { symbol }: Signal, { price, quantity }: Draft): CheckOutcome {
  const { instrument } = market;
  if (instrument === undefined)
    return refuse('InstrumentNotKnown', `the venue's trading rules for ${symbol} are unknown`, {});
  const { minQuantity, minNotional, maxNotional } = instrument;
  const notional = notionalOf(price, quantity);
  const inputs = {
    notional: text(notional),
    minQuantity: text(minQuantity),
    minNotional: text(minNotional),
    maxNotional: text(maxNotional),
  };
  if (quantity <= 0n || quantity < minQuantity || notional < minNotional)
    return refuse(
      'BelowMinimum',
      `quantity ${text(quantity)} with notional ${inputs.notional} is below the venue's minimum`,
      inputs,
    );
  if (notional <= maxNotional) return { inputs };
  return refuse(
    'AboveMaximum',
    `notional ${inputs.notional} is above the venue's maximum ${inputs.maxNotional}`,
    inputs,
  );
}
