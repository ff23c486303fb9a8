import type { PoolClient } from 'pg';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { riskTestSettings } from '../../test/fixtures/risk-settings.ts';
import { xrpEth } from '../../test/fixtures/risk-state.ts';
import { untilBlocked } from '../../test/harness/stores/blocked-sessions.ts';
import { activateRelease } from '../../test/harness/stores/active-release.ts';
import { useServiceDatabase } from '../../test/harness/stores/service-database.ts';
import { until } from '../../test/harness/until.ts';
import { parseDecimal, type Decimal } from '../shared/domain/decimal.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { systemClock as clock } from '../shared/runtime/clock.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import { TradingStates } from '../shared/trading-state/trading-states.ts';
import { accountAfter } from './core/account-after.ts';
import { ALL_READ } from './core/stances/unread-signals.ts';
import { createExitWorker } from './exit-worker.ts';
import { createRiskMetrics } from './metrics.ts';
import { createRiskService } from './service.ts';
import { riskStatements } from './store/risk-store.ts';

const db = useServiceDatabase('risk');
const STACK = riskTestSettings.stack.id;
const log = createLogger({ name: 'test', level: 'silent' });
/** Sooner than the server gives up waiting for the lock. */
const SOON_MS = 5_000;
let ending: AbortController;
let running: Promise<unknown>;
let other: PoolClient;

beforeEach(async () => {
  await activateRelease(db.admin, STACK, 'r');
  other = await db.admin.connect();
  ending = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  ending.abort(new Error('the test ends'));
  other.release(true);
  await running;
});

/** Holds a position that its strategy wants to leave, beside a bid of its own below the market. */
async function hold(strategy: string): Promise<void> {
  await db.admin.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, $2, 'XRP/ETH', 50, 0.07, 0)`,
    [STACK, strategy],
  );
  await db.admin.query(
    `INSERT INTO risk.stances (stack, strategy, symbol, stance, changed_at, bar_close)
     VALUES ($1, $2, 'XRP/ETH', 'Flat', now(), now())`,
    [STACK, strategy],
  );
  await db.admin.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state)
     VALUES ($1, $2, $2, $2, 'XRP/ETH', 'buy', 'LIMIT', 0.0001, 10, 'ETH', 0.001, 1, 'h', now(), 'Open')`,
    [STACK, strategy],
  );
}

/** Starts the worker beside a book that stays fresh. */
function start(): void {
  const market = new MarketView(riskTestSettings.symbols);
  market.onInstruments(new Map([[xrpEth.symbol, xrpEth]]));
  const at = { producer: 'ws', seq: 1, symbol: xrpEth.symbol, time: Date.now(), receivedAt: Date.now() };
  const level = (price: string): [[Decimal, Decimal]] => [[parseDecimal(price), parseDecimal('9')]];
  market.onBook({ ...at, version: '1', bids: level('0.0014'), asks: level('0.001401') });
  const limits = { ...riskTestSettings.limits, maxFeedAgeMs: 600_000 };
  const store = {
    ...riskStatements(db.pool, STACK, { accountAfter }),
    publish: async () => await Promise.resolve([]),
  };
  const states = new TradingStates({ store, clock, log });
  const shared = {
    settings: { ...riskTestSettings, limits },
    release: 'r',
    digest: sha256,
    market,
    tradingStates: () => [],
    store,
    metrics: createRiskMetrics(new Registry()),
    clock,
    log,
  };
  const worker = createExitWorker({
    ...shared,
    states,
    service: createRiskService(shared),
    scope: () => 'All',
    decidedAt: () => true,
    heardSince: () => true,
    unreadSignals: () => ALL_READ,
  });
  running = worker.run(ending.signal);
}

const approved = async () => (await db.admin.query('SELECT FROM risk.decisions WHERE approved')).rowCount;

it('works the exits while another session keeps cancellations from being requested', async () => {
  await other.query('BEGIN');
  await other.query('LOCK TABLE risk.cancel_requests IN SHARE MODE');
  await hold('trend');
  start();
  await untilBlocked(db.admin, 1);
  await until(async () => (await approved()) === 1, SOON_MS);
  // The passes that follow do not wait either, and request nothing beside the request that waits.
  await hold('maker');
  await until(async () => (await approved()) === 2, SOON_MS);
  await untilBlocked(db.admin, 1);
  await other.query('COMMIT');
  const requested = async () =>
    (await db.admin.query('SELECT client_order_id AS id FROM risk.cancel_requests ORDER BY 1')).rows;
  await until(async () => (await requested()).length === 2);
  expect(await requested()).toEqual([{ id: 'maker' }, { id: 'trend' }]);
});
