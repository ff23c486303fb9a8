import { pino } from 'pino';
import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import { unreadRow } from '../../test/fixtures/risk-state.ts';
import { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from '../replay/memory-risk-store.ts';
import type { UnreadAccountRow } from './core/unread-rows.ts';
import { withReport } from './account-report.ts';
import { createRiskMetrics } from './metrics.ts';
import { createUnreadReport, type UnreadReport } from './unread-report.ts';

const other: UnreadAccountRow = { ...unreadRow, table: 'trading.orders', key: 'c1', problem: 'price is missing' };
let lines: string[];
let registry: Registry;
let report: UnreadReport;

beforeEach(() => {
  lines = [];
  registry = new Registry();
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  report = createUnreadReport(createRiskMetrics(registry), log);
});

it('degrades the check with the first row and the number of the others, and passes without any', async () => {
  expect(report.check()).toEqual({ ok: true, reason: 'Ok', message: '' });
  report.onRead([other]);
  expect(report.check()).toEqual({
    ok: true,
    reason: 'RowUnreadable',
    message: 'trading.orders c1: price is missing',
  });
  report.onRead([other, unreadRow, unreadRow]);
  expect(report.check().message).toBe('trading.orders c1: price is missing; and 2 more');
  expect(report.figures()).toEqual({ unreadRows: 3, unreadRow: 'trading.orders c1: price is missing' });
  expect(await registry.metrics()).toContain('tradingstack_risk_unread_rows 3');
  report.onRead([]);
  expect([report.check().reason, report.figures()]).toEqual(['Ok', { unreadRows: 0, unreadRow: null }]);
});

it('logs each row once, until it can be read again', () => {
  for (const rows of [[other], [other, unreadRow], [other], [], [other]]) report.onRead(rows);
  expect(lines.map((line) => (JSON.parse(line) as { table: string }).table)).toEqual([
    'trading.orders',
    'trading.positions',
    'trading.orders',
  ]);
});

it('takes the rows from each look at the account', async () => {
  const store = new MemoryRiskStore(new MemoryExecutionStore(), () => {});
  const account = await store.readAccount(1);
  const reported = withReport(
    { readAccount: async (_nowMs: number) => await Promise.resolve({ ...account, unread: [other] }) },
    ({ unread }) => report.onRead(unread),
  );
  expect((await reported.readAccount(1)).unread).toEqual([other]);
  expect(report.figures()).toMatchObject({ unreadRows: 1 });
});
