import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { deadLetter, manualTradeKey } from '../../core/dead-letter.ts';
import { transferOf } from '../../../shared/domain/ledger.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { manualEffects, type KnownNames, type ManualTrade } from '../../core/reconcile/manual-trade.ts';
import { keepDeadLetter } from '../dead-letters/keep-dead-letter.ts';
import { createManualTradeBooking } from './book-manual-trades.ts';
import { bookTransfers } from './book-transfers.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../../../docs/runbook.md'), 'utf8');
const KNOWN: KnownNames = { symbols: new Set(['XRP/ETH']), assets: new Set(['XRP', 'ETH']) };
const db = useServiceDatabase('execution');

beforeEach(async () => {
  await db.admin.query(
    `TRUNCATE trading.manual_trades, trading.positions, trading.balances, trading.ledger_postings, trading.dead_letters RESTART IDENTITY`,
  );
});

async function book(stack = TEST_STACK) {
  const effectsOf = (trade: ManualTrade, held: Position | undefined) => manualEffects(trade, held, KNOWN);
  return await createManualTradeBooking(db.pool)({ stack, effectsOf }, new Set());
}

/** Statements of the runbook about a table, for this stack. */
function statements(table: string): readonly string[] {
  const found = [...RUNBOOK.matchAll(/^ *psql.* -c "([^"]+)"/gm)].map(([, sql = '']) => sql);
  return found.filter((sql) => sql.includes(table)).map((sql) => sql.replaceAll('demo-1a2b3c4d', TEST_STACK));
}
const [insert = '', show = ''] = statements('trading.manual_trades');

