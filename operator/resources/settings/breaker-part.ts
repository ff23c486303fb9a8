import type { RiskDocument } from '../../../services/shared/contracts/services/risk.ts';
import type { TradingStackSpec } from '../../api/v1alpha1/trading-stack/spec.ts';

/** Returns the breakers that the spec has; undefined if there are none. */
export function breakerPart(risk: TradingStackSpec['risk']): RiskDocument['breakers'] {
  const { maxDailyLoss, maxDrawdownPercent, onDrawdown, breakerCoolDownSeconds } = risk;
  const { maxSpreadPercent, maxMovePercent, moveWindowSeconds, maxFeedGaps, feedGapWindowMinutes } = risk;
  const breakers = {
    ...(maxDailyLoss !== undefined && { maxDailyLoss }),
    ...(maxDrawdownPercent !== undefined && { maxDrawdownPercent }),
    ...(onDrawdown !== undefined && { onDrawdown }),
    ...(maxSpreadPercent !== undefined && { maxSpreadPercent }),
    ...(maxMovePercent !== undefined && { maxMovePercent }),
    ...(moveWindowSeconds !== undefined && { moveWindowSeconds }),
    ...(maxFeedGaps !== undefined && { maxFeedGaps }),
    ...(feedGapWindowMinutes !== undefined && { feedGapWindowMinutes }),
    ...(breakerCoolDownSeconds !== undefined && { breakerCoolDownSeconds }),
  };
  return Object.keys(breakers).length === 0 ? undefined : breakers;
}
