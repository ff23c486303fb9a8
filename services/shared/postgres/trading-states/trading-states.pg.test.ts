import { mkdtempSync, copyFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, MIGRATIONS, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { until } from '../../../../test/harness/until.ts';
import type { SourceState } from '../../domain/trading-state.ts';
import { createLogger } from '../../runtime/logger.ts';
import { migrate } from '../migrate.ts';
import { createPool } from '../pool.ts';
import { readTradingStates } from './read-trading-states.ts';
import { setTradingState } from './set-trading-state.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const STACK = 'demo-12345678';
const BY_HAND = `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, $2, $3, $4)`;
let database: TestDatabase;
let risk: Pool;
let execution: Pool;
let signal: Pool;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  const as = (role: string) => createPool({ ...database.as(role), applicationName: role, log });
  [risk, execution, signal] = [as('risk'), as('execution'), as('db_writer')];
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE trading.halts, trading.execution_fence');
});
afterAll(async () => {
  await Promise.all([risk.end(), execution.end(), signal.end()]);
  await database.close();
});

async function effective(stack = STACK): Promise<unknown> {
  const { rows } = await database.pool.query<{ readonly trading_state: string }>(
    'SELECT trading_state FROM trading.execution_fence WHERE stack = $1',
    [stack],
  );
  return rows[0]?.trading_state;
}

async function waiting(sessions: number): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await database.pool.query(sql)).rowCount === sessions);
}

function command(source: string, state: SourceState['state'], revision = 1) {
  return { source, state, author: 'ada', reason: 'why', revision };
}

describe('a row by hand', () => {
  it('halts with stack, source, active and reason alone, and lifts the halt of its source', async () => {
    await database.pool.query(BY_HAND, [STACK, 'desk', true, 'stop']);
    expect(await effective()).toBe('Halted');
    expect(await readTradingStates(risk, STACK)).toEqual([
      { source: 'desk', state: 'Halted', author: '', reason: 'stop', revision: 0, sinceMs: expect.any(Number) },
    ]);
    await database.pool.query(BY_HAND, [STACK, 'desk', false, 'go on']);
    expect(await effective()).toBe('Active');
    expect(await effective('other-12345678')).toBeUndefined();
  });

  it.each(['risk', 'execution'])(
    'may be inserted by the role %s, which may not write the fence by that',
    async (role) => {
      const pool = role === 'risk' ? risk : execution;
      await pool.query(BY_HAND, [STACK, role, true, 'stop']);
      expect(await effective()).toBe('Halted');
      await expect(pool.query('DELETE FROM trading.halts')).rejects.toMatchObject({ code: '42501' });
      await expect(pool.query('SELECT trading.apply_trading_state($1)', [STACK])).rejects.toMatchObject({
        code: '42501',
      });
      await expect(risk.query('SELECT FROM trading.execution_fence')).rejects.toMatchObject({ code: '42501' });
    },
  );

  it('is refused to a role without the right', async () => {
    await expect(signal.query(BY_HAND, [STACK, 'x', true, ''])).rejects.toMatchObject({ code: '42501' });
  });

  it.each([
    ['an unknown state', ['desk', true, 'Paused', 0], 'halts_state_known'],
    ['a source of another form', ['The Desk', true, null, 0], 'halts_source_form'],
    ['a negative revision', ['desk', true, null, -1], 'halts_revision_range'],
    ['a state that contradicts active', ['desk', false, 'Halted', 0], 'halts_active_agrees'],
  ])('is refused with %s', async (_what, values, constraint) => {
    const sql = `INSERT INTO trading.halts (stack, source, active, state, revision, reason) VALUES ($1, $2, $3, $4, $5, '')`;
    await expect(database.pool.query(sql, [STACK, ...values])).rejects.toMatchObject({ code: '23514', constraint });
  });

  it('is reported within the bounds of a report, however long its texts are', async () => {
    await database.pool.query(BY_HAND, [STACK, 'desk', true, 'x'.repeat(5_000)]);
    expect((await readTradingStates(risk, STACK))[0]?.reason).toHaveLength(300);
  });

  it('notifies listeners of its stack', async () => {
    const listener = new Client(database.as('execution'));
    const heard: string[] = [];
    listener.on('notification', ({ channel, payload = '' }) => heard.push(`${channel} ${payload}`));
    await listener.connect();
    await listener.query('LISTEN trading_state');
    await database.pool.query(BY_HAND, [STACK, 'desk', true, 'stop']);
    await until(() => heard.length > 0);
    expect(heard).toEqual([`trading_state ${STACK}`]);
    await listener.end();
  });
});

