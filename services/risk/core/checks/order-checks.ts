import { add, ZERO } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import { reservationOf } from '../../../shared/domain/orders/reservation.ts';
import { allowsOrder } from '../../../shared/domain/trading-state.ts';
import { availableFunds, worstCaseExposure, worstCaseNotional } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
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
 * An order that matches one of our own orders, of any strategy, is a wash trade: it costs fees and leaves the position
 * unchanged. The refusal only delays an exit: it is repeated until the other order has ended. An order of unknown
 * outcome counts, because it may rest at the venue. Two orders that never rest cannot meet.
 */
export function checkSelfTrade({ orders }: RiskState, { symbol }: Signal, { side, type, price }: Draft): CheckOutcome {
  const ownOrder = orders.find(
    (order) =>
      order.symbol === symbol &&
      order.side !== side &&
      (type === 'LIMIT' || order.type === 'LIMIT') &&
      (side === 'buy' ? price >= order.price : price <= order.price),
  );
  const inputs = { meetsOwnOrder: ownOrder?.clientOrderId ?? null };
  if (ownOrder === undefined) return { inputs };
  return refuse(
    'SelfTrade',
    `a ${side} at ${text(price)} meets our own order ${ownOrder.clientOrderId} at ${text(ownOrder.price)}`,
    inputs,
  );
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

export function checkNotional({ policy }: RiskState, _signal: Signal, { side, price, quantity }: Draft): CheckOutcome {
  const notional = notionalOf(price, quantity);
  const { maxOrderNotional } = policy.limits;
  const inputs = { maxOrderNotional: text(maxOrderNotional) };
  // An exit is cut into pieces of this size already, and the last one may be a little larger.
  if (side === 'sell' || notional <= maxOrderNotional) return { inputs };
  return refuse(
    'NotionalTooLarge',
    `notional ${text(notional)} is above risk.maxOrderNotional ${inputs.maxOrderNotional}`,
    inputs,
  );
}

/** Counts entries only: exits neither wait for it nor use it up. */
export function checkRate({ entriesLastSecond, policy }: RiskState, _signal: Signal, { side }: Draft): CheckOutcome {
  const { maxOrdersPerSecond } = policy.limits;
  const inputs = { entriesLastSecond, maxOrdersPerSecond };
  if (side === 'sell' || entriesLastSecond < maxOrdersPerSecond) return { inputs };
  const detail = `${entriesLastSecond} entries were approved in the last second`;
  return refuse('TooManyOrdersPerSecond', `${detail}, risk.maxOrdersPerSecond allows ${maxOrdersPerSecond}`, inputs);
}

export function checkOpenOrders({ orders, policy }: RiskState, _signal: Signal, { side }: Draft): CheckOutcome {
  const { maxOpenOrders } = policy.limits;
  const inputs = { openOrders: orders.length, maxOpenOrders };
  if (side === 'sell' || orders.length < maxOpenOrders) return { inputs };
  return refuse(
    'TooManyOpenOrders',
    `${orders.length} orders are open, risk.maxOpenOrders allows ${maxOpenOrders}`,
    inputs,
  );
}

/** A sale of held quantity only reduces the position: what else is held must not keep it from being computed. */
export function checkPosition(state: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  if (draft.side === 'sell') return { inputs: {} };
  const after = add(worstCaseNotional(state, symbol), notionalOf(draft.price, draft.quantity));
  const limit = state.policy.limits.maxPositionNotional;
  const inputs = { positionAfter: text(after), maxPositionNotional: text(limit) };
  if (after <= limit) return { inputs };
  return refuse(
    'PositionTooLarge',
    `the position in ${symbol} could reach ${inputs.positionAfter}, risk.maxPositionNotional is ${text(limit)}`,
    inputs,
  );
}

export function checkExposure(state: RiskState, _signal: Signal, draft: Draft): CheckOutcome {
  if (draft.side === 'sell') return { inputs: {} };
  const before = worstCaseExposure(state, state.market.instrument?.quote ?? '');
  const after = add(before, notionalOf(draft.price, draft.quantity));
  const limit = state.policy.limits.maxExposureNotional;
  const inputs = { exposureAfter: text(after), maxExposureNotional: text(limit) };
  if (after <= limit) return { inputs };
  return refuse(
    'ExposureTooLarge',
    `exposure could reach ${inputs.exposureAfter}, risk.maxExposureNotional is ${text(limit)}`,
    inputs,
  );
}

/**
 * A missing or old balance is unknown, not zero: it refuses an entry. An exit then sells what the strategy holds
 * according to the record, and the venue has the last word.
 */
export function checkBalance(state: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  const { asset, amount: needed } = reservationOf({ symbol, ...draft }, state.market.instrument?.takerFee ?? ZERO);
  const available = availableFunds(state, asset);
  const inputs = { asset, needed: text(needed), available: text(available) };
  if (available === undefined) {
    if (draft.side === 'sell') return { inputs };
    return refuse('BalanceUnknown', `the balance of ${asset} is unknown or was not reconciled recently`, inputs);
  }
  if (needed <= available) return { inputs };
  return refuse(
    'InsufficientFunds',
    `the order needs ${inputs.needed} ${asset}, ${inputs.available} is available`,
    inputs,
  );
}
