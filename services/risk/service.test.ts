import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../shared/runtime/sha256.ts';
import { riskTestSettings as settings } from '../../test/fixtures/risk-settings.ts';
import { held, openBuy, xrpEth } from '../../test/fixtures/risk-state.ts';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { signalMessage } from '../shared/contracts/messages/signal.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { MarketView } from '../shared/market/market-view.ts';
import type { TradingState } from '../shared/domain/trading-state.ts';
import type { Account } from './core/account.ts';
import type { OrderView, RequestedState } from './core/risk-state.ts';
import { createRiskMetrics } from './metrics.ts';
import type { Ruling } from './core/rulings.ts';
import type { Outcome, RiskStore } from './ports.ts';
import { createRiskService } from './service.ts';

function signalOf(bar: number, stance: 'Long' | 'Flat', strategy = 'trend') {
  return signalMessage.parse({
    id: `${strategy}:XRP/ETH:${bar}`,
    strategy,
    symbol: 'XRP/ETH',
    stance,
    changedAt: bar,
    barClose: bar,
    referencePrice: '1',
    release: 'r',
  });
}

const ACCOUNT: Account = {
  tradingStates: [],
  positions: [],
  liveOrders: [],
  openApprovals: [],
  balances: [],
  entriesLastSecond: 0,
  stances: [],
  entryAttempts: [],
  stops: [],
  cancelRequests: [],
  breakers: [],
  breakerResets: [],
  equityRecord: undefined,
  bookedTransfers: new Map(),
  feesPaid: new Map(),
  canary: undefined,
  unread: [],
  venueHealth: undefined,
};

const publishAll: RiskStore['publish'] = async (orders) =>
  await Promise.resolve(orders.map((_order, index) => ({ kind: 'ok', id: `1-${index}` })));

function outcomeOf(ruling: Ruling): Outcome {
  return ruling.kind === 'NoAction' ? ruling : { kind: 'New', decision: ruling.decision };
}

it('counts and logs a retried decision once, and a rolled back one never', async () => {
  const registry = new Registry();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const clock = virtualClock();
  let failures = 1;
  const service = createRiskService({
    settings,
    release: 'r',
    digest: sha256,
    market: new MarketView(settings.symbols),
    tradingStates: () => [],
    store: {
      // Simulates a deadlock: the rule runs, and runs again.
      decideAll: async (_moment, _subjects, rule) => {
        rule(ACCOUNT, 0, 'All');
        if (failures > 0) {
          failures -= 1;
          throw new Error('rolled back');
        }
        return await Promise.resolve([outcomeOf(rule(ACCOUNT, 0, 'All'))]);
      },
      publish: publishAll,
    },
    metrics: createRiskMetrics(registry),
    clock,
    log,
  });
  const signal = signalOf(clock.nowMs(), 'Long');
  await expect(service.onSignals([signal])).rejects.toThrow('rolled back');
  const { values: none } = await registry.getSingleMetric('tradingstack_risk_decisions_total')!.get();
  expect([none, lines]).toEqual([[], []]);
  await service.onSignals([signal]);
  const { values } = await registry.getSingleMetric('tradingstack_risk_decisions_total')!.get();
  expect(values.map(({ value, labels }) => [labels['outcome'], value])).toEqual([['Refused', 1]]);
  expect(lines.filter((line) => line.includes('signal decided'))).toHaveLength(1);
});

