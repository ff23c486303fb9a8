import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { riskTestSettings } from '../../../../test/fixtures/risk-settings.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { createTestDatabase, MIGRATIONS } from '../../../../test/harness/stores/test-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { migrate } from '../../../shared/postgres/migrate.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { abandonedPositions } from '../../core/abandoned-position.ts';
import { accountAfter } from '../../core/account-after.ts';
import { CONTRACT_STACK as STACK, NOW } from '../contract-decisions.ts';
import { loadAccount } from '../load-account.ts';
import { riskStatements } from '../risk-store.ts';

const d = parseDecimal;
const pair = { strategy: 'gone', symbol: 'XRP/ETH' };
const key = { ...pair, openedAtMs: NOW - 60_000 };
const MARKET = { instrument: undefined, lastTrade: undefined, book: { bid: d('1'), ask: d('2'), receivedAt: NOW } };
const db = useServiceDatabase('risk');

const HOLD = `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'gone', 'XRP/ETH', 40, 80, 0)`;
const STOP = `INSERT INTO risk.stops (stack, strategy, symbol, opened_at) VALUES ($1, 'gone', 'XRP/ETH', now())`;

beforeEach(async () => {
  await db.admin.query('TRUNCATE risk.stops, trading.positions CASCADE');
  await db.admin.query(HOLD, [STACK]);
});

async function accountOf(on: Queryable) {
  return (await loadAccount(on, { stack: STACK, nowMs: NOW, ids: [] })).account;
}

/** What the check `positions` says of the position of the strategy, which no settings have. */
async function reported(on: Queryable): Promise<string | undefined> {
  const state = { ...(await accountOf(on)), orders: [], policy: riskTestSettings, nowMs: NOW };
  return abandonedPositions(state, () => MARKET)[0]?.message;
}

it('of a removed strategy are read by the next process, and named', async () => {
  const store = riskStatements(db.pool, STACK, { accountAfter });
  await store.beginStop(key, { stopLossPercent: d('5'), takeProfitPercent: d('10') });
  expect(await reported(db.pool)).toContain('its stop loss at 1.9 and take profit at 2.2 are watched');
});

describe('a row from before the migration', () => {
  it('gets no stop that no release stored, and is named as one without', async () => {
    const old = await createTestDatabase();
    try {
      const before = mkdtempSync(join(tmpdir(), 'migrations-'));
      for (const name of readdirSync(MIGRATIONS).filter((one) => one.endsWith('.sql') && one < '000053'))
        copyFileSync(join(MIGRATIONS, name), join(before, name));
      const log = createLogger({ name: 'test', level: 'silent' });
      await migrate({ pool: old.pool, directory: before, log });
      await old.pool.query(HOLD, [STACK]);
      await old.pool.query(STOP, [STACK]);
      await migrate({ pool: old.pool, directory: MIGRATIONS, log });
      expect((await accountOf(old.pool)).stops).toMatchObject([{ ...pair, rules: undefined, triggered: undefined }]);
      expect(await reported(old.pool)).toContain('it is kept; it has no stop;');
      // An older release that still runs adds rows, too.
      await old.pool.query('DELETE FROM risk.stops');
      await old.pool.query(STOP, [STACK]);
      expect((await accountOf(old.pool)).stops).toHaveLength(1);
    } finally {
      await old.close();
    }
  });
});

describe('rules that this release cannot read', () => {
  it.each<[string, string, object, string]>([
    [
      'one of a newer release',
      '{"stopLossPercent":"5","breakEvenPercent":"2"}',
      { stopLossPercent: d('5') },
      ' is watched',
    ],
    [
      'one that is no number',
      '{"stopLossPercent":"five","maxHoldingSeconds":60}',
      { maxHoldingSeconds: 60 },
      ' is watched',
    ],
    ['all of them', '{"stopLossPercent":"-5"}', {}, 'its stop is unknown, because its row in risk.stops'],
  ])('%s: the others are watched, and the row is named', async (_what, rules, expected, said) => {
    await db.admin.query(STOP, [STACK]);
    await db.admin.query('UPDATE risk.stops SET rules = $1', [rules]);
    const { stops, unread } = await accountOf(db.pool);
    expect(stops.map((one) => one.rules)).toEqual([expected]);
    expect(unread).toMatchObject([{ table: 'risk.stops', ...pair, problem: expect.stringMatching(/^rules/) }]);
    expect(await reported(db.pool)).toContain(said);
  });
});

it.each(['[]', '"5"', `{"note":"${'x'.repeat(500)}"}`])('are an object of a bounded size: %s', async (rules) => {
  await db.admin.query(STOP, [STACK]);
  await expect(db.admin.query('UPDATE risk.stops SET rules = $1', [rules])).rejects.toMatchObject({ code: '23514' });
});
