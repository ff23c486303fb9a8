import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { approvedOrder, TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { intendedOrder, type OrderRecord } from '../../../execution/core/order-record.ts';
import { raiseFence } from '../../../execution/store/fence/raise-fence.ts';
import { MemoryExecutionStore } from '../../../execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from '../../../replay/memory-risk-store.ts';
import { formatDecimal, parseDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import type { OrderState } from '../../../shared/domain/orders/order.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { rowAgainstEntry } from '../../core/unread-rows.ts';
import { loadAccount } from '../load-account.ts';

const d = parseDecimal;
const NOW = 1_800_000_000_000;
const CANARY = { since: 3, maxNotional: d('10.5') };
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  // With the role of risk, so that its grants are tested too.
  pool = createPool({
    ...database.as('risk'),
    applicationName: 'risk',
    log: createLogger({ name: 'test', level: 'silent' }),
  });
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE trading.orders, trading.execution_fence CASCADE');
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

interface Bought {
  readonly symbol?: string;
  readonly side?: 'buy' | 'sell';
  readonly epoch: number;
  readonly state: OrderState['kind'];
  readonly filled?: string;
}

/** An order of 10 at 0.0014: 0.014 in all. */
function orderOf(id: string, { symbol = 'XRP/ETH', side = 'buy', epoch, state, filled = '0' }: Bought): OrderRecord {
  const order = approvedOrder(id, { symbol, side });
  const intent = intendedOrder({ order, instrument: { takerFee: ZERO }, epoch, intendedAtMs: NOW });
  return { ...intent, state: { kind: state } as OrderState, filled: d(filled) };
}

async function insert({ request, epoch, state, filled, ...row }: OrderRecord): Promise<void> {
  const { clientOrderId, symbol, side, type, price, quantity } = request;
  await database.pool.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch,
       risk_hash, deadline, state, filled)
     VALUES ($1, $2, $3, 'trend', $4, $5, $6, $7, $8, 'ETH', 0, $9, 'h', now(), $10, $11)`,
    [
      TEST_STACK,
      clientOrderId,
      row.decisionId,
      symbol,
      side,
      type,
      formatDecimal(price),
      formatDecimal(quantity),
      epoch,
      state.kind,
      formatDecimal(filled),
    ],
  );
}

async function read() {
  const { account } = await loadAccount(pool, { stack: TEST_STACK, nowMs: NOW, ids: [] });
  return account;
}

const ORDERS: readonly Bought[] = [
  { epoch: 2, state: 'Open' },
  { epoch: 3, state: 'Filled', filled: '10' },
  { epoch: 3, state: 'Cancelled', filled: '2.5' },
  { epoch: 3, state: 'NeverSent' },
  { epoch: 3, state: 'Rejected' },
  { epoch: 4, state: 'Open' },
  { epoch: 4, state: 'PartiallyFilled', filled: '4' },
  { epoch: 4, state: 'Unknown' },
  { epoch: 4, state: 'Intended', symbol: 'ADA/ETH' },
  { epoch: 4, state: 'Open', side: 'sell' },
];

it('counts what the buys since the first epoch of the canary filled and may still fill, as the twin in memory does', async () => {
  const record = new MemoryExecutionStore();
  for (const [index, bought] of ORDERS.entries()) {
    const order = orderOf(`d${index}`, bought);
    await insert(order);
    record.orders.set(order.request.clientOrderId, order);
  }
  const fence = { epoch: 4, holder: 'me', canary: CANARY };
  await raiseFence(database.pool, TEST_STACK, fence);
  await record.raiseFence(fence);
  const bought = new Map([
    ['XRP/ETH', d('0.0595')],
    ['ADA/ETH', d('0.014')],
  ]);
  const { canary, unread } = await read();
  expect([canary, unread]).toEqual([{ ...CANARY, bought }, []]);
  const twin = await new MemoryRiskStore(record, () => {}).readAccount(NOW);
  expect(twin.canary).toEqual(canary);
});

it('knows its instruments, and none once the epoch has no canary', async () => {
  const terms = { ...CANARY, symbols: ['XRP/ETH'] };
  await raiseFence(database.pool, TEST_STACK, { epoch: 3, holder: 'me', canary: terms });
  expect((await read()).canary).toEqual({ ...terms, bought: new Map() });
  await raiseFence(database.pool, TEST_STACK, { epoch: 3, holder: 'me' });
  expect((await read()).canary).toBeUndefined();
});

it('counts no canary in an epoch that a release granted which knows of none', async () => {
  await raiseFence(database.pool, TEST_STACK, { epoch: 3, holder: 'me', canary: CANARY });
  await database.pool.query(`UPDATE trading.execution_fence SET epoch = 4, holder = 'older release'`);
  expect((await read()).canary).toBeUndefined();
});

it.each([
  ['an order without a price', 'UPDATE trading.orders SET price = NULL'],
  ['an order that is not a number', `UPDATE trading.orders SET quantity = 'NaN'`],
  ['an instrument that is none', `UPDATE trading.execution_fence SET canary_symbols = '{xrp}'`],
  ['no instrument', `UPDATE trading.execution_fence SET canary_symbols = '{}'`],
])('stops every entry while it cannot be read: %s', async (_what, sql) => {
  await insert(orderOf('d1', { epoch: 3, state: 'Unknown' }));
  await raiseFence(database.pool, TEST_STACK, { epoch: 3, holder: 'me', canary: CANARY });
  await database.pool.query(sql);
  const { canary, unread } = await read();
  expect(canary).toBeUndefined();
  expect(unread.map(({ table }) => table)).toContain('trading.sender_canaries');
  expect(rowAgainstEntry(unread, 'BNB/BTC')).toBeDefined();
});

it('is not stored in part', async () => {
  await raiseFence(database.pool, TEST_STACK, { epoch: 3, holder: 'me', canary: CANARY });
  for (const column of ['canary_since', 'canary_max_notional'])
    await expect(database.pool.query(`UPDATE trading.execution_fence SET ${column} = NULL`)).rejects.toThrow(
      /canary_complete/,
    );
});