it('keeps the stance of a signal with both of its times, whatever is decided', async () => {
  const rulings: Ruling[] = [];
  const clock = virtualClock();
  const service = createRiskService({
    settings,
    release: 'r',
    digest: sha256,
    market: new MarketView(settings.symbols),
    tradingStates: () => [],
    store: {
      decideAll: async (_moment, _subjects, rule) => {
        rulings.push(rule(ACCOUNT, 0, 'All'));
        return await Promise.resolve([{ kind: 'Repeated', order: undefined }]);
      },
      publish: publishAll,
    },
    metrics: createRiskMetrics(new Registry()),
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  const wants = { strategy: 'trend', symbol: 'XRP/ETH', barClose: clock.nowMs(), changedAt: clock.nowMs() - 3_000 };
  for (const stance of ['Long', 'Flat'] as const)
    await service.onSignals([{ ...signalOf(clock.nowMs(), stance), changedAt: wants.changedAt }]);
  await service.onSignals([signalOf(clock.nowMs() - 60_000, 'Flat')]);
  expect(rulings).toMatchObject([
    { kind: 'Decided', wants: { ...wants, stance: 'Long' } },
    { kind: 'NoAction', wants: { ...wants, stance: 'Flat' } },
    { kind: 'NoAction', reason: 'StaleSignal' },
  ]);
  expect(rulings[2]).not.toHaveProperty('wants');
});

it.each<[string, readonly RequestedState[], readonly RequestedState[]]>([
  ['only this process was commanded', [], [{ source: 'spec', state: 'Halted', reason: 'why' }]],
  ['only the record has', [{ source: 'spec', state: 'Halted', reason: 'why' }], []],
  [
    'the record has, from before a lift that it does not have yet',
    [{ source: 'spec', state: 'Halted', reason: 'why' }],
    [{ source: 'spec', state: 'Active', reason: 'why' }],
  ],
])('refuses orders during a halt that %s', async (_who, recorded, commanded) => {
  const codes: string[] = [];
  const clock = virtualClock();
  const service = createRiskService({
    settings,
    release: 'r',
    digest: sha256,
    market: new MarketView(settings.symbols),
    tradingStates: () => commanded,
    store: {
      decideAll: async (_moment, _subjects, rule) => {
        const ruling = rule({ ...ACCOUNT, tradingStates: recorded }, 0, 'All');
        codes.push(ruling.kind === 'Decided' ? ruling.decision.code : ruling.kind);
        return await Promise.resolve([{ kind: 'Repeated', order: undefined }]);
      },
      publish: publishAll,
    },
    metrics: createRiskMetrics(new Registry()),
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  await service.onSignals([signalOf(clock.nowMs(), 'Long')]);
  expect(codes).toEqual(['Halted']);
});

describe('an exit', () => {
  const signal = signalOf(1_000, 'Flat');
  const exitOf = (states: readonly TradingState[], orders: readonly OrderView[]) => {
    const clock = virtualClock();
    const market = new MarketView(settings.symbols);
    market.onInstruments(new Map([[signal.symbol, xrpEth]]));
    const service = createRiskService({
      settings,
      release: 'r',
      digest: sha256,
      market,
      tradingStates: () => states.map((state, index) => ({ source: `s${index}`, state, reason: '' })),
      store: {
        decideAll: async (_moment, _subjects, rule) =>
          await Promise.resolve([outcomeOf(rule({ ...ACCOUNT, positions: held('30'), liveOrders: orders }, 0, 'All'))]),
        publish: publishAll,
      },
      metrics: createRiskMetrics(new Registry()),
      clock,
      log: createLogger({ name: 'test', level: 'silent' }),
    });
    return service.onExit(signal);
  };
  const live: OrderView = { ...openBuy, strategy: 'trend', side: 'sell', sinceMs: virtualClock().nowMs() };

  it('is decided in the transaction that reads the account', async () => {
    expect(await exitOf(['Flattening'], [])).toMatchObject({ kind: 'New', decision: { code: 'FeedStale' } });
  });

  it.each<[string, readonly TradingState[], readonly OrderView[]]>([
    ['Flattening was lifted meanwhile', ['Active'], []],
    ['another source halted meanwhile', ['Flattening', 'Halted'], []],
    ['an order of the position is live', ['Flattening'], [live]],
  ])('is not decided when %s', async (_what, states, orders) => {
    expect(await exitOf(states, orders)).toEqual({ kind: 'NoAction', reason: 'NotLeaving' });
  });
});
