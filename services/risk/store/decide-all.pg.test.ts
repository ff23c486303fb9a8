import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isTerminal, ORDER_STATE_KINDS, type OrderState } from '../../shared/domain/orders/order.ts';
import { createPool } from '../../shared/postgres/pool.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { activateRelease } from '../../../test/harness/stores/active-release.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { accountAfter } from '../core/account-after.ts';
import type { Account } from '../core/account.ts';
import type { Ruling } from '../core/rulings.ts';
import type { Moment, Outcome } from '../ports.ts';
import { decideAll } from './decide-all.ts';
import { loadAccount } from './load-account.ts';
import { CONTRACT_STACK } from './contract-decisions.ts';
import { riskStoreContract } from './risk-store-contract.ts';
import { riskStatements } from './risk-store.ts';

const NOW = 1_800_000_000_000;
const STACK = CONTRACT_STACK;
const EMPTY =
  'TRUNCATE risk.decisions, risk.stances, risk.stops, risk.cancel_requests, trading.orders, trading.positions, trading.balances, trading.halts CASCADE';
const MOMENT: Moment = { stack: STACK, release: 'r1', nowMs: NOW };

async function decide(
  rule: (account: Account) => Ruling,
  { decisionId = 'cross:XRP/ETH:1', stack = STACK } = {},
): Promise<Outcome | undefined> {
  const subject = { decisionId, strategy: 'cross', symbol: 'XRP/ETH' };
  return (await decideAll({ pool, core: { accountAfter } }, { ...MOMENT, stack }, [subject], rule))[0];
}

const NO_ACTION = { kind: 'NoAction', reason: 'Flat' } as const;
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  // Connects with the service's own role, so the tests cover its grants.
  pool = createPool({
    ...database.as('risk'),
    plansOnce: true,
    applicationName: 'risk',
    log: createLogger({ name: 'test', level: 'silent' }),
  });
});

beforeEach(async () => {
  await database.pool.query(EMPTY);
  for (const stack of [STACK, 'other-1']) await activateRelease(database.pool, stack, 'r1');
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

test('stores a refusal with its code and inputs, and without an order', async () => {
  const decision = { code: 'FeedStale', detail: 'old', inputs: { feedAgeMs: 9_000 }, order: undefined };
  const refusal: Ruling = { kind: 'Decided', decision };
  expect(await decide(() => refusal)).toEqual({ kind: 'New', decision });
  expect(await decide(() => refusal)).toEqual({ kind: 'Repeated', order: undefined });
  const { rows } = await database.pool.query('SELECT approved, code, inputs, deadline FROM risk.decisions');
  expect(rows).toEqual([{ approved: false, code: 'FeedStale', inputs: { feedAgeMs: 9_000 }, deadline: null }]);
});

test('stores no row when no action is needed', async () => {
  expect(await decide(() => NO_ACTION)).toEqual(NO_ACTION);
  const { rowCount } = await database.pool.query('SELECT 1 FROM risk.decisions');
  expect(rowCount).toBe(0);
});

test('loads what live orders have filled and, once they have ended at the venue, executed, and when each balance was compared', async () => {
  await database.pool.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state, filled, final_executed)
     VALUES ($1, 'live', 'd1', 'cross', 'XRP/ETH', 'sell', 'LIMIT', 0.0015, 7, 'XRP', 7, 1, 'h', now(), 'PartiallyFilled', 2, NULL),
            ($1, 'ended', 'd3', 'cross', 'XRP/ETH', 'sell', 'LIMIT', 0.0015, 7, 'XRP', 7, 1, 'h', now(), 'CancelPending', 2, 5),
            ($1, 'done', 'd2', 'cross', 'XRP/ETH', 'sell', 'LIMIT', 0.0015, 7, 'XRP', 7, 1, 'h', now(), 'Filled', 7, 7)`,
    [STACK],
  );
  await database.pool.query(
    `INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at) VALUES ($1, 'ETH', 9.5, 9.5, $2), ($1, 'XRP', 1, NULL, NULL)`,
    [STACK, new Date(NOW - 1_000)],
  );
  const account = await accountNow();
  const filled = 2n * 10n ** 18n;
  expect(account.liveOrders).toMatchObject([
    { clientOrderId: 'live', filled, state: 'PartiallyFilled', finalExecuted: undefined },
    { clientOrderId: 'ended', filled, state: 'CancelPending', finalExecuted: 5n * 10n ** 18n },
  ]);
  expect(account.unread).toEqual([]);
  expect(account.balances).toEqual([
    // No release has recorded what the venue has free.
    { asset: 'ETH', ledger: 95n * 10n ** 17n, reconciledAtMs: NOW - 1_000, venueFree: undefined, drifting: false },
    { asset: 'XRP', ledger: 10n ** 18n, reconciledAtMs: 0, venueFree: undefined, drifting: false },
  ]);
});

test('loads every order that has not ended with what it reserves, also one of unknown outcome', async () => {
  await database.pool.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state)
     SELECT $1, kind, kind, 'cross', 'XRP/ETH', 'sell', 'LIMIT', 0.0015, 7, 'XRP', 7, 1, 'h', now(), kind FROM unnest($2::text[]) kind`,
    [STACK, ORDER_STATE_KINDS],
  );
  const live = ORDER_STATE_KINDS.filter((kind) => !isTerminal({ kind } as OrderState));
  const { liveOrders } = await accountNow();
  expect(liveOrders.map(({ state }) => state).toSorted()).toEqual(live.toSorted());
  expect(new Set(liveOrders.map(({ reserved }) => reserved))).toEqual(new Set([7n * 10n ** 18n]));
});

