import type { RiskDocument } from '../../../services/shared/contracts/services/risk.ts';
import { breakerFields } from '../../api/v1alpha1/trading-stack/breakers.ts';
import type { TradingStackSpec } from '../../api/v1alpha1/trading-stack/spec.ts';

/** Returns the breakers that the spec has; undefined if there are none. */
export function breakerPart(risk: TradingStackSpec['risk']): RiskDocument['breakers'] {
  const given = Object.entries(risk).filter(([name, value]) => name in breakerFields && value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
