import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DAY_MS, equityAt, equityRecord } from '../../../../test/fixtures/breakers.ts';
import { activateRelease } from '../../../../test/harness/stores/active-release.ts';
import { createTestDatabase, MIGRATIONS, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { recordVenueHealth } from '../../../execution/store/venue/record-venue-health.ts';
import { migrate } from '../../../shared/postgres/migrate.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { nextEquity } from '../../core/breakers/equity/next-equity.ts';
import { accountAfter } from '../../core/account-after.ts';
import { riskStatements } from '../risk-store.ts';
import { breakerStoreContract } from './breaker-store-contract.ts';

const STACK = 'demo-1a2b3c4d';
const NOW = 1_800_000_000_000;
const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
let execution: ReturnType<typeof createPool>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  await activateRelease(database.pool, STACK, 'r1');
  // Connects with the service's own role, so the tests cover its grants.
  pool = createPool({ ...database.as('risk'), applicationName: 'risk', log });
  execution = createPool({ ...database.as('execution'), applicationName: 'execution', log });
});

beforeEach(async () => {
  await database.pool.query(
    `TRUNCATE risk.equity, risk.breakers, risk.breaker_resets, trading.transfers, trading.ledger_postings, trading.fee_totals,
       trading.venue_health, trading.balances, risk.decisions CASCADE`,
  );
});

afterAll(async () => {
  await Promise.all([pool.end(), execution.end()]);
  await database.close();
});

const TRANSFER = `INSERT INTO trading.transfers (stack, asset, amount, author, reason, booked_at) VALUES ($1, $2, $3, 'ada', 'why', $4)`;
const AGE_HEALTH = `UPDATE trading.venue_health SET observed_at = observed_at - $2 * interval '1 millisecond' WHERE stack = $1`;
const RESET = `INSERT INTO risk.breaker_resets (stack, author, reason) VALUES ($1, $2, $3) RETURNING id::text`;
const POSTING = `INSERT INTO trading.ledger_postings (stack, event_id, line, account, asset, amount) VALUES ($1, $2, 1, 'venue', $3, -$4::numeric), ($1, $2, 2, 'fees', $3, $4)`;

breakerStoreContract('Postgres', async () => {
  let events = 0;
  return await Promise.resolve({
    store: riskStatements(pool, STACK, { accountAfter }),
    bookTransfer: async (asset, amount) =>
      void (await database.pool.query(TRANSFER, [STACK, asset, amount, new Date()])),
    requestTransfer: async (asset, amount) => void (await database.pool.query(TRANSFER, [STACK, asset, amount, null])),
    payFee: async (asset, amount) => {
      events += 1;
      await database.pool.query(POSTING, [STACK, `fill:${events}`, asset, amount]);
    },
    recordVenueHealth: async (epoch, health, ageMs) => {
      await recordVenueHealth(execution, STACK, { epoch, health });
      await database.pool.query(AGE_HEALTH, [STACK, ageMs]);
    },
    requestReset: async (author) => {
      const { rows } = await database.pool.query<{ readonly id: string }>(RESET, [STACK, author, 'reviewed']);
      return rows[0]?.id ?? '';
    },
  });
});

it('keeps the breakers, the equity and the fees of two stacks apart', async () => {
  const other = riskStatements(pool, 'other-1', { accountAfter });
  const trip = { breaker: 'Drawdown', symbol: '', threshold: '1', detail: 'x', inputs: {}, trippedAtMs: NOW } as const;
  await other.tripBreaker(trip);
  await database.pool.query(POSTING, ['other-1', 'fill:1', 'MX', '1']);
  await database.pool.query(TRANSFER, ['other-1', 'ETH', '1', new Date()]);
  await database.pool.query(RESET, ['other-1', 'ada', 'why']);
  const mine = await riskStatements(pool, STACK, { accountAfter }).readAccount(NOW);
  expect([mine.breakers.length, mine.feesPaid.size, mine.bookedTransfers.size, mine.breakerResets.length]).toEqual([
    0, 0, 0, 0,
  ]);
  expect((await other.readAccount(NOW)).breakers).toEqual([trip]);
});

it('reads a balance that was never compared, with the time 0', async () => {
  await database.pool.query(`INSERT INTO trading.balances (stack, asset, ledger) VALUES ($1, 'XRP', 5)`, [STACK]);
  const { balances } = await riskStatements(pool, STACK, { accountAfter }).readAccount(NOW);
  expect(balances).toEqual([{ asset: 'XRP', ledger: 5n * 10n ** 18n, reconciledAtMs: 0, drifting: false }]);
});

