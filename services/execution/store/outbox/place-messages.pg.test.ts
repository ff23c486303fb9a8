import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { createTestDatabase, MIGRATIONS, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { migrate } from '../../../shared/postgres/migrate.ts';
import { isTransient } from '../../../shared/postgres/errors.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { createOutboxPorts } from '../../clients/outbox-ports.ts';
import { raiseFence } from '../fence/raise-fence.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;
const HELD = { epoch: 1, holder: 'me' };
const idle = new Redis({ lazyConnect: true });

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  pool = createPool({ ...database.as('execution'), applicationName: 'execution', log, max: 12 });
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE trading.outbox, trading.execution_fence');
  await raiseFence(pool, TEST_STACK, HELD);
});
afterAll(async () => {
  idle.disconnect();
  await pool.end();
  await database.close();
});

/** A stream as Redis keeps it: an ID that is not above the last one is refused. */
class Stream {
  readonly entries: string[] = [];
  refused = 0;
  #last = 0;

  add(id: string, message: string): void {
    if (Number(id) <= this.#last) {
      this.refused += 1;
      return;
    }
    this.#last = Number(id);
    this.entries.push(message);
  }
}

const WRITE = `INSERT INTO trading.outbox (stack, stream, payload) VALUES ($1, 'fills', to_jsonb($2::text))`;

async function write(message: string): Promise<void> {
  await pool.query(WRITE, [TEST_STACK, message]);
}

function outboxOf(of: Pool) {
  return createOutboxPorts(of, idle, TEST_STACK);
}

/** One pass of a relay. With `crash`, it ends before it marks what it has published. */
async function relay(stream: Stream, { of = pool, limit = 200, crash = false } = {}): Promise<number> {
  const outbox = outboxOf(of);
  const rows = await outbox.load({ held: HELD, limit });
  for (const { id, payload } of rows) stream.add(id, String(payload));
  if (!crash) await outbox.mark(rows.map(({ id }) => id));
  return rows.length;
}

/** What the relay of the release before executes. */
async function oldRelay(stream: Stream, of = pool): Promise<void> {
  const { rows } = await of.query<{ id: string; payload: string }>(
    `SELECT id, payload FROM trading.outbox WHERE stack = $1 AND published_at IS NULL ORDER BY id LIMIT 200`,
    [TEST_STACK],
  );
  for (const { id, payload } of rows) stream.add(id, payload);
  await of.query(
    `UPDATE trading.outbox SET published_at = clock_timestamp() WHERE stack = $1 AND id = ANY($2::bigint[])`,
    [TEST_STACK, rows.map(({ id }) => id)],
  );
}

/**
 * A pass as the periodic relay of each release executes it: one that fails is followed by the next. The release before
 * marks rows in the order of their places in the table, so the database may end its pass, or ours, as a deadlock.
 */
async function unlessDeadlock(pass: Promise<unknown>): Promise<void> {
  await pass.catch((error: unknown) => {
    if (!isTransient(error)) throw error;
  });
}

describe('the outbox', () => {
  it('publishes a message that becomes visible after one with a higher ID', async () => {
    const stream = new Stream();
    const late = await pool.connect();
    await late.query('BEGIN');
    await late.query(WRITE, [TEST_STACK, 'late']);
    await write('early');
    await relay(stream);
    await late.query('COMMIT');
    late.release();
    await relay(stream);
    expect(stream).toMatchObject({ entries: ['early', 'late'], refused: 0 });
  });

  it('orders messages by their IDs, whatever the order of the rows in the table', async () => {
    const stream = new Stream();
    for (let n = 1; n <= 300; n += 1) await write(`m${n}`);
    // Moves rows to the end of the table, and makes their creation look younger.
    await database.pool.query('UPDATE trading.outbox SET created_at = clock_timestamp() WHERE id % 3 = 1');
    while ((await relay(stream, { limit: 70 })) > 0);
    expect(stream.entries).toEqual(Array.from({ length: 300 }, (_, n) => `m${n + 1}`));
  });

  it('publishes under the same IDs after a crash between placing, publishing and marking', async () => {
    const stream = new Stream();
    await write('a');
    await write('b');
    await outboxOf(pool).load({ held: HELD, limit: 200 });
    await relay(stream, { crash: true });
    await write('c');
    await relay(stream);
    expect(stream).toMatchObject({ entries: ['a', 'b', 'c'], refused: 2 });
  });

  it('loses and repeats nothing while many write and three relays publish, and keeps each order in order', async () => {
    const stream = new Stream();
    const written = new AbortController();
    const writers = Array.from({ length: 6 }, async (_, order) => {
      for (let n = 1; n <= 60; n += 1) await write(`${order}-${n}`);
    });
    const relays = [1, 2, 3].map(async (relayNumber) => {
      while (!written.signal.aborted) await relay(stream, { limit: 7, crash: relayNumber === 3 });
    });
    await Promise.all(writers);
    written.abort();
    await Promise.all(relays);
    while ((await relay(stream)) > 0);
    expect(stream.entries).toHaveLength(360);
    for (let order = 0; order < 6; order += 1) {
      const own = stream.entries.filter((entry) => entry.startsWith(`${order}-`));
      expect(own).toEqual(Array.from({ length: 60 }, (_, n) => `${order}-${n + 1}`));
    }
  });

  it('does not wait for a note before an intent is written', async () => {
    const note = await pool.connect();
    await note.query('BEGIN');
    await note.query(`SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || $1, 0))`, [TEST_STACK]);
    await write('intent');
    await note.query('ROLLBACK');
    note.release();
    expect((await outboxOf(pool).load({ held: HELD, limit: 1 })).map(({ payload }) => payload)).toEqual(['intent']);
  });
});