test('keeps the stances of two stacks apart', async () => {
  const wants = { strategy: 'cross', symbol: 'XRP/ETH', stance: 'Flat', barClose: NOW, changedAt: NOW } as const;
  await decide(() => ({ ...NO_ACTION, wants }), { stack: 'other-1' });
  expect((await accountNow()).stances).toEqual([]);
  expect((await loadAccount(pool, { stack: 'other-1', nowMs: NOW, ids: [] })).account.stances).toEqual([wants]);
});

test('keeps the requested cancellations of two stacks apart', async () => {
  const [own, other] = [STACK, 'other-1'].map((stack) => riskStatements(pool, stack, { accountAfter }));
  const one = { clientOrderId: 'one', symbol: 'XRP/ETH', reason: 'Leaving' } as const;
  await other?.requestCancels(NOW - 90_000, [one]);
  await own?.requestCancels(NOW, [one]);
  const requested = async (store: typeof own) => (await store?.readAccount(NOW))?.cancelRequests;
  expect(await requested(own)).toMatchObject([{ clientOrderId: 'one', requestedAtMs: NOW }]);
  expect(await requested(other)).toMatchObject([{ clientOrderId: 'one', requestedAtMs: NOW - 90_000 }]);
});

test('a release that knows no stops ends one with its entry, so that an upgrade later finds none', async () => {
  const store = riskStatements(pool, STACK, { accountAfter });
  await store.beginStop({ strategy: 'cross', symbol: 'XRP/ETH', openedAtMs: NOW - 86_400_000 }, {});
  const insert = `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
    VALUES ($1, $2, 'cross', 'XRP/ETH', true, 'Approved', '', '{}', $2, $3, now(), 'r0', now())`;
  await pool.query(insert, [STACK, 'exit', { side: 'sell' }]);
  await pool.query(insert, ['other-1', 'other', { side: 'buy' }]);
  expect((await store.readAccount(NOW)).stops).toHaveLength(1);
  await pool.query(insert, [STACK, 'entry', { side: 'buy' }]);
  expect((await store.readAccount(NOW)).stops).toEqual([]);
});

test('decides the others when Postgres does not accept a decision, and keeps nothing of that one', async () => {
  const wants = { strategy: 'cross', symbol: 'XRP/ETH', stance: 'Flat', barClose: NOW, changedAt: NOW } as const;
  const subjects = ['one', 'two', 'three'].map((decisionId) => ({ decisionId, strategy: 'cross', symbol: 'XRP/ETH' }));
  const outcomes = await decideAll({ pool, core: { accountAfter } }, MOMENT, subjects, (_account, index): Ruling => {
    // Postgres stores no NUL character.
    const detail = index === 1 ? '\0' : 'old';
    const decision = { code: 'FeedStale', detail, inputs: {}, order: undefined };
    return { kind: 'Decided', decision, ...(index === 1 ? { wants } : {}) };
  });
  expect(outcomes.map(({ kind }) => kind)).toEqual(['New', 'Failed', 'New']);
  const { rows } = await database.pool.query('SELECT decision_id FROM risk.decisions ORDER BY 1');
  expect(rows).toEqual([{ decision_id: 'one' }, { decision_id: 'three' }]);
  expect((await accountNow()).stances).toEqual([]);
});

test('commits several decisions in one transaction', async () => {
  const subjects = ['one', 'two'].map((decisionId) => ({ decisionId, strategy: 'cross', symbol: 'XRP/ETH' }));
  const decision = { code: 'FeedStale', detail: 'old', inputs: {}, order: undefined };
  await decideAll({ pool, core: { accountAfter } }, MOMENT, subjects, () => ({ kind: 'Decided', decision }));
  const { rows } = await database.pool.query(
    'SELECT count(DISTINCT xmin::text)::int AS transactions FROM risk.decisions',
  );
  expect(rows).toEqual([{ transactions: 1 }]);
});

test('counts no approval as open whose order is older: the database had lost the decision', async () => {
  const insert = `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
    VALUES ($1, $2, 'cross', 'XRP/ETH', true, 'Approved', '', '{}', $2, '{"side":"buy"}', now(), 'r0', now())`;
  const order = `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state)
    VALUES ($1, 'adopted', $2, 'cross', 'XRP/ETH', 'buy', 'LIMIT', 1, 1, 'ETH', 1, 1, 'h', now(), 'Open')`;
  const open = async () =>
    (await database.pool.query('SELECT stack, decision_id FROM risk.open_approvals ORDER BY 1, 2')).rows;
  await database.pool.query(order, [STACK, 'd1']);
  await pool.query(insert, [STACK, 'd1']);
  expect(await open()).toEqual([]);
  // The same decision ID of another stack is another decision.
  await pool.query(insert, ['other-1', 'd1']);
  expect(await open()).toEqual([{ stack: 'other-1', decision_id: 'd1' }]);
  await database.pool.query(order, ['other-1', 'd1']);
  expect(await open()).toEqual([]);
});

