import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import type { SourceState, TradingState } from '../domain/trading-state.ts';
import { createLogger } from '../runtime/logger.ts';
import { createStateMetrics } from './state-metrics.ts';
import { TradingStates } from './trading-states.ts';

let registry: Registry;
let states: TradingStates;
let record: readonly SourceState[];

beforeEach(() => {
  registry = new Registry();
  record = [];
  const store = {
    readTradingStates: async () => await Promise.resolve(record),
    setTradingState: async () => await Promise.resolve(undefined),
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  states = new TradingStates({ store, clock: virtualClock(), log, metrics: createStateMetrics(registry) });
});

function request(state: TradingState, revision: number, source = 'spec'): void {
  states.apply({ source, state, author: 'ada', reason: 'why', revision });
}

async function lines(metric: string): Promise<readonly string[]> {
  const text = await registry.getSingleMetricAsString(metric);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const current = async () => (await lines('tradingstack_trading_state')).filter((line) => line.endsWith(' 1'));

it('shows the trading state that applies, from the start of the process', async () => {
  expect(await lines('tradingstack_trading_state')).toEqual([
    'tradingstack_trading_state{state="Active"} 0',
    'tradingstack_trading_state{state="Reducing"} 1',
    'tradingstack_trading_state{state="Flattening"} 0',
    'tradingstack_trading_state{state="Halted"} 0',
  ]);
  await states.load();
  expect(await current()).toEqual(['tradingstack_trading_state{state="Active"} 1']);
});

it('shows a state that a command or the record sets', async () => {
  await states.load();
  request('Reducing', 1);
  expect(await current()).toEqual(['tradingstack_trading_state{state="Reducing"} 1']);
  record = [{ source: 'desk', state: 'Halted', author: '', reason: '', revision: 0, sinceMs: 1 }];
  await states.load();
  expect(await current()).toEqual(['tradingstack_trading_state{state="Halted"} 1']);
});

it('counts commands by source and outcome, and every source that it does not know as one', async () => {
  request('Halted', 5);
  request('Halted', 5);
  request('Active', 5);
  request('Halted', 1, 'desk');
  request('Halted', 1, 'desk-2');
  expect([...(await lines('tradingstack_trading_state_commands_total'))].sort()).toEqual([
    'tradingstack_trading_state_commands_total{source="other",outcome="Applied"} 2',
    'tradingstack_trading_state_commands_total{source="spec",outcome="Applied"} 1',
    'tradingstack_trading_state_commands_total{source="spec",outcome="Refused"} 1',
    'tradingstack_trading_state_commands_total{source="spec",outcome="Repeated"} 1',
  ]);
});
