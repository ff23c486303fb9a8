import { expect, it } from 'vitest';
import { TEST_STACK } from '../../../test/fixtures/approved-orders.ts';
import { useServiceDatabase } from '../../../test/harness/stores/service-database.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import { transferOf } from '../../shared/domain/ledger.ts';
import type { UnreadBalance, VenueBalance } from '../../shared/venue/trading-venue.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { observe } from '../core/order-decider.ts';
import { effectsOf } from '../core/order-effects.ts';
import { manualEffects } from '../core/reconcile/manual-trade.ts';
import { createPostgresStore } from '../store/postgres-store.ts';
import { BalanceCheck } from './balance-check.ts';

const db = useServiceDatabase('execution');
const d = parseDecimal;

it('compares without what is only displayed: the right to read the fees may be revoked', async () => {
  const store = createPostgresStore(db.pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects });
  await db.admin.query('REVOKE ALL ON trading.fee_totals FROM execution, PUBLIC');
  await expect(store.loadPortfolio()).rejects.toMatchObject({ code: '42501' });
  const position = `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'a', $2, $3, 0, 0)`;
  await db.admin.query(position, [TEST_STACK, 'ADA/ETH', 5]);
  await db.admin.query(position, ['demo-2', 'MX/ETH', 5]);
  const asked: string[] = [];
  const reported = new Map<string, VenueBalance | UnreadBalance>([
    ['ADA', { free: d('5'), locked: ZERO }],
    ['SCAM', { problem: 'unreadable' }],
    ['XRP', { problem: 'unreadable' }],
  ]);
  const drifting = `INSERT INTO trading.balances (stack, asset, ledger, venue, drifting) VALUES ($1, 'XRP', 1, 2, true)`;
  await db.admin.query(drifting, [TEST_STACK]);
  const check = new BalanceCheck({
    store,
    venue: {
      balances: async () => await Promise.resolve({ kind: 'ok', value: reported } as const),
    },
    symbols: ['XRP/ETH'],
    instrumentOf: (symbol) => void asked.push(symbol),
    marks: () => new Map(),
    deadLetters: { open: [], keep: async () => {}, clear: async () => {} },
    orders: { live: () => [] },
    missedFills: { lost: [] },
    clock: virtualClock(),
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  await check.compare();
  expect(check.unread.map(({ asset }) => asset)).toEqual(['XRP']);
  expect(new Set(asked)).toEqual(new Set(['XRP/ETH', 'ADA/ETH']));
  const compared = await db.admin.query('SELECT venue::float8 FROM trading.balances WHERE reconciled_at IS NOT NULL');
  expect(compared.rows).toContainEqual({ venue: 5 });
  const kept = await db.admin.query(
    `SELECT asset, venue::float8, drifting, reconciled_at FROM trading.balances WHERE asset IN ('XRP', 'SCAM')`,
  );
  expect(kept.rows).toEqual([{ asset: 'XRP', venue: 2, drifting: true, reconciled_at: null }]);
});
