import { divide, maximum, minimum, roundToStep, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { leftOfCanary } from '../canary/canary-left.ts';
import { quoteRate } from '../currency/conversion.ts';
import { fromCurrency } from '../currency/rate.ts';
import type { EntryAttempts } from '../entries/entry-attempts.ts';
import { begunEntry, requoteObstacle, restOf } from '../entries/requote.ts';
import { costOf, heldBy, ordersOf } from '../holdings.ts';
import { stopOf } from '../stops/stop-record.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft, NoActionReason, Sizing } from './draft.ts';
import { entryTerms } from './entry-terms.ts';
import type { ExitReach } from './exit-price.ts';
import { sizeExit } from './size-exit.ts';
import { isDust } from './smallest-order.ts';

/**
 * Turns a stance into the order that would meet it. Long: buys for `orderNotional`, only while the stance is fresh and
 * the strategy has no position and no live order, and if no stop has triggered since the stance began. An entry that
 * rests buys in further orders what its first one wanted and did not get, within the rules of `requote.ts`. Flat: see
 * `sizeExit`.
 */
export function sizeOrder(state: RiskState, signal: Signal, reach: ExitReach): Sizing {
  return signal.stance === 'Long' ? sizeEntry(state, signal) : sizeExit(state, signal, reach);
}

function sizeEntry(state: RiskState, signal: Signal): Sizing {
  const begun = begunEntry(state, signal);
  const obstacle = isMet(state, signal, begun) ? 'StanceMet' : entryObstacle(state, signal);
  if (obstacle !== undefined) return { kind: 'NoAction', reason: obstacle };
  const draft = entryDraft(state, signal, begun);
  if (draft === undefined) return { kind: 'Unpriced' };
  // What the rest may still cost buys less than the venue takes: the entry is as complete as it can be.
  if (begun !== undefined && isDust(draft.quantity, state.market, draft.price))
    return { kind: 'NoAction', reason: 'StanceMet' };
  return { kind: 'Draft', draft };
}

function isMet(state: RiskState, { strategy, symbol }: Signal, begun: EntryAttempts | undefined): boolean {
  return begun === undefined ? !isDust(heldBy(state, strategy, symbol), state.market) : restOf(state, begun) === ZERO;
}

function entryObstacle(state: RiskState, signal: Signal): NoActionReason | undefined {
  if (state.nowMs - signal.changedAt > state.policy.entryValidMs) return 'StaleEntry';
  const stop = stopOf(state.stops, signal)?.triggered;
  if (stop !== undefined && signal.changedAt <= stop.atMs) return 'StoppedOut';
  const orders = ordersOf(state, signal.strategy, signal.symbol);
  return orders.some((order) => order.state !== 'Unknown') ? 'OrderLive' : requoteObstacle(state, signal);
}

/** A further order of an entry buys the rest, and spends no more than what the earlier ones left of `orderNotional`. */
function entryDraft(state: RiskState, signal: Signal, begun: EntryAttempts | undefined): Draft | undefined {
  const sizing = state.policy.sizing.find((entry) => entry.strategy === signal.strategy);
  const { instrument, book } = state.market;
  if (sizing === undefined || instrument === undefined || book?.ask === undefined || book.bid === undefined)
    return undefined;
  const { type, price } = entryTerms(sizing.entry, { bid: book.bid, ask: book.ask }, state, instrument);
  const notional = notionalInQuote(state, signal, sizing.orderNotional);
  if (price <= ZERO || notional === undefined) return undefined;
  const left = begun === undefined ? notional : maximum(ZERO, subtract(notional, costOf(state, signal)));
  const affordable = roundToStep(divide(left, price, 'floor'), instrument.lotSize, 'floor');
  const quantity = begun === undefined ? affordable : minimum(affordable, restOf(state, begun));
  return { side: 'buy', type, price, quantity };
}

/** The size of an entry in quote, cut to what a canary leaves. Undefined while a rate is missing. */
function notionalInQuote(state: RiskState, { symbol }: Signal, orderNotional: Decimal): Decimal | undefined {
  const rate = quoteRate(state, symbol);
  const left = leftOfCanary(state) ?? orderNotional;
  if (rate.kind === 'Missing' || typeof left === 'object') return undefined;
  return fromCurrency(minimum(orderNotional, left), rate, 'floor') as Decimal;
}
