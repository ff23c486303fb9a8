import { ageText, isFresh, midPrice } from '../../../shared/domain/market-snapshot.ts';
import { currencyOf, quoteRate, rateText } from '../currency/conversion.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { rowAgainstEntry, textOfRow } from '../unread-rows.ts';
import { refuse, text, type CheckOutcome } from './check-outcome.ts';
import { collarAround } from './collar.ts';

/** The most restrictive source decides: one halt refuses every order. */
export function checkHalt({ tradingStates }: RiskState): CheckOutcome {
  const halt = tradingStates.find(({ state }) => state === 'Halted');
  const inputs = { haltSource: halt?.source ?? null, haltReason: halt?.reason ?? null };
  return halt === undefined ? { inputs } : refuse('Halted', `halted by ${halt.source}: ${halt.reason}`, inputs);
}

/** What could not be read may hide an order, a position or a limit. An exit is sized by what is certainly held. */
export function checkRows({ unread }: RiskState, { symbol, stance }: Signal): CheckOutcome {
  const row = stance === 'Flat' ? undefined : rowAgainstEntry(unread, symbol);
  if (row === undefined) return { inputs: {} };
  return refuse('RowUnreadable', textOfRow(row), { unreadTable: row.table, unreadRow: row.key });
}

/** An exit needs no sizing: a position outlives the settings of its strategy. */
export function checkStrategy({ policy }: RiskState, { strategy, stance }: Signal): CheckOutcome {
  if (stance === 'Flat' || policy.sizing.some((sizing) => sizing.strategy === strategy)) return { inputs: {} };
  return refuse('StrategyNotKnown', `no sizing for strategy ${strategy}`, {});
}

export function checkInstrument({ policy, market }: RiskState, { symbol }: Signal): CheckOutcome {
  if (policy.symbols.includes(symbol) && market.instrument !== undefined) return { inputs: {} };
  return refuse(
    'InstrumentNotKnown',
    `${symbol} is not configured, or the venue's trading rules for it are unknown`,
    {},
  );
}

/**
 * A book of the future, after a clock was set, may be old: it opens no position. It closes one, as an exit is bounded
 * by its price and must not wait for a clock.
 */
export function checkFeed(
  { market, policy, nowMs }: Pick<RiskState, 'market' | 'policy' | 'nowMs'>,
  { stance }: Pick<Signal, 'stance'>,
): CheckOutcome {
  const ageMs = market.book === undefined ? null : nowMs - market.book.receivedAt;
  const { maxFeedAgeMs } = policy.limits;
  const inputs = { feedAgeMs: ageMs, maxFeedAgeMs };
  if (ageMs !== null && (isFresh(ageMs, maxFeedAgeMs) || (stance === 'Flat' && ageMs < 0))) return { inputs };
  const problem = ageMs === null ? 'no order book received' : `the order book is ${ageText(ageMs)}`;
  return refuse('FeedStale', `${problem}, risk.maxFeedAgeMs allows ${maxFeedAgeMs} ms`, inputs);
}

/** The collar needs the middle of the book; for an entry also a recent last trade, for an exit either. */
export function checkReferences(state: RiskState, { stance }: Signal): CheckOutcome {
  const { bid, ask } = state.market.book ?? {};
  const mid = text(midPrice(bid, ask));
  if (stance === 'Flat') {
    if (collarAround(state, 'sell') !== undefined) return { inputs: { mid } };
    return refuse('CollarUnknown', 'the price collar needs a bid, and an ask or a recent trade', { mid });
  }
  if (mid === null) return refuse('CollarUnknown', 'the price collar needs a bid and an ask', { mid });
  const { inputs, refusal } = checkLastTrade(state);
  return { inputs: { mid, ...inputs }, refusal };
}

/** An entry is sized and limited in the currency of the limits. An exit needs no rate. */
export function checkCurrency(state: RiskState, { symbol, stance }: Signal): CheckOutcome {
  if (stance === 'Flat') return { inputs: {} };
  const currency = currencyOf(state.policy) ?? null;
  const rate = quoteRate(state, symbol);
  if (rate.kind === 'Missing') return refuse('RateUnknown', rate.detail, { currency, rate: null });
  return { inputs: { currency, rate: rateText(rate) } };
}

function checkLastTrade({ market, policy, nowMs }: RiskState): CheckOutcome {
  const { maxTradeAgeMs } = policy.limits;
  const tradeAgeMs = market.lastTrade === undefined ? null : nowMs - market.lastTrade.tradedAt;
  const inputs = { lastTrade: text(market.lastTrade?.price), tradeAgeMs, maxTradeAgeMs };
  if (tradeAgeMs !== null && isFresh(tradeAgeMs, maxTradeAgeMs)) return { inputs };
  const problem = tradeAgeMs === null ? 'no trade received' : `the last trade is ${ageText(tradeAgeMs)}`;
  return refuse('CollarUnknown', `${problem}, risk.maxTradeAgeMs allows ${maxTradeAgeMs} ms`, inputs);
}
