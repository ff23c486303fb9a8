import type { SignalDocument } from '../../../services/shared/contracts/services/signal.ts';
import type { StrategySpec } from '../../api/v1alpha1/trading-stack/strategy.ts';
import type { StackContext } from '../stack-context.ts';
import { redisPart, stackPart } from './settings-parts.ts';

export function buildSignalSettings(context: StackContext): SignalDocument {
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'signal'),
    strategies: context.spec.strategies.map(strategyPart),
  };
}

function strategyPart({ name, kind, symbols, parameters }: StrategySpec): SignalDocument['strategies'][number] {
  const { barSeconds, entryBars = 0, exitBars = 0, fastBars = 0, slowBars = 0 } = parameters;
  const base = { name, symbols, barSeconds };
  return kind === 'Donchian' ? { ...base, kind, entryBars, exitBars } : { ...base, kind, fastBars, slowBars };
}
