import { midPrice } from '../../../shared/domain/market-snapshot.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { refuse, text, type CheckOutcome } from './check-outcome.ts';

/** The most restrictive source decides: one halt refuses every order. */
export function checkHalt({ tradingStates }: RiskState): CheckOutcome {
  const halt = tradingStates.find(({ state }) => state === 'Halted');
  const inputs = { haltSource: halt?.source ?? null, haltReason: halt?.reason ?? null };
  return halt === undefined ? { inputs } : refuse('Halted', `halted by ${halt.source}: ${halt.reason}`, inputs);
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

export function checkFeed({ market, policy, nowMs }: RiskState): CheckOutcome {
  const ageMs = market.book === undefined ? null : nowMs - market.book.receivedAt;
  const inputs = { feedAgeMs: ageMs, maxFeedAgeMs: policy.limits.maxFeedAgeMs };
  if (ageMs !== null && ageMs <= policy.limits.maxFeedAgeMs) return { inputs };
  const problem = ageMs === null ? 'no order book received' : `the order book is ${ageMs} ms old`;
  return refuse('FeedStale', `${problem}, risk.maxFeedAgeMs allows ${inputs.maxFeedAgeMs} ms`, inputs);
}

export function checkReferences(state: RiskState): CheckOutcome {
  const inputs = {
    mid: text(midPrice(state.market.book?.bid, state.market.book?.ask)),
    lastTrade: text(state.market.lastTrade?.price),
  };
  if (inputs.mid !== null && inputs.lastTrade !== null) return { inputs };
  return refuse('CollarUnknown', 'the price collar needs a bid, an ask and a last trade', inputs);
}
