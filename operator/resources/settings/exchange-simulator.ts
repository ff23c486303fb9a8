import type { ExchangeSimulatorDocument } from '../../../services/shared/contracts/services/exchange-simulator.ts';
import { assetsOf } from '../../../services/shared/domain/instrument.ts';
import { defaultInstrumentRules } from '../../api/v1alpha1/trading-stack/paper.ts';
import type { StackContext } from '../stack-context.ts';
import { stackPart } from './settings-parts.ts';

export function buildExchangeSimulatorSettings(context: StackContext): ExchangeSimulatorDocument {
  const { paper, venue, instruments } = context.spec;
  return {
    stack: stackPart(context),
    instruments: instruments.map(({ symbol }) => ({
      ...assetsOf(symbol),
      ...(paper.instruments.find((rules) => rules.symbol === symbol) ?? defaultInstrumentRules(symbol)),
    })),
    tape: venue.tape,
    requoteMs: paper.requoteMs,
    balances: paper.balances,
    seed: paper.seed,
    // An older release does not know the member.
    ...(paper.faults === true ? { faults: true } : {}),
  };
}