/** Holds 100 XRP that cost 0.14 ETH. */
async function hold(): Promise<void> {
  const position = `'${TEST_STACK}', 'trend', 'XRP/ETH', 100, 0.14, 0`;
  await db.admin.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES (${position})`,
  );
}

async function rows(sql: string): Promise<readonly unknown[]> {
  return (await db.admin.query(sql)).rows;
}

const held = async () => await rows('SELECT trim_scale(quantity)::text AS quantity FROM trading.positions');

it('the statements of the runbook find a position, book its sale, and show that it is booked', async () => {
  await hold();
  const [find = ''] = statements('FROM trading.positions');
  expect(await rows(find)).toMatchObject([{ strategy: 'trend', symbol: 'XRP/ETH', quantity: '100' }]);
  await db.admin.query(insert);
  expect(await rows(show)).toMatchObject([{ id: '1', side: 'sell', booked_at: null, problem: null }]);
  expect((await book()).booked).toMatchObject([{ author: 'your name', reason: 'sold in the app', feeAsset: 'ETH' }]);
  expect(await rows(show)).toMatchObject([{ id: '1', booked_at: expect.any(Date), problem: null }]);
  expect(await held()).toEqual([{ quantity: '50' }]);
  const posted = await rows(
    'SELECT event_id, account, asset, trim_scale(amount)::text AS amount FROM trading.ledger_postings ORDER BY line',
  );
  const lines = [
    ['venue', 'XRP', '-50'],
    ['trading', 'XRP', '50'],
    ['venue', 'ETH', '0.07'],
    ['trading', 'ETH', '-0.07'],
    ['venue', 'ETH', '-0.000035'],
    ['fees', 'ETH', '0.000035'],
  ];
  expect(posted).toEqual(lines.map(([account, asset, amount]) => ({ event_id: 'manual:1', account, asset, amount })));
});

it('takes a position without coins from the record, and leaves the ledger as it was, with two transfers', async () => {
  await hold();
  await db.admin.query(`TRUNCATE trading.transfers`);
  const sale = `'${TEST_STACK}', 'trend', 'XRP/ETH', 'sell', 100, 0.0014, 0, 'your name', 'withdrawn'`;
  const columns = 'stack, strategy, symbol, side, quantity, price, fee, author, reason';
  await db.admin.query(`INSERT INTO trading.manual_trades (${columns}) VALUES (${sale})`);
  const rest = `'your name', 'withdrawn'`;
  await db.admin.query(`INSERT INTO trading.transfers (stack, asset, amount, author, reason) VALUES
    ('${TEST_STACK}', 'XRP', 100, ${rest}), ('${TEST_STACK}', 'ETH', -0.14, ${rest})`);
  expect((await book()).booked).toHaveLength(1);
  await bookTransfers(db.pool, { stack: TEST_STACK, assets: KNOWN.assets, transferOf });
  expect(await held()).toEqual([{ quantity: '0' }]);
  const venue = await rows(
    `SELECT asset, trim_scale(sum(amount))::text AS amount FROM trading.ledger_postings WHERE account = 'venue' GROUP BY asset ORDER BY asset`,
  );
  expect(venue).toEqual([
    { asset: 'ETH', amount: '0' },
    { asset: 'XRP', amount: '0' },
  ]);
});

it('the statements of the runbook show why a trade is not booked, until it is', async () => {
  await db.admin.query(insert);
  const [refused] = (await book()).refused;
  const { trade, problem = '' } = refused ?? {};
  const letter = deadLetter(manualTradeKey(trade?.id ?? ''), { symbol: 'XRP/ETH', payload: trade, error: problem });
  await keepDeadLetter(db.pool, TEST_STACK, letter);
  expect(problem).toContain('holds 0 XRP');
  expect(await rows(show)).toMatchObject([{ id: '1', booked_at: null, problem }]);
});

it('waits neither for a person who edits a row nor for the others of the person', async () => {
  await hold();
  for (let count = 0; count < 2; count += 1) await db.admin.query(insert);
  const person = await db.admin.connect();
  await person.query('BEGIN');
  await person.query(`UPDATE trading.manual_trades SET reason = 'later' WHERE id = 1`);
  expect(await book()).toMatchObject({ booked: [{ id: '2' }], waiting: ['1'] });
  await person.query('COMMIT');
  person.release();
  expect((await book()).booked).toMatchObject([{ id: '1', reason: 'later' }]);
});

it('leaves position and row as they are when a posting cannot be written', async () => {
  await hold();
  await db.admin.query(insert);
  await db.admin.query(
    `INSERT INTO trading.ledger_postings (stack, event_id, line, account, asset, amount) VALUES ($1, 'manual:1', 1, 'venue', 'XRP', 1)`,
    [TEST_STACK],
  );
  expect((await book()).refused).toMatchObject([{ problem: expect.stringContaining('duplicate key') }]);
  expect([await held(), await rows(show)]).toMatchObject([[{ quantity: '100' }], [{ booked_at: null }]]);
});

it('rejects while the database does not let it write, and books later', async () => {
  await hold();
  await db.admin.query(insert);
  await db.admin.query('REVOKE INSERT ON trading.ledger_postings FROM execution');
  await expect(book()).rejects.toMatchObject({ code: '42501' });
  await db.admin.query('GRANT INSERT ON trading.ledger_postings TO execution');
  expect((await book()).booked).toHaveLength(1);
});

it('leaves the trades of other stacks', async () => {
  await hold();
  await db.admin.query(insert);
  expect(await book('other-12345678')).toEqual({ booked: [], refused: [], waiting: [] });
  expect((await book()).booked).toHaveLength(1);
});

it.each([
  ['no author', { author: ' ' }],
  ['no reason', { reason: '' }],
  ['a quantity of nothing', { quantity: '0' }],
  ['a quantity that is no number', { quantity: 'NaN' }],
  ['a quantity out of range', { quantity: '1000000000000001' }],
  ['a price of nothing', { price: '0' }],
  ['a price that is no number', { price: 'NaN' }],
  ['a price out of range', { price: '1000000000000001' }],
  ['a fee below zero', { fee: '-1' }],
  ['a fee that is no number', { fee: 'NaN' }],
  ['a fee asset that is none', { fee_asset: 'eth' }],
  ['a side that is none', { side: 'SELL' }],
  ['a symbol that is none', { symbol: 'XRPETH' }],
  ['a strategy that is none', { strategy: 'Trend' }],
])('refuses a row with %s', async (_title, change) => {
  const row = {
    strategy: 'trend',
    symbol: 'XRP/ETH',
    side: 'sell',
    quantity: '1',
    price: '1',
    author: 'ada',
    reason: 'why',
  };
  const all = Object.entries({ stack: TEST_STACK, ...row, ...change });
  const values = all.map((_entry, index) => `$${index + 1}`).join(', ');
  const sql = `INSERT INTO trading.manual_trades (${all.map(([name]) => name).join(', ')}) VALUES (${values})`;
  await expect(
    db.admin.query(
      sql,
      all.map(([, value]) => value),
    ),
  ).rejects.toMatchObject({ code: '23514' });
});
