import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder, insertApproval, TEST_STACK } from '../../../test/fixtures/approved-orders.ts';
import { activateRelease } from '../../../test/harness/stores/active-release.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { formatDecimal, parseDecimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { transferOf } from '../../shared/domain/ledger.ts';
import { createPool } from '../../shared/postgres/pool.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { Observation } from '../core/observation.ts';
import { manualEffects } from '../core/reconcile/manual-trade.ts';
import { observe } from '../core/order-decider.ts';
import { effectsOf } from '../core/order-effects.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { manualTradesContract } from './manual-trades-contract.ts';
import { portfolioContract } from './portfolio-contract.ts';
import { createPostgresStore } from './postgres-store.ts';
import { canaryContract } from './fence/canary-contract.ts';
import { releaseContract } from './fence/release-contract.ts';
import { reconcileContract } from './reconcile-contract.ts';
import { storeContract } from './store-contract.ts';

const d = parseDecimal;
const NOW = 1_800_000_000_000;
const ME = { epoch: 1, holder: 'me' };
const TERMS = { ...ME, approvedBy: 'test' };
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
let store: ReturnType<typeof createPostgresStore>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  // Connects with the role of the service, so that its grants are tested too.
  const log = createLogger({ name: 'test', level: 'silent' });
  pool = createPool({ ...database.as('execution'), applicationName: 'execution', log });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

beforeEach(async () => {
  await empty();
  await activateRelease(database.pool, TEST_STACK, 'test');
  store = createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects });
  await store.raiseFence(ME);
});

async function empty(): Promise<void> {
  await database.pool.query(
    `TRUNCATE risk.decisions, risk.cancel_requests, trading.orders, trading.positions, trading.balances, trading.halts, trading.execution_fence, trading.outbox,
     trading.ledger_postings, trading.quarantine, trading.portfolio_snapshots, trading.dead_letters,
     trading.record_counts, trading.transfers, trading.manual_trades, trading.fee_totals, trading.fills_read RESTART IDENTITY CASCADE`,
  );
}

const REQUEST_CANCEL = `INSERT INTO risk.cancel_requests (client_order_id, stack, symbol, reason, requested_at)
  VALUES ($1, $2, 'XRP/ETH', 'SelfTrade', now()), ($1, 'other-1', 'XRP/ETH', 'SelfTrade', now())`;

storeContract('PostgresStore', async () => {
  await empty();
  const halt = `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, $2, $3, '')`;
  return {
    store: createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects }),
    approve: async (order) => await insertApproval(database.pool, order),
    requestCancel: async (clientOrderId) =>
      void (await database.pool.query(REQUEST_CANCEL, [clientOrderId, TEST_STACK])),
    malform: async (clientOrderId) =>
      void (await database.pool.query('UPDATE trading.orders SET price = NULL WHERE client_order_id = $1', [
        clientOrderId,
      ])),
    malformApproval: async (decisionId) =>
      void (await database.pool.query(
        `UPDATE risk.decisions SET approved_order = approved_order - 'price' WHERE decision_id = $1`,
        [decisionId],
      )),
    exitRefusedAtMs: async ({ strategy, request }) => {
      const [row] = await rows(
        `SELECT exit_refused_at AS at FROM trading.positions WHERE strategy = '${strategy}' AND symbol = '${request.symbol}'`,
      );
      return row?.['at'] instanceof Date ? row['at'].getTime() : undefined;
    },
    activateRisk: async (release) => await activateRelease(database.pool, TEST_STACK, release),
    haltByHand: async (source, active) => void (await database.pool.query(halt, [TEST_STACK, source, active])),
  };
});

canaryContract('PostgresStore', async () => {
  await empty();
  return createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects });
});

releaseContract('PostgresStore', async () => {
  await empty();
  return {
    store: createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects }),
    releaseAsBefore: async () => void (await database.pool.query(`UPDATE trading.execution_fence SET holder = ''`)),
  };
});

