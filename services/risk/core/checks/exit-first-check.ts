import { exitCause, exitSignal } from '../exits/exit.ts';
import { stepOf } from '../exits/position-step.ts';
import { heldPairs, type Pair } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft } from '../sizing/draft.ts';
import { refuse, type CheckOutcome } from './check-outcome.ts';

/** How long entries make way after a buy was cancelled for an exit. */
const MAKES_WAY_MS = 30_000;

/**
 * While one of our own bids stands in the way of an exit of the symbol, or was cancelled for one a moment ago, no entry
 * may put the next bid there. It ends with the exit, and after half a minute without such a bid: what holds the exit up
 * then is the market, and not our orders. Dust, which cannot be left, holds up nothing.
 */
export function checkExitFirst(state: RiskState, { symbol }: Signal, { side }: Draft): CheckOutcome {
  const first = side === 'sell' ? undefined : heldPairs(state).find((pair) => goesFirst(state, pair, symbol));
  const inputs = { exitFirst: first?.strategy ?? null };
  if (first === undefined) return { inputs };
  return refuse('ExitFirst', `strategy ${first.strategy} leaves its position in ${symbol} first`, inputs);
}

function goesFirst(state: RiskState, pair: Pair, symbol: string): boolean {
  if (pair.symbol !== symbol || exitCause(state, pair) === undefined) return false;
  const { kind } = stepOf(state, exitSignal(state, pair));
  return kind === 'Obstructed' || (kind !== 'Dust' && wasCleared(state, symbol));
}

function wasCleared({ cancelRequests, nowMs }: RiskState, symbol: string): boolean {
  return cancelRequests.some((one) => one.symbol === symbol && nowMs - one.requestedAtMs < MAKES_WAY_MS);
}
