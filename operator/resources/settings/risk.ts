import type { RiskDocument } from '../../../services/shared/contracts/services/risk.ts';
import type { StackContext } from '../stack-context.ts';
import { postgresPart, redisPart, stackPart, symbolsOf } from './settings-parts.ts';

export function buildRiskSettings(context: StackContext): RiskDocument {
  const { risk, strategies } = context.spec;
  const { entryValidMs, orderDeadlineMs, ...limits } = risk;
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'risk'),
    postgres: postgresPart(context, 'risk'),
    halt: false,
    limits,
    symbols: symbolsOf(context),
    sizing: strategies.map(({ name, orderNotional, entry, parameters: { barSeconds } }) => ({
      strategy: name,
      orderNotional,
      entry,
      barSeconds,
    })),
    entryValidMs,
    orderDeadlineMs,
  };
}
