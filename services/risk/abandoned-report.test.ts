import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { riskTestSettings as settings } from '../../test/fixtures/risk-settings.ts';
import { held, NOW, openBuy } from '../../test/fixtures/risk-state.ts';
import { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from '../replay/memory-risk-store.ts';
import { ZERO } from '../shared/domain/decimal.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { createAbandonedReport } from './abandoned-report.ts';
import { createAccountReports } from './account-report.ts';
import { createRiskMetrics } from './metrics.ts';

const gone = { strategy: 'gone', symbol: 'XRP/ETH', reason: 'PositionAbandoned', message: '50 are held' } as const;
const other = { ...gone, strategy: 'other' };

it('degrades the check while there is such a position, and logs each one once, until it is gone', async () => {
  const lines: string[] = [];
  const registry = new Registry();
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const report = createAbandonedReport(createRiskMetrics(registry), log);
  expect(report.check()).toEqual({ ok: true, reason: 'Ok', message: '' });
  for (const positions of [[gone], [gone, other]]) report.onRead(positions);
  const message = 'gone XRP/ETH: 50 are held; and 1 more';
  expect(report.check()).toEqual({ ok: true, reason: 'PositionAbandoned', message });
  expect(report.figures()).toEqual({ abandonedPositions: 2, abandonedPosition: 'gone XRP/ETH: 50 are held' });
  expect(await registry.metrics()).toContain('tradingstack_risk_abandoned_positions 2');
  report.onRead([{ ...other, reason: 'CoinsMissing' }]);
  expect(report.check().reason).toBe('CoinsMissing');
  report.onRead([]);
  expect([report.check().reason, report.figures()]).toEqual(['Ok', { abandonedPositions: 0, abandonedPosition: null }]);
  report.onRead([gone]);
  expect(lines.map((line) => (JSON.parse(line) as typeof gone).strategy)).toEqual(['gone', 'other', 'other', 'gone']);
});

it('takes the positions of each look at the account', async () => {
  const reports = createAccountReports({
    settings,
    market: new MarketView(settings.symbols),
    metrics: createRiskMetrics(new Registry()),
    log: pino({ level: 'silent' }),
  });
  const account = await new MemoryRiskStore(new MemoryExecutionStore(), () => {}).readAccount(NOW);
  reports.onRead({ ...account, positions: held('50', '0.07', 'gone') }, NOW);
  expect(reports.figures()).toMatchObject({ unreadRows: 0, abandonedPositions: 1 });
  expect(reports.abandoned.check().message).toMatch(/^gone XRP\/ETH: 50 are held/);
  const balances = [{ asset: 'XRP', ledger: ZERO, reconciledAtMs: NOW }];
  const without = { ...account, positions: held('50'), balances };
  const sale = { ...openBuy, side: 'sell', reservedAsset: 'XRP', reserved: openBuy.quantity } as const;
  const reasons = [without, { ...without, liveOrders: [sale] }].map((given) => {
    reports.onRead(given, NOW);
    return reports.abandoned.check().reason;
  });
  expect(reasons).toEqual(['CoinsMissing', 'Ok']);
});
