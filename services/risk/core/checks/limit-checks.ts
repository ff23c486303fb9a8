import { add, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import { reservationOf } from '../../../shared/domain/orders/reservation.ts';
import { notionalIn, quoteRate } from '../currency/conversion.ts';
import { heldOf, spendableFunds, worstCaseExposure, worstCaseNotional } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft } from '../sizing/draft.ts';
import { exitFunds, missingFunds } from '../sizing/exit-funds.ts';
import { refuse, text, type CheckOutcome } from './check-outcome.ts';

export function checkNotional(state: RiskState, { symbol }: Signal, { side, price, quantity }: Draft): CheckOutcome {
  const { maxOrderNotional } = state.policy.limits;
  const inputs = { maxOrderNotional: text(maxOrderNotional) };
  // An exit is cut into pieces of this size already, and the last one may be a little larger.
  if (side === 'sell') return { inputs };
  const rate = quoteRate(state, symbol);
  if (rate.kind === 'Missing') return refuse('RateUnknown', rate.detail, inputs);
  const notional = notionalIn(rate, notionalOf(price, quantity));
  if (notional <= maxOrderNotional) return { inputs };
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
  const rate = quoteRate(state, symbol);
  if (rate.kind === 'Missing') return refuse('RateUnknown', rate.detail, {});
  const inQuote = add(worstCaseNotional(state, symbol), notionalOf(draft.price, draft.quantity));
  const after = notionalIn(rate, inQuote);
  const limit = state.policy.limits.maxPositionNotional;
  const inputs = { positionAfter: text(after), maxPositionNotional: text(limit) };
  if (after <= limit) return { inputs };
  return refuse(
    'PositionTooLarge',
    `the position in ${symbol} could reach ${inputs.positionAfter}, risk.maxPositionNotional is ${text(limit)}`,
    inputs,
  );
}

/** What cannot be valued might be any amount: without the rate of one instrument, there is no entry in another. */
export function checkExposure(state: RiskState, { symbol }: Signal, draft: Draft): CheckOutcome {
  if (draft.side === 'sell') return { inputs: {} };
  const rate = quoteRate(state, symbol);
  const before = worstCaseExposure(state);
  if (rate.kind === 'Missing') return refuse('RateUnknown', rate.detail, {});
  if (typeof before === 'object') return refuse('RateUnknown', before.detail, {});
  const after = add(before, notionalIn(rate, notionalOf(draft.price, draft.quantity)));
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
export function checkBalance(state: RiskState, signal: Signal, draft: Draft): CheckOutcome {
  const { symbol } = signal;
  const { asset, amount: needed } = reservationOf({ symbol, ...draft }, state.market.instrument?.takerFee ?? ZERO);
  const isExit = draft.side === 'sell';
  const available = isExit ? exitFunds(state, signal) : spendableFunds(state, asset);
  const inputs = { asset, needed: text(needed), available: text(available) };
  if (available === undefined) {
    if (isExit) return { inputs };
    return refuse('BalanceUnknown', `the balance of ${asset} is unknown or was not reconciled recently`, inputs);
  }
  if (needed <= available) return { inputs };
  return refuse(
    'InsufficientFunds',
    (isExit ? missingFunds(state, signal)?.message : undefined) ??
      `the order needs ${inputs.needed} ${asset}, ${inputs.available} is available${heldText(heldOf(state, asset))}`,
    inputs,
  );
}

function heldText(held: Decimal): string {
  return held === ZERO ? '' : `: positions hold ${text(held)}`;
}