it('knows no rates once a release that has none has written the equity', async () => {
  const store = riskStatements(pool, STACK, { accountAfter });
  await store.saveEquity(equityRecord({ revision: 0 }));
  expect((await store.readAccount(NOW)).equityRecord?.rates.get('XRP')).toBe(parseDecimal('0.01'));
  await database.pool.query(`UPDATE risk.equity SET revision = revision + 1, equity = 7 WHERE stack = $1`, [STACK]);
  expect((await store.readAccount(NOW)).equityRecord).toMatchObject({ revision: 2, rates: new Map() });
});

it('keeps when and why a breaker left', async () => {
  const store = riskStatements(pool, STACK, { accountAfter });
  const key = { breaker: 'PriceMove', symbol: 'XRP/ETH', trippedAtMs: NOW } as const;
  await store.tripBreaker({ ...key, threshold: '5', detail: 'moved', inputs: {} });
  await store.leaveBreaker({ ...key, leftAtMs: NOW + 300_000, cause: 'CooledDown' });
  const { rows } = await database.pool.query('SELECT threshold, left_at, left_cause FROM risk.breakers');
  expect(rows).toEqual([{ threshold: '5', left_at: new Date(NOW + 300_000), left_cause: 'CooledDown' }]);
});

it.each([
  ['no author', '', 'why', 'breaker_resets_author_given'],
  ['no reason', 'ada', ' ', 'breaker_resets_reason_given'],
])('refuses a reset with %s', async (_what, author, reason, constraint) => {
  await expect(database.pool.query(RESET, [STACK, author, reason])).rejects.toMatchObject({
    code: '23514',
    constraint,
  });
});

it('keeps the first equity of the day and the peak through a restart, and begins the next UTC day', async () => {
  const before = riskStatements(pool, STACK, { accountAfter });
  const exact = parseDecimal('100.000000000000000001');
  await before.saveEquity(equityRecord({ revision: 0, dayStart: exact, peak: exact }));
  const restarted = createPool({ ...database.as('risk'), applicationName: 'restarted', log });
  const after = riskStatements(restarted, STACK, { accountAfter });
  const look = async (equity: string, nowMs: number) => {
    const { equityRecord: record, bookedTransfers: transfers, feesPaid: fees } = await after.readAccount(nowMs);
    const next = nextEquity(record, { valued: equityAt(equity), transfers, fees, nowMs });
    expect(next !== undefined && (await after.saveEquity(next))).toBe(true);
    return (await before.readAccount(nowMs)).equityRecord;
  };
  expect(await look('90', DAY_MS + 86_399_999)).toMatchObject({
    revision: 2,
    dayMs: DAY_MS,
    dayStart: exact,
    peak: exact,
  });
  const nextDay = { dayMs: DAY_MS + 86_400_000, dayStart: parseDecimal('89'), peak: exact };
  expect(await look('89', DAY_MS + 86_400_000)).toMatchObject({ revision: 3, ...nextDay });
  expect(await look('88', DAY_MS + 86_400_001)).toMatchObject({ revision: 4, ...nextDay });
  await restarted.end();
});

it('shows a breaker to every decision after the commit of its trip', async () => {
  const store = riskStatements(pool, STACK, { accountAfter });
  const seen: number[] = [];
  const decide = async (decisionId: string) => {
    const subject = { decisionId, strategy: 'cross', symbol: 'XRP/ETH' };
    await store.decideAll({ stack: STACK, release: 'r1', nowMs: NOW }, [subject], ({ breakers }) => {
      seen.push(breakers.length);
      return { kind: 'NoAction', reason: 'probe' };
    });
  };
  await decide('one');
  await store.tripBreaker({
    breaker: 'DailyLoss',
    symbol: '',
    threshold: '1',
    detail: 'x',
    inputs: {},
    trippedAtMs: NOW,
  });
  await decide('two');
  expect(seen).toEqual([0, 1]);
});

it('sums the fees that were posted before the migration', async () => {
  const old = await createTestDatabase();
  const before = mkdtempSync(join(tmpdir(), 'migrations-'));
  for (const name of readdirSync(MIGRATIONS).filter((one) => one < '000024'))
    copyFileSync(join(MIGRATIONS, name), join(before, name));
  await migrate({ pool: old.pool, directory: before, log });
  await old.pool.query(POSTING, [STACK, 'fill:1', 'MX', '0.25']);
  await migrate({ pool: old.pool, directory: MIGRATIONS, log });
  await old.pool.query(POSTING, [STACK, 'fill:2', 'MX', '0.5']);
  const { rows } = await old.pool.query('SELECT asset, amount::text FROM trading.fee_totals');
  expect(rows).toEqual([{ asset: 'MX', amount: '0.750000000000000000' }]);
  await old.close();
});
