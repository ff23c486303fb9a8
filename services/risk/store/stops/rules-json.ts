import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { formatDecimal } from '../../../shared/domain/decimal.ts';

/** Returns the stops as `stopRules` of the settings reads them; null if there are none. */
export function rulesJson(rules: StopRules | undefined): string | null {
  const entries = Object.entries(rules ?? {}).map(([kind, value]) => [
    kind,
    typeof value === 'bigint' ? formatDecimal(value) : value,
  ]);
  return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries));
}