describe('the time of a row by hand', () => {
  const at = `INSERT INTO trading.halts (stack, source, active, reason, at) VALUES ($1, $2, $3, '', $4)`;

  it.each(['infinity', '-infinity', '1969-01-01', '99999-01-01'])('%s hides no state of the stack', async (time) => {
    await database.pool.query(at, [STACK, 'odd', true, time]);
    await database.pool.query(BY_HAND, [STACK, 'desk', true, 'stop']);
    const states = await readTradingStates(risk, STACK);
    expect(states.map(({ source, state }) => [source, state])).toEqual([
      ['desk', 'Halted'],
      ['odd', 'Halted'],
    ]);
  });

  it('never decreases within a source, when the clock of the server steps back', async () => {
    await database.pool.query(at, [STACK, 'desk', true, '2026-01-01 00:00:30+00']);
    await database.pool.query(at, [STACK, 'desk', false, '2026-01-01 00:00:00+00']);
    expect(await readTradingStates(risk, STACK)).toMatchObject([
      { source: 'desk', state: 'Active', sinceMs: Date.UTC(2026, 0, 1, 0, 0, 30) },
    ]);
  });
});

describe('a row for a stack that has never had a sender', () => {
  it('is taken with a warning that names the stacks that had one', async () => {
    await database.pool.query(
      `INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ($1, 3, 'p', now())`,
      [STACK],
    );
    const client = await database.pool.connect();
    const warnings: string[] = [];
    client.on('notice', ({ message, hint }) => warnings.push(`${message}. ${String(hint)}`));
    await client.query(BY_HAND, ['demo', 'desk', true, 'stop']);
    expect(warnings).toEqual([`stack demo has never had a sender here. Stacks that had one: ${STACK}`]);
    await client.query(BY_HAND, [STACK, 'desk', true, 'stop']);
    expect(warnings).toHaveLength(1);
    client.release();
    expect(await effective('demo')).toBe('Halted');
  });
});

describe('the effective state', () => {
  it('is the most restrictive of all sources, whoever changes last', async () => {
    const states: unknown[] = [];
    for (const [source, state] of [
      ['spec', 'Reducing'],
      ['desk', 'Flattening'],
      ['desk', 'Halted'],
      ['spec', 'Active'],
      ['desk', 'Reducing'],
      ['desk', 'Active'],
    ] as const) {
      await setTradingState(risk, STACK, command(source, state, states.length));
      states.push(await effective());
    }
    expect(states).toEqual(['Reducing', 'Flattening', 'Halted', 'Halted', 'Reducing', 'Active']);
  });

  it('loses no source when many change at the same time', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const last = round % 2 === 0 ? 'Active' : 'Halted';
      await Promise.all(
        ['a', 'b', 'c', 'd'].flatMap((source) => [
          execution.query(BY_HAND, [STACK, source, last === 'Halted' && source === 'b', '']),
          setTradingState(risk, STACK, command(`own-${source}`, source === 'c' ? last : 'Active', round)),
        ]),
      );
      expect([round, await effective()]).toEqual([round, last]);
    }
  });

  it('has a halt that was not committed yet when the lift of another one began', async () => {
    await database.pool.query(BY_HAND, [STACK, 'first', true, '']);
    const intent = await database.pool.connect();
    await intent.query('BEGIN');
    await intent.query('SELECT FROM trading.execution_fence WHERE stack = $1 FOR UPDATE', [STACK]);
    const halt = execution.query(BY_HAND, [STACK, 'second', true, '']);
    await waiting(1);
    const lift = risk.query(BY_HAND, [STACK, 'first', false, '']);
    await waiting(2);
    await intent.query('COMMIT');
    intent.release();
    await Promise.all([halt, lift]);
    expect(await effective()).toBe('Halted');
  });

  it('follows a row that its owner deletes', async () => {
    await database.pool.query(BY_HAND, [STACK, 'desk', true, 'stop']);
    await database.pool.query('DELETE FROM trading.halts');
    expect(await effective()).toBe('Active');
  });
});

