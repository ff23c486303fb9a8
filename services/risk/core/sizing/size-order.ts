import { divide, roundToStep, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { quoteRate } from '../currency/conversion.ts';
import { fromCurrency } from '../currency/rate.ts';
import { heldBy, ordersOf } from '../holdings.ts';
import { stopOf } from '../stops/stop-record.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft, Sizing } from './draft.ts';
import { entryTerms } from './entry-terms.ts';
import { sizeExit } from './size-exit.ts';
import { isDust } from './smallest-order.ts';

/**
 * Turns a stance into the order that would meet it. Long: buys for `orderNotional`, only while the stance is fresh and
 * the strategy has no position and no live order, and if no stop has triggered since the stance began. Flat: see
 * `sizeExit`.
 */
export function sizeOrder(state: RiskState, signal: Signal): Sizing {
  return signal.stance === 'Long' ? sizeEntry(state, signal) : sizeExit(state, signal);
}

function sizeEntry(state: RiskState, signal: Signal): Sizing {
  const { policy, market, nowMs } = state;
  if (!isDust(heldBy(state, signal.strategy, signal.symbol), market)) return { kind: 'NoAction', reason: 'StanceMet' };
  if (nowMs - signal.changedAt > policy.entryValidMs) return { kind: 'NoAction', reason: 'StaleEntry' };
  const stop = stopOf(state.stops, signal)?.triggered;
  if (stop !== undefined && signal.changedAt <= stop.atMs) return { kind: 'NoAction', reason: 'StoppedOut' };
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
  const { type, price } = entryTerms(sizing.entry, { bid: book.bid, ask: book.ask }, state, instrument);
  const rate = quoteRate(state, signal.symbol);
  if (price <= ZERO || rate.kind === 'Missing') return undefined;
  const notional = fromCurrency(sizing.orderNotional, rate, 'floor') as Decimal;
  const quantity = roundToStep(divide(notional, price, 'floor'), instrument.lotSize, 'floor');
  return { side: 'buy', type, price, quantity };
}
