import { Counter, Gauge, type Registry } from 'prom-client';
import { TRADING_STATES, type TradingState } from '../domain/trading-state.ts';

/** What became of a command: it changed the state of its source, was known already, or was an old lift. */
export type CommandOutcome = 'Applied' | 'Repeated' | 'Refused';

export interface StateMetrics {
  readonly onState: (current: TradingState) => void;
  readonly onCommand: (source: string, outcome: CommandOutcome) => void;
}

/** A person or a breaker may invent a source, so all others share one label. */
const LABELLED: ReadonlySet<string> = new Set([
  'spec',
  'spec-state',
  'spec-flatten',
  'annotation',
  'command',
  'flatten',
  'execution',
]);

/** Creates the metrics of a process that obeys the trading state. */
export function createStateMetrics(registry: Registry): StateMetrics {
  const states = new Gauge({
    name: 'tradingstack_trading_state',
    help: 'Trading state that applies in this process: 1 for the current one, 0 for the others.',
    labelNames: ['state'],
    registers: [registry],
  });
  const commands = new Counter({
    name: 'tradingstack_trading_state_commands_total',
    help: 'Trading states that this process was asked for, by source and by what became of the command.',
    labelNames: ['source', 'outcome'],
    registers: [registry],
  });
  return {
    onState: (current) => {
      for (const state of TRADING_STATES) states.set({ state }, state === current ? 1 : 0);
    },
    onCommand: (source, outcome) => commands.inc({ source: LABELLED.has(source) ? source : 'other', outcome }),
  };
}
