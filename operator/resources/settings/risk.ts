import type { RiskDocument } from '../../../services/shared/contracts/services/risk.ts';
import type { StrategySpec } from '../../api/v1alpha1/trading-stack/strategy.ts';
import type { StackContext } from '../stack-context.ts';
import { breakerPart } from './breaker-part.ts';
import { postgresPart, redisPart, stackPart, symbolsOf } from './settings-parts.ts';

export function buildRiskSettings(context: StackContext): RiskDocument {
  const { risk, strategies } = context.spec;
  const { currency, entryValidMs, orderDeadlineMs } = risk;
  const breakers = breakerPart(risk);
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'risk'),
    postgres: postgresPart(context, 'risk'),
    halt: false,
    // An older release ignores them. They are written only when the spec has them: otherwise an upgrade of the operator
    // would change the document, and restart the service.
    ...(currency !== undefined && { currency }),
    ...(breakers !== undefined && { breakers }),
    limits: limitsPart(risk),
    symbols: symbolsOf(context),
    sizing: strategies.map(sizingPart),
    entryValidMs,
    orderDeadlineMs,
  };
}

function limitsPart(risk: StackContext['spec']['risk']): RiskDocument['limits'] {
  const { maxOrderNotional, maxPositionNotional, maxExposureNotional, maxOpenOrders, maxOrdersPerSecond } = risk;
  const { priceCollarPercent, maxFeedAgeMs, maxTradeAgeMs } = risk;
  const amounts = { maxOrderNotional, maxPositionNotional, maxExposureNotional };
  return { ...amounts, maxOpenOrders, maxOrdersPerSecond, priceCollarPercent, maxFeedAgeMs, maxTradeAgeMs };
}

/** Stops and requotes are written only when the spec has some, like the currency and the breakers. */
function sizingPart(strategy: StrategySpec): RiskDocument['sizing'][number] {
  const { name, orderNotional, entry, parameters, requoteTicks, requoteSeconds, maxRequotes } = strategy;
  const { stopLossPercent, trailingStopPercent, takeProfitPercent, maxHoldingSeconds } = strategy;
  const stops = {
    ...(stopLossPercent !== undefined && { stopLossPercent }),
    ...(trailingStopPercent !== undefined && { trailingStopPercent }),
    ...(takeProfitPercent !== undefined && { takeProfitPercent }),
    ...(maxHoldingSeconds !== undefined && { maxHoldingSeconds }),
  };
  const requote = {
    ...(requoteTicks !== undefined && { requoteTicks }),
    ...(requoteSeconds !== undefined && { requoteSeconds }),
    ...(maxRequotes !== undefined && { maxRequotes }),
  };
  return {
    strategy: name,
    orderNotional,
    entry,
    barSeconds: parameters.barSeconds,
    ...(Object.keys(requote).length > 0 && { requote }),
    ...(Object.keys(stops).length > 0 && { stops }),
  };
}