describe('the fence', () => {
  it.each([
    ['another holder', { epoch: 1, holder: 'other' }],
    ['an older epoch', { epoch: 0, holder: 'me' }],
  ])('hides every message from %s', async (_who, held) => {
    await write('a');
    expect(await outboxOf(pool).load({ held, limit: 1 })).toEqual([]);
    expect((await outboxOf(pool).load({ held: HELD, limit: 1 })).map(({ payload }) => payload)).toEqual(['a']);
  });

  it('hides what is written after it was raised from the process that held it', async () => {
    await write('before');
    await raiseFence(pool, TEST_STACK, { epoch: 2, holder: 'next' });
    await write('after');
    expect(await outboxOf(pool).load({ held: HELD, limit: 9 })).toEqual([]);
    const left = await outboxOf(pool).load({ held: { epoch: 2, holder: 'next' }, limit: 9 });
    expect(left.map(({ payload }) => payload)).toEqual(['before', 'after']);
  });
});

describe('with the release before', () => {
  it('publishes what it left, under its IDs', async () => {
    const old = await createTestDatabase();
    const before = mkdtempSync(join(tmpdir(), 'migrations-'));
    for (const name of readdirSync(MIGRATIONS).filter((one) => one < '000013'))
      copyFileSync(join(MIGRATIONS, name), join(before, name));
    await migrate({ pool: old.pool, directory: before, log });
    const stream = new Stream();
    await old.pool.query(WRITE, [TEST_STACK, 'published']);
    await oldRelay(stream, old.pool);
    // Published, and the process ended before it was marked.
    await old.pool.query(WRITE, [TEST_STACK, 'repeated']);
    stream.add('2', 'repeated');
    await old.pool.query(WRITE, [TEST_STACK, 'left']);
    await migrate({ pool: old.pool, directory: MIGRATIONS, log });
    await old.pool.query(WRITE, [TEST_STACK, 'after']);
    await raiseFence(old.pool, TEST_STACK, HELD);
    await relay(stream, { of: old.pool });
    expect(stream).toMatchObject({ entries: ['published', 'repeated', 'left', 'after'], refused: 1 });
    await old.close();
  });

  it('continues there after a rollback, in the middle of a backlog', async () => {
    const stream = new Stream();
    for (let n = 1; n <= 20; n += 1) await write(`m${n}`);
    await relay(stream, { limit: 5, crash: true });
    await relay(stream, { limit: 9 });
    for (let n = 21; n <= 25; n += 1) await write(`m${n}`);
    await oldRelay(stream);
    const all = Array.from({ length: 25 }, (_, n) => `m${n + 1}`);
    expect(new Set(stream.entries)).toEqual(new Set(all));
    expect(stream.entries).toHaveLength(25);
    await write('m26');
    await relay(stream);
    expect(stream.entries.at(-1)).toBe('m26');
  });

  it('loses nothing while both relays run beside its writers, which take turns', async () => {
    const stream = new Stream();
    const written = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 1; n <= 40; n += 1) {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || $1, 0))`, [TEST_STACK]);
        await client.query(WRITE, [TEST_STACK, `${writer}-${n}`]);
        await client.query('COMMIT');
        client.release();
      }
    });
    const relays = [relay, oldRelay].map(async (pass) => {
      while (!written.signal.aborted) await unlessDeadlock(pass(stream));
    });
    await Promise.all(writers);
    written.abort();
    await Promise.all(relays);
    while ((await relay(stream)) > 0);
    expect(new Set(stream.entries).size).toBe(160);
  });
});
