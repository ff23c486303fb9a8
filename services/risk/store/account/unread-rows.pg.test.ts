import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { riskState, xrpEth } from '../../../../test/fixtures/risk-state.ts';
import { activateRelease } from '../../../../test/harness/stores/active-release.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { accountAfter } from '../../core/account-after.ts';
import { decide } from '../../core/decide.ts';
import { exitSignal } from '../../core/exits/exit.ts';
import type { RiskState } from '../../core/risk-state.ts';
import { riskStatements } from '../risk-store.ts';

const STACK = 'demo-1a2b3c4d';
const NOW = 1_800_000_000_000;
const SYMBOLS = ['XRP/ETH', 'ADA/ETH', 'BNB/BTC'] as const;
const NO_LIMIT = parseDecimal('1000');
const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;

/** What another release allows, or a person wrote: the checks of the columns do not exist. */
const LOOSEN = `
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT conrelid::regclass AS rel, conname FROM pg_constraint
    WHERE contype = 'c' AND connamespace IN ('trading'::regnamespace, 'risk'::regnamespace)
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', one.rel, one.conname); END LOOP;
END $$`;
const EMPTY = `TRUNCATE trading.orders, trading.positions, trading.balances, trading.halts, trading.transfers, trading.fee_totals,
  trading.venue_health, risk.decisions, risk.stances, risk.stops, risk.equity, risk.breakers CASCADE`;
/** Strategy trend holds 50 of each, and everything has been compared with the venue. */
const ACCOUNT = `
INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised)
  SELECT '${STACK}', 'trend', s, 50, 0.07, 0 FROM unnest(ARRAY['XRP/ETH', 'ADA/ETH', 'BNB/BTC']) s;
INSERT INTO trading.balances (stack, asset, ledger, reconciled_at)
  SELECT '${STACK}', a, 900, to_timestamp(${NOW} / 1000.0) FROM unnest(ARRAY['XRP', 'ADA', 'BNB', 'ETH', 'BTC']) a`;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  await activateRelease(database.pool, STACK, 'r1');
  pool = createPool({ ...database.as('risk'), applicationName: 'risk', log });
  await database.pool.query(LOOSEN);
  await database.pool.query('ALTER TABLE trading.positions ALTER quantity DROP NOT NULL');
});

