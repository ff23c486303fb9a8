import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, MIGRATIONS, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { postingsOf } from '../../../shared/domain/ledger.ts';
import { migrate } from '../../../shared/postgres/migrate.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { insertPostings } from '../ledger/insert-postings.ts';

const STACK = 'demo-1';
const d = parseDecimal;
const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.close();
});

/** Posts a purchase of 10 for 1 each, with its fee. */
async function buy(symbol: string, feeAsset: string, fee: string): Promise<void> {
  const trade = { symbol, side: 'buy', price: d('1'), quantity: d('10'), fee: d(fee), feeAsset } as const;
  await insertPostings(database.pool, STACK, `fill:${symbol}:${feeAsset}:${fee}`, postingsOf(trade));
}

it('sums the fees in a third asset from before and after the migration, and names them beside the profit', async () => {
  const before = mkdtempSync(join(tmpdir(), 'migrations-'));
  for (const name of readdirSync(MIGRATIONS).filter((one) => one < '000043'))
    copyFileSync(join(MIGRATIONS, name), join(before, name));
  await migrate({ pool: database.pool, directory: before, log });
  await buy('XRP/ETH', 'MX', '0.25');
  await buy('MX/ETH', 'MX', '1');
  await buy('XRP/ETH', 'ETH', '2');
  await migrate({ pool: database.pool, directory: MIGRATIONS, log });
  await buy('XRP/ETH', 'MX', '0.5');
  await buy('XRP/ETH', 'BNB', '0.001');
  await buy('MX/ETH', 'MX', '3');
  await buy('XRP/ETH', 'XRP', '4');
  await database.pool.query(
    `INSERT INTO trading.execution_fence VALUES ('${STACK}', 1, 'x', now()), ('demo-2', 1, 'x', now())`,
  );
  await database.pool.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ('${STACK}', 'a', 'XRP/ETH', 0, 0, 0.1)`,
  );
  const { rows } = await database.pool.query(
    `SELECT positions -> 0 ->> 'realised' AS realised, positions -> 0 ->> 'currency' AS currency, third_asset_fees AS fees
     FROM trading.summary ORDER BY stack`,
  );
  expect(rows).toEqual([
    { realised: '0.1', currency: 'ETH', fees: { BNB: '0.001', MX: '0.75' } },
    { realised: null, currency: null, fees: {} },
  ]);
  const totals = await database.pool.query('SELECT asset, trim_scale(amount)::text FROM trading.fee_totals ORDER BY 1');
  expect(totals.rows.map(({ asset, trim_scale: amount }) => `${amount} ${asset}`)).toEqual([
    '0.001 BNB',
    '2 ETH',
    '4.75 MX',
    '4 XRP',
  ]);
});