const EXPLAINED = /WHERE stack = \$1 AND decision_id = ANY/;

test('looks decisions up by their keys, even if the planner knows no history', async () => {
  const client = await pool.connect();
  try {
    const sent: { readonly text: string; readonly values: readonly unknown[] }[] = [];
    const query = client.query.bind(client);
    const recording: typeof client.query = (...args: readonly unknown[]) => {
      sent.push(args[0] as (typeof sent)[number]);
      return Reflect.apply(query, client, args);
    };
    await loadAccount({ query: recording }, { stack: STACK, nowMs: NOW, ids: ['d1', 'd2'] });
    const [{ text, values }] = sent.filter((one) => EXPLAINED.test(one.text)) as [(typeof sent)[number]];
    expect((await client.query('SHOW plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'force_generic_plan' }]);
    await client.query('SET enable_seqscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${text}`, [...values]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const conditions = [...plan.matchAll(/on decisions\S*.*\n\s*(?:Recheck|Index) Cond: (.*)/g)].map(
      ([, found]) => found,
    );
    expect(conditions).toEqual([
      '((decision_id = w.decision_id) AND (stack = w.stack))',
      expect.stringMatching(/stack = .*decided_at >/),
      expect.stringMatching(/decision_id = ANY .*stack = /),
    ]);
  } finally {
    client.release(true);
  }
});

test('decides although all connections of the pool have outdated plans', async () => {
  const rule = () => NO_ACTION;
  await Promise.all(Array.from({ length: 5 }, async (_, index) => await decide(rule, { decisionId: `warm:${index}` })));
  const clients = await Promise.all(Array.from({ length: 5 }, async () => await pool.connect()));
  const prepared = await Promise.all(clients.map(async (client) => await client.query('DEALLOCATE ALL')));
  for (const client of clients) client.release();
  expect(prepared).toHaveLength(5);
  await database.pool.query('ALTER TABLE trading.orders ADD COLUMN of_a_later_release int');
  expect(await decide(rule)).toEqual(NO_ACTION);
});

async function accountNow(): Promise<Account> {
  let seen: Account | undefined;
  const look = (account: Account): Ruling => {
    seen = account;
    return NO_ACTION;
  };
  await decide(look, { decisionId: 'probe' });
  if (seen === undefined) throw new Error('the rule was not called');
  return seen;
}

riskStoreContract('Postgres', async () => {
  await database.pool.query(EMPTY);
  await database.pool.query('TRUNCATE risk.active_release');
  await activateRelease(database.pool, CONTRACT_STACK, 'r1');
  const halt = `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, $2, $3, '')`;
  return {
    store: riskStatements(pool, CONTRACT_STACK, { accountAfter }),
    setActive: async (active) => {
      await database.pool.query('DELETE FROM risk.active_release WHERE stack = $1', [CONTRACT_STACK]);
      const insert = `INSERT INTO risk.active_release (stack, epoch, release, heard_at) VALUES ($1, $2, $3, clock_timestamp() - $4 * interval '1 second')`;
      if (active !== undefined)
        await database.pool.query(insert, [CONTRACT_STACK, active.epoch, active.release, active.isStale ? 60 : 0]);
    },
    haltByHand: async (source, active) => void (await database.pool.query(halt, [CONTRACT_STACK, source, active])),
    addPosition: async (quantity, refusedMs) =>
      void (await database.pool.query(
        `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised, exit_refused_at) VALUES ($1, 'cross', 'XRP/ETH', $2, 0, 0, $3)
         ON CONFLICT (stack, strategy, symbol) DO UPDATE SET exit_refused_at = excluded.exit_refused_at`,
        [CONTRACT_STACK, quantity, refusedMs === undefined ? null : new Date(refusedMs)],
      )),
    readVenue: async (free, atMs, drifting) =>
      void (await database.pool.query(
        `INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at, drifting, venue_free, venue_free_at) VALUES ($1, 'ETH', 2, 2, $2, $3, $4, $2)
         ON CONFLICT (stack, asset) DO UPDATE SET drifting = excluded.drifting, venue_free = excluded.venue_free, venue_free_at = excluded.venue_free_at`,
        [CONTRACT_STACK, new Date(atMs), drifting, free],
      )),
    addOrder: async ({ clientOrderId, decisionId, state, code = null }) => {
      await database.pool.query(
        `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state, filled, reason)
         VALUES ($1, $2, $3, 'cross', 'XRP/ETH', 'buy', 'LIMIT', 0.0014, 10, 'ETH', 1, 1, 'h', now(), $4, 0, $5)`,
        [CONTRACT_STACK, clientOrderId, decisionId, state, code],
      );
    },
  };
});