beforeEach(async () => {
  await database.pool.query(EMPTY);
  await database.pool.query(ACCOUNT);
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

const TREND_ADA = { strategy: `'trend'`, symbol: `'ADA/ETH'` };

/** An order of strategy trend on ADA/ETH that buys 20, with some other columns. */
function order(columns: Readonly<Record<string, string>>): string {
  const ids = { stack: `'${STACK}'`, client_order_id: `'c1'`, decision_id: `'d1'`, ...TREND_ADA };
  const terms = { side: `'buy'`, type: `'LIMIT'`, price: '0.001', quantity: '20' };
  const reservation = { reserved_asset: `'ETH'`, reserved: '0.02' };
  const rest = { epoch: '1', risk_hash: `'h'`, deadline: 'now()', state: `'Open'` };
  const row = { ...ids, ...terms, ...reservation, ...rest, ...columns };
  return `INSERT INTO trading.orders (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`;
}

/** An approval of strategy trend on ADA/ETH that sells 20, with some other fields. */
function approval(fields: Readonly<Record<string, unknown>>): string {
  const terms = { clientOrderId: 'a1', strategy: 'trend', symbol: 'ADA/ETH', side: 'sell', price: '0.001' };
  const message = JSON.stringify({ ...terms, quantity: '20', type: 'LIMIT', ...fields });
  return `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id,
      approved_order, deadline, release, decided_at)
    VALUES ('${STACK}', 'd1', 'trend', 'ADA/ETH', true, 'Approved', '', '{}', 'a1', '${message}', to_timestamp(${NOW} / 1000.0), 'r9',
      to_timestamp(${NOW - 5_000} / 1000.0))`;
}

function insert(table: string, columns: Readonly<Record<string, string>>): string {
  const names = ['stack', ...Object.keys(columns)].join(', ');
  return `INSERT INTO ${table} (${names}) VALUES (${[`'${STACK}'`, ...Object.values(columns)].join(', ')})`;
}

const STANCE = { ...TREND_ADA, bar_close: 'now()', changed_at: 'now()' };
const EQUITY = { revision: '1', currency: `'ETH'`, equity: '1', day: 'now()', day_start: '1', peak: '1' };
const HEALTH = { epoch: '1', requests: '1', timed: '0', longest_pause_ms: '0' };
const BREAKER = { symbol: `'XRP/ETH'`, tripped_at: 'now()', threshold: `'5'`, detail: `'moved'` };
const KNOWN_FAILURES = `{"NoAnswer":0,"NotSent":0,"RateLimited":0,"Banned":0`;

async function readState(): Promise<Omit<RiskState, 'market'>> {
  const { liveOrders, openApprovals, ...account } = await riskStatements(pool, STACK, { accountAfter }).readAccount(
    NOW,
  );
  expect(openApprovals).toEqual([]);
  const { limits } = riskState.policy;
  const wide = { maxPositionNotional: NO_LIMIT, maxExposureNotional: NO_LIMIT, maxOpenOrders: 50 };
  const marks = new Map([...SYMBOLS, 'BTC/ETH'].map((symbol) => [symbol, parseDecimal('0.0014')]));
  return {
    ...riskState,
    ...account,
    nowMs: NOW,
    orders: liveOrders,
    marks,
    freshMarks: marks,
    policy: { ...riskState.policy, currency: 'ETH', symbols: [...SYMBOLS, 'BTC/ETH'], limits: { ...limits, ...wide } },
  };
}

function at(symbol: string): RiskState['market'] {
  const [base = '', quote = ''] = symbol.split('/');
  const { book, lastTrade } = riskState.market;
  return {
    instrument: { ...xrpEth, symbol, base, quote, maxNotional: NO_LIMIT },
    book: { bid: book?.bid, ask: book?.ask, receivedAt: NOW },
    lastTrade: lastTrade && { ...lastTrade, tradedAt: NOW },
  };
}

/** What becomes of an entry of strategy maker in each pair, and how much an exit of strategy trend sells. */
async function outcomes(): Promise<Readonly<Record<string, string>>> {
  const state = await readState();
  return Object.fromEntries(
    SYMBOLS.map((symbol) => {
      const own = { ...state, market: at(symbol) };
      const pair = { strategy: 'trend', symbol };
      const long = { ...exitSignal(own, { strategy: 'maker', symbol }), stance: 'Long' } as const;
      const entry = decide(own, long);
      const exit = decide(own, exitSignal(own, pair));
      const code = entry.kind === 'Refused' ? entry.code : entry.kind;
      const sold = exit.kind === 'Approved' ? exit.order.quantity / 10n ** 18n : exit.kind;
      return [symbol, `${code} ${sold}`];
    }),
  );
}

const ALL_WELL = { 'XRP/ETH': 'Approved 50', 'ADA/ETH': 'Approved 50', 'BNB/BTC': 'Approved 50' };
const ADA_BOUND = { ...ALL_WELL, 'ADA/ETH': 'RowUnreadable 50' };
const ETH_BOUND = { ...ADA_BOUND, 'XRP/ETH': 'RowUnreadable 50' };
/** Also for a row that hides exposure, whose limit all instruments share. */
const ALL_BOUND = { ...ETH_BOUND, 'BNB/BTC': 'RowUnreadable 50' };
const sells = (quantity: string, bound: object = ADA_BOUND) => ({ ...bound, 'ADA/ETH': `RowUnreadable ${quantity}` });

it('decides on an account that can be read', async () => {
  expect(await outcomes()).toEqual(ALL_WELL);
});

describe('a row that cannot be read', () => {
  it.each<[string, string, object, RegExp]>([
    ['a buy without a price', order({ price: 'NULL' }), ALL_BOUND, /^trading.orders c1 trend ADA\/ETH: price /],
    ['an order of a type of another release', order({ type: `'ICEBERG'` }), ADA_BOUND, /: type /],
    ['a sale of such a type', order({ type: `'ICEBERG'`, side: `'sell'` }), sells('30'), /: type /],
    ['such a sale in part', order({ type: `'X'`, side: `'sell'`, filled: '15' }), sells('45'), /: type /],
    ['an order in a state of another release', order({ state: `'Amending'` }), ADA_BOUND, /: state /],
    ['such a sale', order({ state: `'Amending'`, side: `'sell'` }), sells('30'), /: state /],
    [
      'a huge buy without its reservation',
      order({ reserved: `'NaN'`, price: '1e15', quantity: '1e15' }),
      ALL_BOUND,
      /: reserved /,
    ],
    ['an order of an unknown side', order({ side: `'short'` }), sells('30', ALL_BOUND), /: side /],
    ['a sale without a price', order({ price: 'NULL', side: `'sell'` }), sells('30'), /: price /],
    ['a buy without its quantity', order({ quantity: `'NaN'` }), ALL_BOUND, /: quantity /],
    [
      'a sale without its quantity',
      order({ quantity: `'NaN'`, side: `'sell'` }),
      sells('NoAction', ETH_BOUND),
      /: quantity /,
    ],
    ['an order without its reservation', order({ reserved: `'NaN'` }), ADA_BOUND, /: reserved /],
    ['one without a price, too', order({ reserved: `'NaN'`, price: 'NULL' }), ALL_BOUND, /: price .*; reserved /],
    ['an order of no pair', order({ symbol: `'ada'`, price: 'NULL' }), ALL_BOUND, /^trading.orders c1 trend: /],
    [
      'an approval of another type',
      approval({ type: 'ICEBERG' }),
      sells('30'),
      /^risk.decisions a1 trend ADA.*: type /,
    ],
    [
      'an approval without its quantity',
      approval({ quantity: undefined }),
      sells('NoAction', ETH_BOUND),
      /: quantity /,
    ],
    ['a bought amount', approval({ side: 'buy', price: undefined }), ALL_BOUND, /: price /],
    ['an approval of no strategy', approval({ strategy: undefined }), ALL_BOUND, /: strategy /],
    ['an approval that is none', approval({ strategy: undefined, symbol: 1 }), ALL_BOUND, /: strategy /],
    [
      'a position without its quantity',
      `UPDATE trading.positions SET quantity = NULL WHERE symbol = 'ADA/ETH'`,
      sells('NoAction', ALL_BOUND),
      /^trading.positions trend ADA\/ETH: quantity /,
    ],
    [
      'a position without its cost',
      `UPDATE trading.positions SET cost = 'NaN' WHERE symbol = 'ADA/ETH'`,
      ADA_BOUND,
      /: cost /,
    ],
    [
      'a balance of a base asset',
      `UPDATE trading.balances SET ledger = 'NaN' WHERE asset = 'ADA'`,
      ADA_BOUND,
      /^trading.balances ADA: ledger /,
    ],
    [
      'one of a quote asset',
      `UPDATE trading.balances SET ledger = 'NaN' WHERE asset = 'ETH'`,
      ETH_BOUND,
      /ETH: ledger /,
    ],
    ['a stance of another release', insert('risk.stances', { ...STANCE, stance: `'Short'` }), ADA_BOUND, /: stance /],
    [
      'entries without a count',
      insert('risk.stances', { ...STANCE, stance: `'Long'`, entry_changed_at: 'now()' }),
      ADA_BOUND,
      /^risk.stances trend ADA\/ETH: count /,
    ],
    [
      'a stop of another release',
      insert('risk.stops', { ...TREND_ADA, opened_at: 'now()', kind: `'BreakEven'`, triggered_at: 'now()' }),
      ADA_BOUND,
      /^risk.stops trend ADA\/ETH: kind /,
    ],
    [
      'a stop without its highest price',
      insert('risk.stops', { ...TREND_ADA, opened_at: 'now()', high_price: `'NaN'` }),
      ADA_BOUND,
      /: high_price /,
    ],
    [
      'a stop without its time',
      insert('risk.stops', { ...TREND_ADA, opened_at: `'infinity'` }),
      ADA_BOUND,
      /: opened_at /,
    ],
    [
      'a breaker of another release',
      insert('risk.breakers', { ...BREAKER, breaker: `'SlowFills'`, inputs: `'{}'` }),
      ALL_BOUND,
      /^risk.breakers SlowFills XRP\/ETH: breaker /,
    ],
    [
      'a breaker without its numbers',
      insert('risk.breakers', { ...BREAKER, breaker: `'PriceMove'`, inputs: `'[]'` }),
      ALL_BOUND,
      /: inputs /,
    ],
    [
      'health of the venue with a failure of another release',
      insert('trading.venue_health', { ...HEALTH, failures: `'${KNOWN_FAILURES},"Throttled":3}'` }),
      ALL_BOUND,
      /^trading.venue_health: failures/,
    ],
    [
      'the equity',
      insert('risk.equity', { ...EQUITY, assets: `'{}'`, transfers: `'[]'` }),
      ALL_BOUND,
      /^risk.equity: transfers /,
    ],
    [
      'a transfer',
      insert('trading.transfers', {
        asset: `'ETH'`,
        amount: `'NaN'`,
        author: `'a'`,
        reason: `'b'`,
        booked_at: 'now()',
      }),
      ALL_BOUND,
      /^trading.transfers: ETH /,
    ],
    ['fees', insert('trading.fee_totals', { asset: `'MX'`, amount: `'NaN'` }), ALL_BOUND, /^trading.fee_totals: MX /],
    [
      'a trading state of another release',
      insert('trading.halts', { source: `'desk'`, active: 'true', reason: `'x'`, state: `'Frozen'` }),
      ALL_BOUND,
      /^trading.trading_states desk: state /,
    ],
  ])('bounds what it concerns, and is named: %s', async (_what, sql, expected, named) => {
    await database.pool.query(sql);
    expect(await outcomes()).toEqual(expected);
    const { unread } = await readState();
    expect(unread.map(({ table, key, problem }) => `${[table, key].filter(Boolean).join(' ')}: ${problem}`)).toEqual([
      expect.stringMatching(named),
    ]);
  });

  it('leaves what else it says: a stop that triggered is worked, and a breaker has tripped', async () => {
    const stop = {
      ...TREND_ADA,
      opened_at: 'now()',
      kind: `'BreakEven'`,
      triggered_at: `to_timestamp(${NOW} / 1000.0)`,
    };
    await database.pool.query(insert('risk.stops', stop));
    await database.pool.query(insert('risk.breakers', { ...BREAKER, breaker: `'PriceMove'`, inputs: `'[]'` }));
    const { stops, breakers } = await readState();
    expect(stops).toMatchObject([{ strategy: 'trend', triggered: { kind: undefined, atMs: NOW } }]);
    expect(breakers).toMatchObject([{ breaker: 'PriceMove', symbol: 'XRP/ETH', detail: 'moved', inputs: {} }]);
  });

  it('lets a decision about another signal be made, and is no second decision of its own', async () => {
    await database.pool.query(approval({ type: 'ICEBERG' }));
    const store = riskStatements(pool, STACK, { accountAfter });
    const subjects = ['d1', 'd2'].map((decisionId) => ({ decisionId, strategy: 'trend', symbol: 'ADA/ETH' }));
    const moment = { stack: STACK, release: 'r1', nowMs: NOW } as const;
    expect(await store.decideAll(moment, subjects, () => ({ kind: 'NoAction', reason: 'probe' }))).toEqual([
      { kind: 'Repeated', order: undefined },
      { kind: 'NoAction', reason: 'probe' },
    ]);
  });
});

describe('a time with microseconds, which a person wrote', () => {
  const AT = `to_timestamp(${NOW} / 1000.0) + interval '7 microseconds'`;
  const key = { strategy: 'trend', symbol: 'ADA/ETH', openedAtMs: NOW };

  it('is read in milliseconds', async () => {
    await database.pool.query(
      insert('risk.stances', { ...STANCE, stance: `'Long'`, bar_close: AT, changed_at: AT, entry_changed_at: AT }),
    );
    await database.pool.query(`UPDATE risk.stances SET entry_count = 1, entry_quantity = 5, entry_at = ${AT}`);
    await database.pool.query(insert('risk.equity', { ...EQUITY, assets: `'{}'`, transfers: `'{}'`, day: AT }));
    const { stances, entryAttempts, equityRecord, unread } = await readState();
    expect(stances).toMatchObject([{ barClose: NOW, changedAt: NOW }]);
    expect(entryAttempts).toMatchObject([{ changedAt: NOW, lastAtMs: NOW }]);
    expect([equityRecord?.dayMs, unread]).toEqual([NOW, []]);
  });

  it('keeps no stop from being raised, triggered or ended', async () => {
    const store = riskStatements(pool, STACK, { accountAfter });
    await database.pool.query(insert('risk.stops', { ...TREND_ADA, opened_at: AT }));
    const high = parseDecimal('2');
    await store.raiseStop(key, high);
    expect((await readState()).stops).toMatchObject([{ ...key, highPrice: high }]);
    const triggered = {
      kind: 'MaxHolding',
      level: undefined,
      bid: undefined,
      entryPrice: undefined,
      atMs: NOW,
    } as const;
    expect(await store.triggerStop({ ...key, highPrice: high, triggered })).toBe(true);
    await database.pool.query('UPDATE risk.stops SET kind = NULL, triggered_at = NULL');
    await store.endStop(key);
    expect((await readState()).stops).toEqual([]);
  });

  it('keeps no breaker from leaving', async () => {
    await database.pool.query(
      insert('risk.breakers', { ...BREAKER, breaker: `'PriceMove'`, inputs: `'{}'`, tripped_at: AT }),
    );
    const [breaker] = (await readState()).breakers;
    const leave = { breaker: 'PriceMove', symbol: 'XRP/ETH', leftAtMs: NOW + 1, cause: 'CooledDown' } as const;
    const store = riskStatements(pool, STACK, { accountAfter });
    expect(await store.leaveBreaker({ ...leave, trippedAtMs: breaker?.trippedAtMs ?? 0 })).toBe(true);
  });
});