reconcileContract('PostgresStore', async () => {
  await empty();
  return {
    store: createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects }),
    freeAt: async () => {
      const found = await rows(
        'SELECT asset, venue_free::text AS free, venue_free_at AS at FROM trading.balances WHERE venue_free_at IS NOT NULL',
      );
      return new Map(found.map(({ asset, free, at }) => [String(asset), [d(String(free)), (at as Date).getTime()]]));
    },
    comparedAt: async () => {
      const found = await rows(
        'SELECT asset, reconciled_at AS at FROM trading.balances WHERE reconciled_at IS NOT NULL',
      );
      return new Map(found.map(({ asset, at }) => [String(asset), (at as Date).getTime()]));
    },
    transfer: async (asset, amount) =>
      void (await database.pool.query(
        `INSERT INTO trading.transfers (stack, asset, amount, author, reason) VALUES ($1, $2, $3, 'ada', 'why')`,
        [TEST_STACK, asset, amount],
      )),
    moveByHand: async (symbol, toMs) =>
      void (await database.pool.query('UPDATE trading.fills_read SET read_to = $2 WHERE symbol = $1', [
        symbol,
        new Date(toMs),
      ])),
    // As in the runbook: also where execution has cleared the letter by itself.
    clearByHand: async ({ kind, id }) =>
      void (await database.pool.query(
        'UPDATE trading.dead_letters SET cleared_at = now() WHERE stack = $1 AND kind = $2 AND id = $3',
        [TEST_STACK, kind, id],
      )),
    countSnapshots: async () => (await rows('SELECT FROM trading.portfolio_snapshots')).length,
  };
});

