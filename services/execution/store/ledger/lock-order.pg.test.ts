import { beforeEach, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { untilBlocked } from '../../../../test/harness/stores/blocked-sessions.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { transferOf } from '../../../shared/domain/ledger.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';
import { insertPostings } from './insert-postings.ts';
import { openLedger } from './open-ledger.ts';
import { readLedger } from './read-ledger.ts';
import { recordVenueBalances } from './record-venue-balances.ts';

const one = parseDecimal('1');
const OPENING = ['ADA', 'ETH', 'XRP'];
const db = useServiceDatabase('execution');

beforeEach(async () => {
  await db.admin.query('TRUNCATE trading.balances, trading.ledger_postings');
  await openLedger(db.pool, TEST_STACK, new Map(OPENING.map((asset) => [asset, one])), transferOf);
});

it.each<[string, { first: string; last: string; reported: readonly string[] }]>([
  ['an asset that the venue no longer reports', { first: 'ADA', last: 'ETH', reported: ['ETH', 'XRP'] }],
  ['a fee in another asset, of a second fill', { first: 'XRP', last: 'ADA', reported: ['ADA', 'ETH', 'XRP'] }],
  ['an asset that the ledger does not have yet', { first: 'MX', last: 'BTC', reported: ['BTC', 'MX'] }],
])('a comparison and the note of fills do not deadlock: %s', async (_what, { first, last, reported }) => {
  const fill = await db.admin.connect();
  try {
    // So that the note is the victim of a deadlock: a comparison that is tried again would hide it.
    await fill.query(`SET deadlock_timeout = '10ms'`);
    await fill.query('BEGIN');
    await lockOutbox(fill, TEST_STACK);
    await insertPostings(fill, TEST_STACK, 'fill:1', transferOf(first, one));
    const balances = new Map(reported.map((asset) => [asset, { total: one, free: one }]));
    const comparison = recordVenueBalances(db.pool, TEST_STACK, { balances, atMs: 1, drifting: [] });
    await untilBlocked(db.admin, 1);
    await insertPostings(fill, TEST_STACK, 'fill:2', transferOf(last, one));
    await fill.query('COMMIT');
    await comparison;
  } finally {
    fill.release(true);
  }
  const ledger = await readLedger(db.pool, TEST_STACK);
  for (const asset of [first, last]) expect(ledger.get(asset)).toBe(OPENING.includes(asset) ? one + one : one);
  const unseen = 'SELECT FROM trading.balances WHERE reconciled_at IS NULL';
  expect(await db.admin.query(unseen)).toHaveProperty('rowCount', 0);
});
