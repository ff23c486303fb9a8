import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { transferOf } from '../../../shared/domain/ledger.ts';
import { bookTransfers } from './book-transfers.ts';
import { readLedger } from './read-ledger.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../../../docs/runbook.md'), 'utf8');
const db = useServiceDatabase('execution');

beforeEach(async () => {
  await db.admin.query('TRUNCATE trading.transfers, trading.balances, trading.ledger_postings');
});

async function book(stack = TEST_STACK) {
  return await bookTransfers(db.pool, { stack, assets: new Set(['ETH']), transferOf });
}

/** Statements of the runbook on transfers, for this stack. */
function statements(): readonly string[] {
  const found = [...RUNBOOK.matchAll(/^psql.* -c "([^"]+trading\.transfers[^"]+)"/gm)].map(([, sql = '']) => sql);
  return found.map((sql) => sql.replaceAll('demo-1a2b3c4d', TEST_STACK));
}

it('the statements of the runbook book a transfer with author and reason, and show that it is booked', async () => {
  const [insert = '', show = ''] = statements();
  await db.admin.query(insert);
  expect((await db.admin.query(show)).rows).toMatchObject([{ asset: 'ETH', booked_at: null }]);
  const [booked] = (await book()).booked;
  expect(booked).toMatchObject({ asset: 'ETH', author: 'your name', reason: 'deposit' });
  expect((await db.admin.query(show)).rows).toMatchObject([{ booked_at: expect.any(Date) }]);
  const posted = await db.admin.query(
    'SELECT event_id, account, asset, trim_scale(amount)::text AS amount FROM trading.ledger_postings ORDER BY line',
  );
  const event = { event_id: `transfer:${booked?.id}`, asset: 'ETH' };
  expect(posted.rows).toEqual([
    { ...event, account: 'venue', amount: '0.5' },
    { ...event, account: 'external', amount: '-0.5' },
  ]);
});

it('waits neither for a person who edits a row nor for the others of the person', async () => {
  const [insert = ''] = statements();
  for (let count = 0; count < 2; count += 1) await db.admin.query(insert);
  const person = await db.admin.connect();
  await person.query('BEGIN');
  await person.query(
    `UPDATE trading.transfers SET reason = 'later' WHERE id = (SELECT min(id) FROM trading.transfers)`,
  );
  expect((await book()).booked).toHaveLength(1);
  await person.query('COMMIT');
  person.release();
  expect((await book()).booked).toMatchObject([{ reason: 'later' }]);
});

it('two processes book a transfer once', async () => {
  const [insert = ''] = statements();
  for (let count = 0; count < 5; count += 1) await db.admin.query(insert);
  const booked = await Promise.all([1, 2, 3].map(async () => (await book()).booked));
  expect(booked.flat()).toHaveLength(5);
  expect(await readLedger(db.pool, TEST_STACK)).toEqual(new Map([['ETH', parseDecimal('2.5')]]));
});

it('leaves the transfers of other stacks', async () => {
  const [insert = ''] = statements();
  await db.admin.query(insert);
  expect(await book('other-12345678')).toEqual({ booked: [], waiting: [] });
  expect((await book()).booked).toHaveLength(1);
});

it.each([
  ['no author', `'ETH', 1, ' ', 'why'`],
  ['no reason', `'ETH', 1, 'ada', ''`],
  ['no amount', `'ETH', 0, 'ada', 'why'`],
  ['an amount that is no number', `'ETH', 'NaN', 'ada', 'why'`],
  ['an amount out of range', `'ETH', 1e16, 'ada', 'why'`],
  ['an asset that is none', `'eth', 1, 'ada', 'why'`],
])('refuses a row with %s', async (_title, values) => {
  const insert = `INSERT INTO trading.transfers (stack, asset, amount, author, reason) VALUES ('${TEST_STACK}', ${values})`;
  await expect(db.admin.query(insert)).rejects.toMatchObject({ code: '23514' });
});
