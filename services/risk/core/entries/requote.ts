import { maximum, roundToStep, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { heldBy } from '../holdings.ts';
import type { RiskPolicy, RiskState, Signal } from '../risk-state.ts';
import { isDust } from '../sizing/smallest-order.ts';
import { attemptsOf, type EntryAttempts } from './entry-attempts.ts';

/** How a resting entry follows the market. */
export interface RequoteRules {
  /** The shortest time between two entries of a stance. */
  readonly everyMs: number;
  /** Entries of a stance after its first one. */
  readonly most: number;
}

const DEFAULT_SECONDS = 5;
const DEFAULT_MOST = 10;

/** Returns the rules of a strategy whose entries rest; undefined for any other. */
export function requoteRules({ sizing }: Pick<RiskPolicy, 'sizing'>, strategy: string): RequoteRules | undefined {
  const own = sizing.find((one) => one.strategy === strategy);
  if (own?.entry !== 'Make') return undefined;
  const { requoteSeconds = DEFAULT_SECONDS, maxRequotes = DEFAULT_MOST } = own.requote ?? {};
  return { everyMs: requoteSeconds * 1_000, most: maxRequotes };
}

/** Returns the resting entries of the signal's stance; undefined before the first, and where entries do not rest. */
export function begunEntry(state: RiskState, signal: Signal): EntryAttempts | undefined {
  return requoteRules(state.policy, signal.strategy) && attemptsOf(state.entryAttempts, signal);
}

/** Why the next resting entry of a stance is not made now. */
export type RequoteObstacle = 'RequoteWait' | 'RequotesUsed';

/** Returns why the next entry of a stance is not made now; undefined when it may be made. */
export function requoteObstacle(state: RiskState, signal: Signal): RequoteObstacle | undefined {
  const rules = requoteRules(state.policy, signal.strategy);
  const begun = attemptsOf(state.entryAttempts, signal);
  if (rules === undefined || begun === undefined) return undefined;
  if (begun.count > rules.most) return 'RequotesUsed';
  return state.nowMs - begun.lastAtMs < rules.everyMs ? 'RequoteWait' : undefined;
}

/**
 * Returns what the entries of a stance have not bought yet, in base and whole lots; zero where that is below the
 * venue's minimum, so that nothing is left to buy. While the instrument is unknown, all of it.
 */
export function restOf(state: RiskState, { strategy, symbol, quantity }: EntryAttempts): Decimal {
  const rest = maximum(ZERO, subtract(quantity, heldBy(state, strategy, symbol)));
  const { instrument } = state.market;
  if (instrument === undefined) return rest;
  const inLots = roundToStep(rest, instrument.lotSize, 'floor');
  return isDust(inLots, state.market) ? ZERO : inLots;
}
