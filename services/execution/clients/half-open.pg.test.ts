import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../test/faults/fault-proxy.ts';
import { untilBlocked } from '../../../test/harness/stores/blocked-sessions.ts';
import { endsWithin, openOrderRecord } from '../../../test/harness/stores/order-record.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { until } from '../../../test/harness/until.ts';

/**
 * A statement on an open connection ends after 3 s, and one that has to connect first after 5 s. The rest is for a busy
 * machine. Literals, because limits taken from the pool would grow with it.
 */
const ENDS_MS = 4_500;
const CONNECTS_MS = 6_500;
const WORKS_AGAIN_MS = 5_000;
/** The next sender must be able to take over within this time, see ORDER_PATH. */
const FREES_MS = 5_000;

let database: TestDatabase;
let proxy: FaultProxy;
let record: ReturnType<typeof openOrderRecord>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  proxy = await startFaultProxy(database.options);
  record = openOrderRecord({ ...database.as('execution'), port: proxy.port });
  await record.raiseFence();
});

afterAll(async () => {
  proxy.cut();
  await record.close();
  await proxy.close();
  await database.close();
});

/** Each statement succeeds the first time: no retry hides a connection that hung. */
async function expectWorking(...decisionIds: readonly string[]): Promise<void> {
  const all = decisionIds.map(() => 'succeeded');
  const startedMs = performance.now();
  expect(await endsWithin(WORKS_AGAIN_MS, decisionIds.map(record.commit))).toEqual(all);
  expect(await endsWithin(WORKS_AGAIN_MS, decisionIds.map(record.note))).toEqual(all);
  expect(performance.now() - startedMs).toBeLessThan(WORKS_AGAIN_MS);
}

/** Sessions of the store that have received a statement since then. The server does not learn that one was closed. */
async function sessionsSince(at: Date): Promise<readonly number[]> {
  const { rows } = await database.pool.query<{ readonly pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'execution' AND query_start > $1`,
    [at],
  );
  return rows.map(({ pid }) => pid);
}

async function serverTime(): Promise<Date> {
  const { rows } = await database.pool.query<{ readonly at: Date }>('SELECT clock_timestamp() AS at');
  return rows[0]!.at;
}

describe('while the packets to Postgres are lost and no connection is closed', () => {
  it('notes and intents end as unavailable, and later none of them uses a connection that hung', async () => {
    const { commit, note } = record;
    const startedAt = await serverTime();
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(commit))).toEqual(Array(5).fill('Committed'));
    const hanging = await sessionsSince(startedAt);
    expect(hanging).toHaveLength(5);
    proxy.blackhole();
    const lostAt = await serverTime();
    const open = [commit('lost-1'), commit('lost-2'), note('a'), note('b'), note('c')];
    expect(await endsWithin(ENDS_MS, open)).toEqual(Array(5).fill('unavailable'));
    const connecting = [commit('lost-3'), note('d')];
    expect(await endsWithin(CONNECTS_MS, connecting)).toEqual(Array(2).fill('unavailable'));
    proxy.pass();
    await expectWorking('f', 'g', 'h', 'i', 'j');
    const used = await sessionsSince(lostAt);
    expect(used).toHaveLength(5);
    expect(hanging.filter((pid) => used.includes(pid))).toEqual([]);
  });

  it('a note under way ends as unavailable after one statement, and frees its locks for another process', async () => {
    await record.commit('noted');
    const other = await database.pool.connect();
    await other.query('BEGIN');
    await other.query('SELECT FROM trading.orders WHERE decision_id = $1 FOR UPDATE', ['noted']);
    const noting = record.note('noted');
    await untilBlocked(database.pool, 1);
    proxy.blackhole();
    const lostMs = performance.now();
    await other.query('ROLLBACK');
    other.release();
    const nextSender = openOrderRecord(database.as('execution'));
    const freed = async () => (await nextSender.note('noted').catch(() => undefined)) !== undefined;
    const [ends] = await Promise.all([endsWithin(ENDS_MS, [noting]), until(freed, FREES_MS)]);
    expect(ends).toEqual(['unavailable']);
    expect(performance.now() - lostMs).toBeLessThan(FREES_MS);
    proxy.pass();
    await expectWorking('next');
    await nextSender.close();
  });
});
