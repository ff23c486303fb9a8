import { afterAll, beforeAll, expect, it } from 'vitest';
import { approvedOrder, insertApproval, TEST_STACK } from '../../../test/fixtures/approved-orders.ts';
import { recordStatements } from '../../../test/harness/stores/record-statements.ts';
import { explain, type Statement } from '../../../test/harness/stores/statement-cost.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { transferOf } from '../../shared/domain/ledger.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { createPool } from '../../shared/postgres/pool.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { manualEffects } from '../core/reconcile/manual-trade.ts';
import { observe } from '../core/order-decider.ts';
import { effectsOf } from '../core/order-effects.ts';
import { intendedOrder } from '../core/order-record.ts';
import { createPostgresStore } from './postgres-store.ts';

const HISTORY = 100_000;
const d = parseDecimal;
const ME = { epoch: 1, holder: 'me' };
const TERMS = { ...ME, approvedBy: 'test' };
/** Tables that grow with each order, fill and decision. */
const GROWING = new Set(['orders', 'order_events', 'trades', 'decisions', 'ledger_postings']);
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
/** Every statement that the store sent. */
let sent: ReturnType<typeof recordStatements>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  const log = createLogger({ name: 'test', level: 'silent' });
  pool = createPool({ ...database.as('execution'), applicationName: 'execution', log });
  sent = recordStatements(pool);
  await fillHistory();
}, 120_000);

afterAll(async () => {
  await pool.end();
  await database.close();
});

async function fillHistory(): Promise<void> {
  const client = await database.pool.connect();
  const rows = `generate_series(1, ${HISTORY}) i`;
  try {
    await client.query('SET statement_timeout = 0');
    await client.query(
      `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch,
         risk_hash, deadline, state, filled, venue_order_id)
       SELECT '${TEST_STACK}', 'h' || i, 'h' || i, 'trend', 'XRP/ETH', 'buy', 'LIMIT', 1, 1, 'ETH', 1, 1, 'h', now(), 'Filled', 1, 'v' || i FROM ${rows}`,
    );
    await client.query(
      `INSERT INTO trading.order_events (stack, client_order_id, seq, state, filled, epoch)
       SELECT '${TEST_STACK}', 'h' || i, 1, 'Filled', 1, 1 FROM ${rows}`,
    );
    await client.query(
      `INSERT INTO trading.trades (stack, venue_trade_id, venue_order_id, client_order_id, symbol, side, price, quantity, fee, fee_asset, maker, traded_at)
       SELECT '${TEST_STACK}', 't' || i, 'v' || i, 'h' || i, 'XRP/ETH', 'buy', 1, 1, 0, 'ETH', true, now() - i * interval '1 second' FROM ${rows}`,
    );
    await client.query(
      `INSERT INTO trading.ledger_postings (stack, event_id, line, account, asset, amount)
       SELECT '${TEST_STACK}', 'fill:XRP/ETH:t' || i, 1, 'venue', 'XRP', 1 FROM ${rows}`,
    );
    await client.query(
      `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline,
         release, decided_at)
       SELECT '${TEST_STACK}', 'h' || i, 'trend', 'XRP/ETH', true, 'Approved', '', '{}', 'h' || i, '{}', now(), 'r', now() - i * interval '1 second' FROM ${rows}`,
    );
    for (const table of GROWING) {
      const schema = table === 'decisions' ? 'risk' : 'trading';
      await client.query(`ANALYZE ${schema}.${table}`);
    }
  } finally {
    client.release();
  }
}

/** Runs everything that execution does while it trades. */
async function trade(): Promise<void> {
  const store = createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects });
  const order = approvedOrder('new', { decidedAt: Date.now() });
  const { clientOrderId } = order;
  await insertApproval(database.pool, order);
  await store.raiseFence(ME);
  await store.openApprovals([]);
  await store.openApprovals([]);
  expect(await store.findApproval('new')).toBeDefined();
  expect(await store.findDecision(clientOrderId)).toBeDefined();
  const row = intendedOrder({ order, instrument: { takerFee: d('0.001') }, epoch: 1, intendedAtMs: Date.now() });
  expect(await store.commitIntent(TERMS, row)).toBe('Committed');
  const ids = { venueTradeId: 'new', venueOrderId: 'v-new', clientOrderId };
  const amounts = { price: d('0.0014'), quantity: d('1'), fee: d('0'), feeAsset: 'ETH', maker: false };
  const fill: Fill = { ...ids, ...amounts, symbol: 'XRP/ETH', side: 'buy', time: Date.now() };
  const by = { epoch: 1, atMs: Date.now() };
  const key = { clientOrderId, venueOrderId: '' };
  await store.recordObservation({ key, observation: { kind: 'FillSeen', fill }, ...by });
  const second = { ...fill, venueTradeId: 'new2' };
  await store.recordObservation({
    key: { clientOrderId: '', venueOrderId: 'v-new' },
    observation: { kind: 'FillSeen', fill: second },
    ...by,
  });
  expect((await store.loadOrders(['h7'])).orders).toHaveLength(2);
  expect(await store.recordedTrades('XRP/ETH', ['new', 't5', 'none'])).toEqual(new Set(['new v-new', 't5 v5']));
  expect(await store.recordedOrders(['v5', 'none'])).toEqual(new Set(['v5']));
  expect(await store.fillWatermark('XRP/ETH')).toBeGreaterThan(0);
  const { database: name } = await store.fillsRead('XRP/ETH');
  expect(await store.recordFillsRead(ME, { symbol: 'XRP/ETH', toMs: Date.now(), database: name })).toBe(true);
  expect(await store.loadPortfolio()).toMatchObject({ orders: HISTORY + 1, fills: HISTORY + 2 });
  await store.openLedger(new Map());
  await store.readLedger();
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

function scans({ Plans = [], ...node }: Plan): readonly string[] {
  const { 'Node Type': type, 'Relation Name': relation = '' } = node;
  const own = type === 'Seq Scan' && GROWING.has(relation) ? [relation] : [];
  return [...own, ...Plans.flatMap(scans)];
}

/** Returns the scans of growing tables in the plans of all statements, with plans for their values or for any. */
async function scansWith(mode: string, statements: readonly Statement[]) {
  const client = await database.pool.connect();
  const found: string[] = [];
  try {
    await client.query(`SET plan_cache_mode = ${mode}`);
    for (const statement of statements) {
      const { Plan } = await explain<{ readonly Plan: Plan }>(client, statement, 'VERBOSE OFF');
      found.push(...scans(Plan).map((table) => `${mode}: ${table} in ${statement[0].trim()}`));
    }
    await client.query('RESET plan_cache_mode');
  } finally {
    client.release();
  }
  return found;
}

it('reads no growing table as a whole, in any statement of the hot path', async () => {
  await trade();
  const statements = [...sent].filter(([text]) => /^\s*(?:WITH|SELECT|INSERT|UPDATE|DELETE)\b/.test(text));
  expect(statements.length).toBeGreaterThan(20);
  expect(await scansWith('force_custom_plan', statements)).toEqual([]);
  expect(await scansWith('force_generic_plan', statements)).toEqual([]);
  // The test finds a scan where there is one.
  const counting = [['SELECT count(*) FROM trading.trades WHERE symbol > $1', ['']]] as const;
  expect(await scansWith('force_custom_plan', counting)).toHaveLength(1);
}, 60_000);
