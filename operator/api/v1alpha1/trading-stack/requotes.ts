import type { Entry } from '../../../../services/shared/contracts/services/risk.ts';
import { intField } from '../fields.ts';
import type { ValidationRule } from '../validation-rule.ts';

/** How a resting entry follows the market. Written to the settings only where given: risk has the defaults. */
export const requoteFields = {
  requoteTicks: intField(
    'Entry Make only: distance in ticks of the pair by which the best bid may exceed a resting order. Above it the order ' +
      'is cancelled, at the earliest requoteSeconds after it was approved, if another order follows. Default: 5.',
    1,
    10_000,
  ).exactOptional(),
  requoteSeconds: intField(
    'Entry Make only: shortest time between two entry orders of a signal, in seconds. After an order has ended without ' +
      'buying all, at risk.orderDeadlineMs or because it would have taken, the next one buys the rest at the best bid, ' +
      'until the signal is older than risk.entryValidMs. Default: 5.',
    1,
    3_600,
  ).exactOptional(),
  maxRequotes: intField(
    'Entry Make only: most entry orders of a signal after its first one. 0 makes none. Default: 10.',
    0,
    100,
  ).exactOptional(),
};

/** Only an entry that rests is quoted again. */
export const RESTS: ValidationRule = {
  rule: "self.entry == 'Make' || (!has(self.requoteTicks) && !has(self.requoteSeconds) && !has(self.maxRequotes))",
  message: 'requoteTicks, requoteSeconds and maxRequotes need entry Make',
};

/** The rule above, for the reconciler. Empty if it holds. */
export function requoteProblems(strategy: {
  readonly entry: Entry;
  readonly requoteTicks?: number | undefined;
  readonly requoteSeconds?: number | undefined;
  readonly maxRequotes?: number | undefined;
}): readonly string[] {
  const { entry, requoteTicks, requoteSeconds, maxRequotes } = strategy;
  return entry === 'Make' || (requoteTicks ?? requoteSeconds ?? maxRequotes) === undefined ? [] : [RESTS.message];
}
