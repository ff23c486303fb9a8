import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { until } from '../../../test/harness/until.ts';
import { createListener } from '../postgres/listen.ts';
import { createPool } from '../postgres/pool.ts';
import { readTradingStates } from '../postgres/trading-states/read-trading-states.ts';
import { setTradingState } from '../postgres/trading-states/set-trading-state.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { TradingStates } from './trading-states.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const STACK = 'demo-12345678';
const RUNBOOK = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
let database: TestDatabase;
let stop: AbortController;
let states: TradingStates;
let running: readonly Promise<void>[];

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
});
afterAll(async () => await database.close());

beforeEach(async () => {
  await database.pool.query('TRUNCATE trading.halts, trading.execution_fence');
  await database.pool.query(
    `INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ($1, 1, 'p', now())`,
    [STACK],
  );
  stop = new AbortController();
  const login = { ...database.as('execution'), applicationName: 'execution', log };
  const pool = createPool(login);
  states = new TradingStates({
    store: {
      readTradingStates: async () => await readTradingStates(pool, STACK),
      setTradingState: async (command) => await setTradingState(pool, STACK, command),
    },
    clock: systemClock,
    log,
  });
  // Nothing here reads at intervals: what arrives, arrives by a notification.
  const listener = createListener({
    ...login,
    channel: 'trading_state',
    clock: systemClock,
    onNotify: () => void states.load().catch(() => undefined),
  });
  running = [states.run(stop.signal), listener.run(stop.signal).then(async () => await pool.end())];
  await until(() => states.status().persisted);
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running);
});

/** Statements of the runbook that contain `part`, for this stack. */
function statements(part: string): readonly string[] {
  const found = [...RUNBOOK.matchAll(/^.*psql.* -c "([^"]+)"/gm)].map(([, sql = '']) => sql);
  return found.filter((sql) => sql.includes(part)).map((sql) => sql.replaceAll('demo-1a2b3c4d', STACK));
}

it('the statements of the runbook find the stack, halt it at once, and lift only the halt of their own source', async () => {
  const [find = ''] = statements('FROM trading.execution_fence');
  expect((await database.pool.query(find)).rows).toMatchObject([{ stack: STACK, trading_state: 'Active' }]);
  const [halt = '', resume = ''] = statements('INSERT INTO trading.halts');
  await database.pool.query(halt);
  await until(() => states.state === 'Halted');
  expect(states.sources).toMatchObject([{ source: 'desk', state: 'Halted' }]);
  expect((await database.pool.query(find)).rows).toMatchObject([{ stack: STACK, trading_state: 'Halted' }]);
  states.apply({ source: 'command', state: 'Reducing', author: 'ada', reason: '', revision: 1 });
  await database.pool.query(resume);
  await until(() => states.state === 'Reducing');
  expect(states.sources).toContainEqual(expect.objectContaining({ source: 'desk', state: 'Active' }));
});
