import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { sha256 } from '../shared/runtime/sha256.ts';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { signalMessage } from '../shared/contracts/messages/signal.ts';
import { riskSettings } from '../shared/contracts/services/risk.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { createRiskMetrics } from './metrics.ts';
import { createRiskService, type RiskService } from './service.ts';

const settings = riskSettings.parse({
  stack: { id: 'demo-1', name: 'demo', namespace: 'trading', mode: 'Paper' },
  redis: { host: 'redis', port: 6_379, username: 'risk' },
  postgres: { host: 'postgres', port: 5_432, database: 'trading', user: 'risk' },
  halt: false,
  limits: {
    maxOrderNotional: '1',
    maxPositionNotional: '1',
    maxExposureNotional: '1',
    maxOpenOrders: 3,
    maxOrdersPerSecond: 5,
    priceCollarPercent: '2',
    maxFeedAgeMs: 2_000,
  },
  symbols: ['XRP/ETH'],
  sizing: [{ strategy: 'trend', orderNotional: '0.05', entry: 'Take' }],
  entryValidMs: 5_000,
  orderDeadlineMs: 3_000,
});

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

/** Starts the service with a store that fails once. `decidedIds` lists the signals that reached the store. */
function start(): { readonly service: RiskService; readonly decidedIds: string[] } {
  const decidedIds: string[] = [];
  const service = createRiskService({
    settings,
    release: 'r',
    digest: sha256,
    market: new MarketView(settings.symbols),
    store: {
      decideOnce: async ({ decisionId }) => {
        decidedIds.push(decisionId);
        if (decidedIds.length === 1) throw new Error('Postgres is unavailable');
        return await Promise.resolve({ kind: 'NoAction', reason: 'Flat' });
      },
      publish: async () => await Promise.resolve({ kind: 'ok', id: '1-0' }),
    },
    metrics: createRiskMetrics(new Registry()),
    clock: virtualClock(),
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  return { service, decidedIds };
}

it('drops a signal older than a processed one, and decides the newest each time it is offered', async () => {
  const { service, decidedIds } = start();
  await expect(service.onSignal(signalOf(2_000, 'Long'))).rejects.toThrow('Postgres is unavailable');
  await service.onSignal(signalOf(2_000, 'Long'));
  // Claimed half a minute later from a process that died before acknowledging it: a sale would be wrong now.
  await service.onSignal(signalOf(1_000, 'Flat'));
  await service.onSignal(signalOf(1_000, 'Flat', 'cross'));
  await service.onSignal(signalOf(3_000, 'Flat'));
  expect(decidedIds).toEqual(['trend:XRP/ETH:2000', 'trend:XRP/ETH:2000', 'cross:XRP/ETH:1000', 'trend:XRP/ETH:3000']);
});

it('counts and logs a retried decision once, and a rolled back one never', async () => {
  const registry = new Registry();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const account = { halts: [], positions: [], liveOrders: [], openApprovals: [], balances: [], approvedLastSecond: 0 };
  const clock = virtualClock();
  let failures = 1;
  const service = createRiskService({
    settings,
    release: 'r',
    digest: sha256,
    market: new MarketView(settings.symbols),
    store: {
      // Simulates a deadlock: the rule runs, and runs again.
      decideOnce: async (_question, rule) => {
        rule(account);
        if (failures > 0) {
          failures -= 1;
          throw new Error('rolled back');
        }
        const ruling = rule(account);
        return await Promise.resolve(ruling.kind === 'NoAction' ? ruling : { kind: 'New', decision: ruling.decision });
      },
      publish: async () => await Promise.resolve({ kind: 'ok', id: '1-0' }),
    },
    metrics: createRiskMetrics(registry),
    clock,
    log,
  });
  const signal = signalOf(clock.nowMs(), 'Long');
  await expect(service.onSignal(signal)).rejects.toThrow('rolled back');
  const { values: none } = await registry.getSingleMetric('tradingstack_risk_decisions_total')!.get();
  expect([none, lines]).toEqual([[], []]);
  await service.onSignal(signal);
  const { values } = await registry.getSingleMetric('tradingstack_risk_decisions_total')!.get();
  expect(values.map(({ value, labels }) => [labels['outcome'], value])).toEqual([['Refused', 1]]);
  expect(lines.filter((line) => line.includes('signal decided'))).toHaveLength(1);
});