describe('setTradingState', () => {
  it('appends a row that older releases read as a halt', async () => {
    await setTradingState(execution, STACK, command('spec', 'Reducing', 7));
    const { rows } = await database.pool.query(
      'SELECT source, active, state, author, reason, revision FROM trading.halts',
    );
    expect(rows).toEqual([
      { source: 'spec', active: true, state: 'Reducing', author: 'ada', reason: 'why', revision: '7' },
    ]);
  });

  it('writes a repeated command once, also when two processes record it at the same time', async () => {
    const halt = command('spec', 'Halted', 3);
    await Promise.all([risk, execution, risk, execution].map(async (pool) => await setTradingState(pool, STACK, halt)));
    expect((await database.pool.query('SELECT FROM trading.halts')).rowCount).toBe(1);
  });

  it('lets no late command lift a halt of its source', async () => {
    for (let round = 1; round <= 20; round += 2) {
      await Promise.all([
        setTradingState(risk, STACK, command('spec', 'Active', round)),
        setTradingState(execution, STACK, command('spec', 'Halted', round + 1)),
      ]);
      await setTradingState(risk, STACK, command('spec', 'Active', round));
      expect([round, await effective()]).toEqual([round, 'Halted']);
    }
  });
});

describe('the migration', () => {
  it('takes over the halts of the release before it, which goes on working after it', async () => {
    const old = await createTestDatabase();
    const before = mkdtempSync(join(tmpdir(), 'migrations-'));
    for (const name of readdirSync(MIGRATIONS).filter((one) => one < '000010'))
      copyFileSync(join(MIGRATIONS, name), join(before, name));
    await migrate({ pool: old.pool, directory: before, log });
    await old.pool.query(BY_HAND, [STACK, 'spec', true, '']);
    await old.pool.query(BY_HAND, [STACK, 'The Desk', true, '']);
    await old.pool.query(BY_HAND, ['lifted-12345678', 'spec', true, '']);
    await old.pool.query(BY_HAND, ['lifted-12345678', 'spec', false, '']);
    await migrate({ pool: old.pool, directory: MIGRATIONS, log });
    const fences = 'SELECT stack, epoch, holder, trading_state FROM trading.execution_fence ORDER BY stack';
    expect((await old.pool.query(fences)).rows).toEqual([
      { stack: STACK, epoch: '0', holder: '', trading_state: 'Halted' },
      { stack: 'lifted-12345678', epoch: '0', holder: '', trading_state: 'Active' },
    ]);
    // What the release before it executes.
    await old.pool.query(BY_HAND, [STACK, 'spec', false, '']);
    const readHalts = `
      SELECT source FROM (SELECT DISTINCT ON (source) source, active FROM trading.halts WHERE stack = $1 ORDER BY source, id DESC) h
      WHERE active ORDER BY source`;
    expect((await old.pool.query(readHalts, [STACK])).rows).toEqual([{ source: 'by-the-desk' }]);
    expect((await old.pool.query(fences)).rows[0]).toMatchObject({ trading_state: 'Halted' });
    await old.close();
  });
});
