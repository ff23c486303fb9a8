import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../../../docs/runbook.md'), 'utf8');
const [, SECTION = ''] = RUNBOOK.split('## Compare the ledger with the venue\n');
const [compare = '', ...others] = (/```sql\n([\s\S]*?)```/.exec(SECTION)?.[1] ?? '')
  .split(/;.*\n/)
  .filter((sql) => sql !== '');
const db = useServiceDatabase('execution');

beforeEach(async () => {
  await db.admin.query('TRUNCATE trading.balances, trading.ledger_postings');
  await db.admin.query(
    `INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at) VALUES
      ('${TEST_STACK}', 'ETH', 10, 10.5, '2026-01-01 12:00:00Z'),
      ('${TEST_STACK}', 'XRP', 0, 177.6, '2026-01-01 12:00:00Z'),
      ('${TEST_STACK}', 'NEW', 3, NULL, NULL)`,
  );
  await db.admin.query(
    `INSERT INTO trading.ledger_postings (stack, event_id, line, account, asset, amount, at) VALUES
      ('${TEST_STACK}', 'before', 1, 'venue', 'ETH', 1, '2026-01-01 11:59:59Z'),
      ('${TEST_STACK}', 'after', 1, 'venue', 'XRP', -177.6, '2026-01-01 12:00:01Z'),
      ('another-stack', 'after', 1, 'venue', 'ETH', 1, '2026-01-01 12:00:01Z')`,
  );
});

it('the statement of the runbook has a difference only of assets that were not traded after the comparison', async () => {
  const { rows } = await db.admin.query<Record<string, unknown>>(compare);
  const found = rows.map(({ asset, difference, traded_since: since }) => [
    asset,
    difference && Number(difference),
    since,
  ]);
  expect(found).toEqual([
    ['ETH', 0.5, false],
    ['NEW', null, false],
    ['XRP', null, true],
  ]);
});

it('the other statements beside it run', async () => {
  expect(others).toHaveLength(2);
  for (const sql of others) await expect(db.admin.query(sql)).resolves.toHaveProperty('rows');
});
