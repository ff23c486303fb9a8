import { add, formatDecimal, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import { midPrice } from '../../../shared/domain/market-snapshot.ts';
import { reservationOf } from '../../../shared/domain/reservation.ts';
import { collarAround } from './collar.ts';
import { availableFunds, worstCaseExposure, worstCaseNotional } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft } from '../sizing/size-order.ts';

export type RefusalCode =
  | 'Halted'
  | 'StrategyNotKnown'
  | 'InstrumentNotKnown'
  | 'FeedStale'
  | 'CollarUnknown'
  | 'OutsideCollar'
  | 'BetweenSteps'
  | 'BelowMinimum'
  | 'AboveMaximum'
  | 'NotionalTooLarge'
  | 'TooManyOrdersPerSecond'
  | 'TooManyOpenOrders'
  | 'PositionTooLarge'
  | 'ExposureTooLarge'
  | 'BalanceUnknown'
  | 'InsufficientFunds'
  | 'UnknownOrders'
  | 'SelfTrade';

/** What a check saw: everything as text or number, kept with the decision. */
export type Inputs = Readonly<Record<string, string | number | boolean | null>>;

export interface CheckOutcome {
  /** Undefined: passed. */
  readonly refusal?: { readonly code: RefusalCode; readonly detail: string } | undefined;
  readonly inputs: Inputs;
}

/** A check before there is an order to look at. */
export interface GateCheck {
  readonly name: string;
  readonly check: (state: RiskState, signal: Signal) => CheckOutcome;
}

/** A check of the order. */
export interface OrderCheck {
  readonly name: string;
  readonly check: (state: RiskState, signal: Signal, draft: Draft) => CheckOutcome;
}

/** Balances older than this are unknown: nothing compares them with the venue any more. */
const MAX_BALANCE_AGE_MS = 600_000;

/** In this order, the first failure decides. They come before the order is sized, which needs what they look at. */
export const GATE_CHECKS: readonly GateCheck[] = [
  { name: 'halt', check: checkHalt },
  { name: 'strategy', check: checkStrategy },
  { name: 'instrument', check: checkInstrument },
  { name: 'feed', check: checkFeed },
  { name: 'collar references', check: checkReferences },
];

/** In this order, the first failure decides. */
export const ORDER_CHECKS: readonly OrderCheck[] = [
  { name: 'unknown orders', check: checkUnknowns },
  { name: 'self trade', check: checkSelfTrade },
  { name: 'collar', check: checkCollar },
  { name: 'steps', check: checkSteps },
  { name: 'venue limits', check: checkVenueLimits },
  { name: 'notional', check: checkNotional },
  { name: 'rate', check: checkRate },
  { name: 'open orders', check: checkOpenOrders },
  { name: 'position', check: checkPosition },
  { name: 'exposure', check: checkExposure },
  { name: 'balance', check: checkBalance },
];

/** The most restrictive source wins: one active halt stops everything. */
function checkHalt({ policy, halts }: RiskState): CheckOutcome {
  const active = halts.find((halt) => halt.active);
  const source = policy.halt ? 'spec' : (active?.source ?? null);
  const inputs = { haltSource: source, haltReason: policy.halt ? 'spec.halt' : (active?.reason ?? null) };
  return source === null ? { inputs } : refuse('Halted', `halted by ${source}: ${inputs.haltReason ?? ''}`, inputs);
}

function checkStrategy({ policy }: RiskState, { strategy }: Signal): CheckOutcome {
  if (policy.sizing.some((sizing) => sizing.strategy === strategy)) return { inputs: {} };
  return refuse('StrategyNotKnown', `no sizing for strategy ${strategy}`, {});
}

function checkInstrument({ policy, market }: RiskState, { symbol }: Signal): CheckOutcome {
  if (policy.symbols.includes(symbol) && market.instrument !== undefined) return { inputs: {} };
  return refuse('InstrumentNotKnown', `${symbol} is not configured, or the venue's rules for it are not known`, {});
}

