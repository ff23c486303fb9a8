import type { RiskSettings } from '../../shared/contracts/services/risk.ts';
import type { Pair } from './holdings.ts';

/** Whether the settings still have the strategy of a position or an order. */
export function isConfigured({ sizing }: Pick<RiskSettings, 'sizing'>, { strategy }: Pick<Pair, 'strategy'>): boolean {
  return sizing.some((one) => one.strategy === strategy);
}
