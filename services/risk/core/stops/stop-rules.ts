import type { RiskSettings, StopRules } from '../../../shared/contracts/services/risk.ts';
import { isConfigured } from '../configured-strategy.ts';
import type { Pair } from '../holdings.ts';

type Strategies = Pick<RiskSettings, 'sizing'>;

/**
 * Returns the stops that apply to a position: those of its strategy, also if it has none. If the strategy is not
 * configured any more, those stored with the position: a stop protects until that is closed, or a person removes it.
 */
export function rulesInForce(
  policy: Strategies,
  pair: Pair,
  record: { readonly rules: StopRules | undefined } | undefined,
): StopRules | undefined {
  return presentRules(isConfigured(policy, pair) ? rulesOf(policy, pair) : record?.rules);
}

/** Returns the stops of the strategy; undefined if it has none, or is not configured. */
export function rulesOf({ sizing }: Strategies, { strategy }: Pair): StopRules | undefined {
  return sizing.find((one) => one.strategy === strategy)?.stops;
}

/** Whether two sets of stops are the same. None at all is the same as a set without any. */
export function sameRules(left: StopRules = {}, right: StopRules = {}): boolean {
  return KINDS.every((kind) => left[kind] === right[kind]);
}

/** Returns undefined for a set without any stop. */
export function presentRules(rules: StopRules | undefined): StopRules | undefined {
  return sameRules(rules) ? undefined : rules;
}

const KINDS = ['stopLossPercent', 'trailingStopPercent', 'takeProfitPercent', 'maxHoldingSeconds'] as const;
