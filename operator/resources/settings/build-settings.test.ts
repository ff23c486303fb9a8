import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { z } from 'zod';
import { CATALOGUE, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import { dbWriterSettings } from '../../../services/shared/contracts/services/db-writer.ts';
import { exchangeSimulatorSettings } from '../../../services/shared/contracts/services/exchange-simulator.ts';
import { executionSettings } from '../../../services/shared/contracts/services/execution.ts';
import { migrationsSettings } from '../../../services/shared/contracts/services/migrations.ts';
import { ENTRIES, riskSettings } from '../../../services/shared/contracts/services/risk.ts';
import { signalSettings } from '../../../services/shared/contracts/services/signal.ts';
import { wsSettings } from '../../../services/shared/contracts/services/ws.ts';
import { loadSettings } from '../../../services/shared/runtime/service-environment.ts';
import { cross } from '../../../test/fixtures/sample-stack.ts';
import { stackContext } from '../../../test/fixtures/stack-observation.ts';
import { buildSettings } from './build-settings.ts';

const SCHEMAS: Readonly<Record<ServiceName, z.ZodType>> = {
  migrations: migrationsSettings,
  'exchange-simulator': exchangeSimulatorSettings,
  ws: wsSettings,
  'db-writer': dbWriterSettings,
  signal: signalSettings,
  risk: riskSettings,
  execution: executionSettings,
};

it.each(CATALOGUE.map(({ name }) => name))('renders settings that %s can parse', (service) => {
  const document: unknown = JSON.parse(JSON.stringify(buildSettings(stackContext(), service)));
  expect(SCHEMAS[service].safeParse(document).error?.issues).toBeUndefined();
});

it('identifies the stack and points to its own simulator', () => {
  const { stack, venue } = buildSettings(stackContext(), 'execution');
  expect(stack).toEqual({ id: 'demo-01234567', name: 'demo', namespace: 'trading', mode: 'Paper' });
  expect(venue).toMatchObject({
    restUrl: 'http://demo-exchange-simulator:8085',
    wsUrl: 'ws://demo-exchange-simulator:8085/ws',
  });
});

it('overrides the default rules of a pair with those of the spec', () => {
  const context = stackContext({ paper: { instruments: [{ symbol: 'XRP/ETH', tickSize: '0.001' }] } });
  const [instrument] = buildSettings(context, 'exchange-simulator').instruments;
  expect(instrument).toMatchObject({ symbol: 'XRP/ETH', base: 'XRP', quote: 'ETH', tickSize: '0.001', lotSize: '0.1' });
});

it('enables faults of the simulator only for a stack that asks for them, and sends nothing of it to an older release', () => {
  expect(buildSettings(stackContext(), 'exchange-simulator')).not.toHaveProperty('faults');
  expect(buildSettings(stackContext({ paper: { faults: false } }), 'exchange-simulator')).not.toHaveProperty('faults');
  expect(buildSettings(stackContext({ paper: { faults: true } }), 'exchange-simulator').faults).toBe(true);
});

it('gives risk the order size and the bars of each strategy', () => {
  const { sizing, limits } = buildSettings(stackContext(), 'risk');
  expect(sizing).toContainEqual({ strategy: 'cross', orderNotional: '0.2', entry: 'Take', barSeconds: 1 });
  expect(limits).toMatchObject({ maxOrderNotional: '0.5', maxOpenOrders: 20 });
});

it('gives risk the currency of the spec, and nothing of it to an older release', () => {
  expect(buildSettings(stackContext({ risk: { currency: 'XRP' } }), 'risk').currency).toBe('XRP');
  expect(buildSettings(stackContext(), 'risk')).not.toHaveProperty('currency');
});

it('gives risk the breakers that the spec has, and nothing of them to an older release', () => {
  const breakers = {
    maxDailyLoss: '12.5',
    maxDrawdownPercent: '20',
    onDrawdown: 'Halted',
    maxSpreadPercent: '1.5',
    maxMovePercent: '10',
    moveWindowSeconds: 30,
    maxFeedGaps: 3,
    feedGapWindowMinutes: 5,
    breakerCoolDownSeconds: 60,
  };
  const of = (risk: object) => {
    const document = buildSettings(stackContext({ risk }), 'risk');
    expect(riskSettings.safeParse(document).error?.issues).toBeUndefined();
    return document.breakers;
  };
  expect(of(breakers)).toEqual(breakers);
  for (const [name, value] of Object.entries(breakers)) expect(of({ [name]: value })).toEqual({ [name]: value });
  expect(buildSettings(stackContext(), 'risk')).not.toHaveProperty('breakers');
});

it('gives risk the requotes that a resting entry has, and nothing of them to an older release', () => {
  const requote = { requoteTicks: 3, requoteSeconds: 2, maxRequotes: 0 };
  const of = (change: object) => {
    const document = buildSettings(stackContext({ strategies: [cross({ entry: 'Make', ...change })] }), 'risk');
    expect(riskSettings.safeParse(document).error?.issues).toBeUndefined();
    return document.sizing[0];
  };
  expect(of(requote)).toMatchObject({ entry: 'Make', requote });
  for (const [name, value] of Object.entries(requote))
    expect(of({ [name]: value })?.requote).toEqual({ [name]: value });
  expect(of({})).not.toHaveProperty('requote');
});

it.each(ENTRIES)('gives risk the entry %s', (entry) => {
  const document = buildSettings(stackContext({ strategies: [cross({ entry })] }), 'risk');
  expect(riskSettings.parse(document).sizing[0]?.entry).toBe(entry);
});

it('gives risk the stops that a strategy has, and nothing else of them to an older release', () => {
  const stops = {
    stopLossPercent: '5',
    trailingStopPercent: '7.5',
    takeProfitPercent: '120',
    maxHoldingSeconds: 3_600,
  };
  const of = (change: object) => {
    const document = buildSettings(stackContext({ strategies: [cross(change)] }), 'risk');
    expect(riskSettings.safeParse(document).error?.issues).toBeUndefined();
    return document.sizing[0];
  };
  expect(of(stops)).toMatchObject({ strategy: 'cross', stops });
  for (const [name, value] of Object.entries(stops)) expect(of({ [name]: value })?.stops).toEqual({ [name]: value });
  expect(of({})).not.toHaveProperty('stops');
});

it.each(['risk', 'execution'] as const)(
  'writes no halt to %s, in a document that older releases can parse',
  (service) => {
    const document = buildSettings(stackContext({ halt: true }), service);
    expect(document, 'releases that read the halt from it refuse a document without it').toMatchObject({ halt: false });
    expect(SCHEMAS[service].safeParse({ ...document, halt: true }).error?.issues).toMatchObject([
      { path: ['halt'], message: expect.stringContaining('upgrade the operator') },
    ]);
  },
);

it('writes the limit of orders per second only when the spec has one, for releases that do not know it', () => {
  const of = (ordersPerSecond?: number) => {
    const context = stackContext();
    const venue = { ...context.spec.venue, ...(ordersPerSecond !== undefined && { ordersPerSecond }) };
    return buildSettings({ ...context, spec: { ...context.spec, venue } }, 'execution');
  };
  expect(of()).not.toHaveProperty('ordersPerSecond');
  expect(executionSettings.parse(of()).ordersPerSecond).toBe(5);
  expect(of(12)).toMatchObject({ ordersPerSecond: 12 });
});

it('writes the days of history only when the spec has them, for releases that do not know them', () => {
  const of = (historyDays?: number) => {
    const context = stackContext();
    const postgres = { ...context.spec.postgres, ...(historyDays !== undefined && { historyDays }) };
    return buildSettings({ ...context, spec: { ...context.spec, postgres } }, 'db-writer');
  };
  expect(of()).not.toHaveProperty('historyDays');
  expect(dbWriterSettings.parse(of()).historyDays).toBe(365);
  expect(of(3_650)).toMatchObject({ historyDays: 3_650 });
});

it.each([
  ['db-writer', 'historyDays', dbWriterSettings.omit({ historyDays: true }), 30],
  ['execution', 'ordersPerSecond', executionSettings.omit({ ordersPerSecond: true }), 3],
  ['risk', 'currency', riskSettings.omit({ currency: true }), 'ETH'],
] as const)(
  'a release of %s before %s starts with a document that has it, and ignores it',
  (service, field, older, value) => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'settings.json');
    const document = buildSettings(stackContext(), service);
    writeFileSync(file, JSON.stringify({ ...document, [field]: value }));
    const ignored: string[] = [];
    const settings = loadSettings<z.ZodType>(older, file, (fields) => ignored.push(...fields));
    expect(settings).toEqual(older.parse(document));
    expect(ignored).toEqual([field]);
  },
);

it('passes the limits of the venue on to the breakers of risk', () => {
  const context = stackContext();
  const limits = { maxVenueErrorPercent: '20', maxVenueLatencyMs: 500, maxVenuePauseSeconds: 5 };
  const document = buildSettings(
    { ...context, spec: { ...context.spec, risk: { ...context.spec.risk, ...limits } } },
    'risk',
  );
  expect(document).toMatchObject({ breakers: limits });
  expect(SCHEMAS.risk.safeParse(document).success).toBe(true);
});
