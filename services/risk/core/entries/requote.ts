import { maximum, roundToStep, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { OrderRequest } from '../../../shared/domain/orders/order.ts';
import type { RequoteTerms } from '../../../shared/domain/orders/requote-terms.ts';
import { heldBy } from '../holdings.ts';
import type { RiskPolicy, RiskState, Signal } from '../risk-state.ts';
import { isDust } from '../sizing/smallest-order.ts';
import { attemptsOf, type EntryAttempts } from './entry-attempts.ts';

/** How a resting entry follows the market. */
export interface RequoteRules {
  /** How far the best bid may rise above the price of an order before it is cancelled, in ticks. */
  readonly ticks: number;
  /** The shortest time between two entries of a stance. */
  readonly everyMs: number;
  /** Entries of a stance after its first one. */
  readonly most: number;
}

const DEFAULTS = { requoteTicks: 5, requoteSeconds: 5, maxRequotes: 10 };
/** How long the next order of an entry takes: the end of the last one, confirmed, and a pass of the worker. */
const REPLACED_WITHIN_MS = 2_000;

/** Returns the rules of a strategy whose entries rest; undefined for any other. */
export function requoteRules({ sizing }: Pick<RiskPolicy, 'sizing'>, strategy: string): RequoteRules | undefined {
  const own = sizing.find((one) => one.strategy === strategy);
  if (own?.entry !== 'Make') return undefined;
  const { requoteTicks, requoteSeconds, maxRequotes } = { ...DEFAULTS, ...own.requote };
  return { ticks: requoteTicks, everyMs: requoteSeconds * 1_000, most: maxRequotes };
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
  const begun = rules && attemptsOf(state.entryAttempts, signal);
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

/**
 * Returns when an entry that rests is cancelled because the market has left it behind. Undefined where no order would
 * follow, because all are used up or the signal is too old by then: it keeps its place in the queue until its deadline.
 */
export function requoteTermsOf(
  state: RiskState,
  signal: Signal,
  { side, price }: Pick<OrderRequest, 'side' | 'price'>,
): RequoteTerms | undefined {
  const { policy, nowMs, market } = state;
  const rules = side === 'buy' ? requoteRules(policy, signal.strategy) : undefined;
  if (rules === undefined || market.instrument === undefined) return undefined;
  if ((attemptsOf(state.entryAttempts, signal)?.count ?? 0) >= rules.most) return undefined;
  const fromMs = nowMs + rules.everyMs;
  const untilMs = Math.min(signal.changedAt + policy.entryValidMs - REPLACED_WITHIN_MS, nowMs + policy.orderDeadlineMs);
  if (fromMs >= untilMs) return undefined;
  return { above: (price + BigInt(rules.ticks) * market.instrument.tickSize) as Decimal, fromMs, untilMs };
}
