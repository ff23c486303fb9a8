import { isMoreRestrictive, type TradingState } from '../../../../../services/shared/domain/trading-state.ts';
import type { OperatorSource } from './requests.ts';

/** Valid values of the field of each source: the trading state that one requests, and its text. */
const VALUES: Readonly<Record<OperatorSource, readonly (readonly [TradingState, string])[]>> = {
  spec: [
    ['Active', 'false'],
    ['Halted', 'true'],
  ],
  'spec-flatten': [
    ['Active', 'false'],
    ['Flattening', 'true'],
  ],
  'spec-state': [
    ['Active', 'Active'],
    ['Reducing', 'Reducing'],
    ['Halted', 'Halted'],
  ],
  annotation: [
    ['Active', 'Active'],
    ['Reducing', 'Reducing'],
    ['Flattening', 'Flattening'],
    ['Halted', 'Halted'],
  ],
  // No field shows it.
  swap: [],
};

/**
 * Returns the least restrictive value of a field that requests a state or a more restrictive one; undefined if it has
 * none, such as spec.flatten for Halted, which only a value that is not understood requests.
 */
export function valueFor(source: OperatorSource, state: TradingState): string | undefined {
  return VALUES[source].find(([requested]) => !isMoreRestrictive(state, requested))?.[1];
}