function checkFeed({ market, policy, now }: RiskState): CheckOutcome {
  const ageMs = market.book === undefined ? null : now - market.book.receivedAt;
  const inputs = { feedAgeMs: ageMs, maxFeedAgeMs: policy.limits.maxFeedAgeMs };
  if (ageMs !== null && ageMs <= policy.limits.maxFeedAgeMs) return { inputs };
  return refuse(
    'FeedStale',
    `the book is ${ageMs ?? 'not there'} (ms old), allowed are ${inputs.maxFeedAgeMs}`,
    inputs,
  );
}

function checkReferences(state: RiskState): CheckOutcome {
  const inputs = {
    mid: text(midPrice(state.market.book?.bid, state.market.book?.ask)),
    lastTrade: text(state.market.lastTrade?.price),
  };
  if (inputs.mid !== null && inputs.lastTrade !== null) return { inputs };
  return refuse('CollarUnknown', 'the collar needs both sides of the book and a last trade', inputs);
}

/** What is unknown may have traded in full: until it is known, only what is held for certain may be sold. */
function checkUnknowns({ orders }: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  const unknown = orders.filter((order) => order.symbol === symbol && order.state === 'Unknown').length;
  const inputs = { unknownOrders: unknown };
  if (unknown === 0 || draft.side === 'sell') return { inputs };
  return refuse('UnknownOrders', `${unknown} orders on ${symbol} have an unknown outcome`, inputs);
}

/**
 * An order that meets one of ours trades with ourselves, whichever strategy made it: fees without a change of position, a wash trade. It
 * is only put off: the stance comes again with the next bar, and what rests ends at its deadline. One of unknown outcome may be long gone, and does
 * not keep what is held from being sold.
 */
function checkSelfTrade({ orders }: RiskState, { symbol }: Signal, { side, price }: Draft): CheckOutcome {
  const met = orders.find(
    (order) =>
      order.symbol === symbol &&
      order.side !== side &&
      order.state !== 'Unknown' &&
      (side === 'buy' ? price >= order.price : price <= order.price),
  );
  const inputs = { meetsOwnOrder: met?.clientOrderId ?? null };
  if (met === undefined) return { inputs };
  return refuse(
    'SelfTrade',
    `a ${side} at ${text(price)} meets our own order ${met.clientOrderId} at ${text(met.price)}`,
    inputs,
  );
}

function checkCollar(state: RiskState, _signal: Signal, { price }: Draft): CheckOutcome {
  const collar = collarAround(state);
  const inputs = { price: text(price), collarLow: text(collar?.lowest), collarHigh: text(collar?.highest) };
  if (collar !== undefined && price >= collar.lowest && price <= collar.highest) return { inputs };
  return refuse(
    'OutsideCollar',
    `price ${inputs.price} is not within ${inputs.collarLow} and ${inputs.collarHigh}`,
    inputs,
  );
}

function checkSteps({ market }: RiskState, _signal: Signal, { price, quantity }: Draft): CheckOutcome {
  const { tickSize = 1n, lotSize = 1n } = market.instrument ?? {};
  const inputs = { quantity: text(quantity) };
  if (price % tickSize === 0n && quantity % lotSize === 0n) return { inputs };
  return refuse('BetweenSteps', `${text(quantity)} at ${text(price)} lies between two steps`, inputs);
}

function checkVenueLimits({ market }: RiskState, _signal: Signal, { price, quantity }: Draft): CheckOutcome {
  const { instrument } = market;
  if (instrument === undefined) return refuse('InstrumentNotKnown', 'no instrument', {});
  const { minQuantity, minNotional, maxNotional } = instrument;
  const notional = notionalOf(price, quantity);
  const inputs = {
    notional: text(notional),
    minQuantity: text(minQuantity),
    minNotional: text(minNotional),
    maxNotional: text(maxNotional),
  };
  if (quantity <= 0n || quantity < minQuantity || notional < minNotional)
    return refuse('BelowMinimum', `${text(quantity)} for ${inputs.notional} is below the venue's minimum`, inputs);
  if (notional <= maxNotional) return { inputs };
  return refuse('AboveMaximum', `${inputs.notional} is above the venue's ${inputs.maxNotional}`, inputs);
}