const recordOfTrades: Parameters<typeof manualTradesContract>[1] = async () => {
  await empty();
  return {
    store: createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects }),
    trade: async ({ strategy, symbol, side, quantity, price, fee, feeAsset, author, reason }) =>
      void (await database.pool.query(
        `INSERT INTO trading.manual_trades (stack, strategy, symbol, side, quantity, price, fee, fee_asset, author, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [TEST_STACK, strategy, symbol, side, ...[quantity, price, fee].map(formatDecimal), feeAsset, author, reason],
      )),
    forget: async () => void (await database.pool.query('DELETE FROM trading.manual_trades WHERE booked_at IS NULL')),
    fees: async () => {
      const paid = await rows('SELECT asset, trim_scale(amount)::text AS amount FROM trading.fee_totals');
      return new Map(paid.map(({ asset, amount }) => [String(asset), String(amount)]));
    },
  };
};
manualTradesContract('PostgresStore', recordOfTrades);
portfolioContract('PostgresStore', recordOfTrades);

function intent(decisionId = 'd1'): OrderRecord {
  const instrument = { takerFee: d('0.001') };
  return intendedOrder({ order: approvedOrder(decisionId), instrument, epoch: 1, intendedAtMs: NOW });
}

function fillOf(order: OrderRecord, venueTradeId: string, quantity: string, change: Partial<Fill> = {}): Fill {
  return {
    venueTradeId,
    venueOrderId: 'v1',
    clientOrderId: order.request.clientOrderId,
    symbol: 'XRP/ETH',
    side: order.request.side,
    price: d('0.0014'),
    quantity: d(quantity),
    fee: d('0.00001'),
    feeAsset: 'ETH',
    maker: false,
    time: NOW + 5,
    ...change,
  };
}

async function observed(order: OrderRecord, observation: Observation) {
  const key = { clientOrderId: order.request.clientOrderId, venueOrderId: '' };
  return await store.recordObservation({ key, observation, epoch: 1, atMs: NOW });
}

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.pool.query<Record<string, unknown>>(sql)).rows;
}

describe('the fence', () => {
  it('is granted to one of many concurrent requests for the same epoch', async () => {
    const requests = Array.from(
      { length: 8 },
      async (_, index) => await store.raiseFence({ epoch: 2, holder: `p${index}` }),
    );
    const granted = (await Promise.all(requests)).filter((raised) => raised.granted);
    expect(granted.length).toBe(1);
  });

  it('rejects intents of the previous epoch after a grant that raced with one', async () => {
    for (let round = 2; round < 12; round += 1) {
      await Promise.all([
        store.commitIntent({ ...TERMS, epoch: round - 1 }, intent(`r${round}`)),
        store.raiseFence({ epoch: round, holder: 'me' }),
      ]);
      const late = await store.commitIntent({ ...TERMS, epoch: round - 1 }, intent(`late${round}`));
      expect(late).toBe('Fenced');
    }
  });
});

describe('an intent', () => {
  it('is read back as it was committed, with its first event', async () => {
    const order = intent();
    expect(await store.commitIntent(TERMS, order)).toBe('Committed');
    expect((await store.loadOrders([])).orders).toEqual([order]);
    expect(await rows('SELECT seq, state, epoch FROM trading.order_events')).toEqual([
      { seq: 1, state: 'Intended', epoch: '1' },
    ]);
    expect(await rows('SELECT reserved_asset, reserved::text FROM trading.orders')).toEqual([
      { reserved_asset: 'ETH', reserved: '0.014014000000000000' },
    ]);
  });

  it('is committed once when several commits run concurrently', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(async () => await store.commitIntent(TERMS, intent())));
    expect(outcomes.sort()).toEqual(['Committed', 'Duplicate', 'Duplicate', 'Duplicate']);
    expect(await rows('SELECT FROM trading.outbox')).toHaveLength(1);
  });

  it('may be committed as NeverSent with its reason', async () => {
    const order: OrderRecord = { ...intent(), state: { kind: 'NeverSent', reason: 'Expired' } };
    await store.commitIntent(TERMS, order);
    expect((await store.loadOrders([])).orders).toEqual([]);
    expect((await store.loadOrders([order.request.clientOrderId])).orders).toEqual([order]);
  });
});

describe('a fill', () => {
  it('changes order, trade, position, postings, balances and outbox together', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    await store.openLedger(new Map([['ETH', d('1')]]));
    const change = await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't1', '4') });
    expect(change?.order.state).toEqual({ kind: 'PartiallyFilled', venueOrderId: 'v1', filled: d('4') });
    expect((await store.loadOrders([])).orders).toEqual([change?.order]);
    expect(await rows('SELECT quantity::text, cost::text, realised::text FROM trading.positions')).toEqual([
      { quantity: '4.000000000000000000', cost: '0.005600000000000000', realised: '-0.000010000000000000' },
    ]);
    expect(await store.readLedger()).toEqual(
      new Map([
        ['ETH', d('0.99439')],
        ['XRP', d('4')],
      ]),
    );
    expect(await rows('SELECT stream FROM trading.outbox ORDER BY id')).toEqual(
      ['orders.events', 'fills', 'orders.events'].map((stream) => ({ stream })),
    );
    expect(
      await rows(
        `SELECT asset, sum(amount)::text AS sum FROM trading.ledger_postings GROUP BY asset HAVING sum(amount) <> 0`,
      ),
    ).toEqual([]);
  });

  it('is counted once, however often it is observed', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    const fills = ['t1', 't2', 't1', 't2', 't1'].map((id) => fillOf(order, id, '5'));
    await Promise.all(fills.map(async (fill) => await observed(order, { kind: 'FillSeen', fill })));
    expect(await rows('SELECT filled::text, state FROM trading.orders')).toEqual([
      { filled: '10.000000000000000000', state: 'Filled' },
    ]);
    expect(await rows('SELECT quantity::text FROM trading.positions')).toEqual([{ quantity: '10.000000000000000000' }]);
    expect(await rows('SELECT FROM trading.trades')).toHaveLength(2);
  });

  it('posts a fee in a third asset', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't1', '10', { fee: d('0.5'), feeAsset: 'MX' }) });
    expect((await store.readLedger()).get('MX')).toBe(d('-0.5'));
  });

  it('is recorded for an order that had ended, and the terminal state stays', async () => {
    const order: OrderRecord = { ...intent(), state: { kind: 'NeverSent', reason: 'NeverArrived' } };
    await store.commitIntent(TERMS, order);
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't1', '10') });
    expect(await rows('SELECT filled::text, state FROM trading.orders')).toEqual([
      { filled: '10.000000000000000000', state: 'NeverSent' },
    ]);
    expect(await rows('SELECT quantity::text FROM trading.positions')).toEqual([{ quantity: '10.000000000000000000' }]);
  });
});

describe('every state', () => {
  const cases: readonly (readonly [string, readonly Observation[]])[] = [
    ['Unknown', [{ kind: 'OutcomeUnknown', atMs: NOW }]],
    ['Open', [{ kind: 'Accepted', venueOrderId: 'v1' }]],
    ['CancelPending', [{ kind: 'Accepted', venueOrderId: 'v1' }, { kind: 'CancelRequested' }]],
    ['Rejected', [{ kind: 'Refused', code: '30005' }]],
    ['NeverSent', [{ kind: 'NotSent', reason: 'PermitExpired' }]],
  ];
  it.each(cases)('%s is read back as it was written', async (kind, observations) => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    let last: OrderRecord | undefined;
    for (const observation of observations) last = (await observed(order, observation))?.order;
    expect(last?.state.kind).toBe(kind);
    expect((await store.loadOrders([order.request.clientOrderId])).orders).toEqual([last]);
  });
});

describe('the ledger', () => {
  it('is opened once with the balances of the venue', async () => {
    const opened = await Promise.all([1, 2, 3].map(async () => await store.openLedger(new Map([['ETH', d('7')]]))));
    expect(opened.filter(Boolean)).toHaveLength(1);
    expect(await store.readLedger()).toEqual(new Map([['ETH', d('7')]]));
    expect(await rows(`SELECT event_id, account, amount::text FROM trading.ledger_postings ORDER BY line`)).toEqual([
      { event_id: 'opening:ETH', account: 'venue', amount: '7.000000000000000000' },
      { event_id: 'opening:ETH', account: 'external', amount: '-7.000000000000000000' },
    ]);
  });

  it('is opened after a fill with the amounts that the fills do not explain', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't1', '4') });
    const held = new Map([
      ['ETH', d('7')],
      ['MX', d('2')],
      ['XRP', d('4')],
    ]);
    expect(await store.openLedger(held)).toBe(true);
    expect(await store.readLedger()).toEqual(held);
    expect(await rows(`SELECT asset, amount::float8 FROM trading.ledger_postings WHERE account = 'external'`)).toEqual([
      { asset: 'ETH', amount: -7.00561 },
      { asset: 'MX', amount: -2 },
      { asset: 'XRP', amount: 0 },
    ]);
    expect(await store.openLedger(new Map([['ETH', d('8')]]))).toBe(false);
  });

  it('records the balances of the venue beside its own amounts', async () => {
    await store.openLedger(
      new Map([
        ['ETH', d('7')],
        ['XRP', d('1')],
      ]),
    );
    await store.recordVenueBalances(
      new Map([
        ['ETH', { total: d('6'), free: d('5') }],
        ['MX', { total: d('2'), free: d('2') }],
      ]),
      NOW,
      [],
    );
    expect(
      await rows(
        `SELECT asset, ledger::numeric(9,1)::text, venue::numeric(9,1)::text FROM trading.balances ORDER BY asset`,
      ),
    ).toEqual([
      { asset: 'ETH', ledger: '7.0', venue: '6.0' },
      { asset: 'MX', ledger: '0.0', venue: '2.0' },
      { asset: 'XRP', ledger: '1.0', venue: '0.0' },
    ]);
  });
});

describe('the store', () => {
  it('returns recorded trades and the time of the newest', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    expect(await store.fillWatermark('XRP/ETH')).toBeUndefined();
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't1', '1') });
    expect(await store.fillWatermark('XRP/ETH')).toBe(NOW + 5);
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't3', '1', { time: NOW + 9 }) });
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't4', '1', { time: NOW + 7 }) });
    expect(await store.fillWatermark('XRP/ETH')).toBe(NOW + 9);
    const other = createPostgresStore(pool, 'other-1', { observe, effectsOf, transferOf, manualEffects });
    expect(await other.fillWatermark('XRP/ETH')).toBeUndefined();
    expect(await store.recordedTrades('XRP/ETH', ['t1', 't2'])).toEqual(new Set(['t1 v1']));
  });

  it('knows no deadline of a row whose deadline cannot be read', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    const { clientOrderId } = order.request;
    await database.pool.query(`UPDATE trading.orders SET deadline = 'infinity'`);
    expect((await store.loadOrders([])).malformed).toMatchObject([{ clientOrderId, deadlineMs: undefined }]);
  });

  it('sums positions', async () => {
    const order = intent();
    await store.commitIntent(TERMS, order);
    await observed(order, { kind: 'FillSeen', fill: fillOf(order, 't1', '10') });
    const portfolio = await store.loadPortfolio();
    expect(portfolio).toMatchObject({ orders: 1, fills: 1, positions: [{ symbol: 'XRP/ETH', quantity: d('10') }] });
  });
});