function checkNotional({ policy }: RiskState, _signal: Signal, { price, quantity }: Draft): CheckOutcome {
  const notional = notionalOf(price, quantity);
  const { maxOrderNotional } = policy.limits;
  const inputs = { maxOrderNotional: text(maxOrderNotional) };
  if (notional <= maxOrderNotional) return { inputs };
  return refuse('NotionalTooLarge', `${text(notional)} is above ${inputs.maxOrderNotional}`, inputs);
}

function checkRate({ approvedLastSecond, policy }: RiskState): CheckOutcome {
  const { maxOrdersPerSecond } = policy.limits;
  const inputs = { approvedLastSecond, maxOrdersPerSecond };
  if (approvedLastSecond < maxOrdersPerSecond) return { inputs };
  return refuse('TooManyOrdersPerSecond', `${approvedLastSecond} orders in the last second`, inputs);
}

function checkOpenOrders({ orders, policy }: RiskState): CheckOutcome {
  const { maxOpenOrders } = policy.limits;
  const inputs = { openOrders: orders.length, maxOpenOrders };
  if (orders.length < maxOpenOrders) return { inputs };
  return refuse('TooManyOpenOrders', `${orders.length} orders are open`, inputs);
}

/** Selling what is held only makes a position smaller. */
function checkPosition(state: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  const after = worstCaseAfter(worstCaseNotional(state, symbol), draft);
  const limit = state.policy.limits.maxPositionNotional;
  const inputs = { positionAfter: text(after), maxPositionNotional: text(limit) };
  if (draft.side === 'sell' || after <= limit) return { inputs };
  return refuse('PositionTooLarge', `${symbol} may come to ${inputs.positionAfter}`, inputs);
}

function checkExposure(state: RiskState, _signal: Signal, draft: Draft): CheckOutcome {
  const after = worstCaseAfter(worstCaseExposure(state, state.market.instrument?.quote ?? ''), draft);
  const limit = state.policy.limits.maxExposureNotional;
  const inputs = { exposureAfter: text(after), maxExposureNotional: text(limit) };
  if (draft.side === 'sell' || after <= limit) return { inputs };
  return refuse('ExposureTooLarge', `exposure may come to ${inputs.exposureAfter}`, inputs);
}

/** A balance that was not read is neither zero nor fine. */
function checkBalance(state: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  const { asset, amount: needed } = reservationOf({ symbol, ...draft }, state.market.instrument?.takerFee ?? ZERO);
  const available = availableFunds(state, asset);
  const age = state.now - (state.balances.find((balance) => balance.asset === asset)?.reconciledAt ?? 0);
  const inputs = { asset, needed: text(needed), available: text(available) };
  if (available === undefined || age > MAX_BALANCE_AGE_MS)
    return refuse('BalanceUnknown', `the balance of ${asset} is not known`, inputs);
  if (needed <= available) return { inputs };
  return refuse('InsufficientFunds', `${inputs.needed} ${asset} are needed, ${inputs.available} are free`, inputs);
}

function worstCaseAfter(before: Decimal, draft: Draft): Decimal {
  return draft.side === 'buy' ? add(before, notionalOf(draft.price, draft.quantity)) : before;
}

function refuse(code: RefusalCode, detail: string, inputs: Inputs): CheckOutcome {
  return { refusal: { code, detail }, inputs };
}

function text(value: Decimal | undefined): string | null {
  return value === undefined ? null : formatDecimal(value);
}
