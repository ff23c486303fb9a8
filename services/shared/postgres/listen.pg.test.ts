import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../../test/harness/stores/native-server.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { until } from '../../../test/harness/until.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { createListener } from './listen.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
/** What the listener reported, in order; undefined after each connection. */
let seen: (string | undefined)[];
let stop: AbortController;
let ended: Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => {
  seen = [];
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await ended;
});
afterAll(async () => await database.close());

function start(clock: Clock = systemClock, port = database.options.port): void {
  const onNotify = (payload: string | undefined): void => void seen.push(payload);
  const options = { ...database.options, port, applicationName: 'test', channel: 'news', onNotify, clock, log };
  ended = createListener(options).run(stop.signal);
}

async function backends(): Promise<readonly number[]> {
  const sql = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'test listener'`;
  return (await database.pool.query<{ readonly pid: number }>(sql)).rows.map(({ pid }) => pid);
}

async function backend(): Promise<number> {
  await until(() => seen.length > 0);
  const [pid] = await backends();
  if (pid === undefined) throw new Error('the listener has no session');
  return pid;
}

it('reports its connection, and then each notification of its channel in order', async () => {
  start();
  await until(() => seen.length > 0);
  await database.pool.query(`NOTIFY other, 'x'; NOTIFY news, 'one'; NOTIFY news, 'two'`);
  await until(() => seen.length >= 3);
  expect(seen).toEqual([undefined, 'one', 'two']);
});

it('connects again after the server has ended its session, and reports that news may have been missed', async () => {
  // Virtual time stays below the interval of the probe, so that only the end itself can be noticed.
  const clock = virtualClock();
  start(clock);
  await database.pool.query('SELECT pg_terminate_backend($1)', [await backend()]);
  await until(async () => {
    if (clock.monotonicMs() < 4_000) await clock.advance(100);
    return seen.length >= 2;
  });
  await database.pool.query(`NOTIFY news, 'later'`);
  await until(() => seen.length >= 3);
  expect(seen).toEqual([undefined, undefined, 'later']);
});

it('connects again after a session that no longer answers', async () => {
  // The pause between probes is virtual; the timeout of the query is not.
  const clock = virtualClock();
  start(clock);
  const pid = await backend();
  process.kill(pid, 'SIGSTOP');
  try {
    await clock.advance(5_000);
    await until(async () => {
      await clock.advance(1_000);
      return seen.length >= 2;
    }, 15_000);
    expect(await backends()).toHaveLength(2);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

it('stops at once, and ends its session', async () => {
  start(virtualClock());
  await backend();
  stop.abort();
  await ended;
  await until(async () => (await backends()).length === 0);
  expect(seen).toEqual([undefined]);
});

it('stops although its session no longer answers', async () => {
  start();
  const pid = await backend();
  process.kill(pid, 'SIGSTOP');
  try {
    stop.abort();
    expect(await Promise.race([ended.then(() => 'stopped'), systemClock.sleep(3_000)])).toBe('stopped');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

it('tries an unreachable server again after pauses that grow up to five seconds', async () => {
  const port = await freePort();
  const clock = virtualClock();
  const pauses: number[] = [];
  const counting: Clock = {
    ...clock,
    random: () => 1,
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal);
      pauses.push(ms);
    },
  };
  start(counting, port);
  await until(
    async () => {
      await clock.advance(100);
      return pauses.length >= 8;
    },
    { everyMs: 1 },
  );
  expect(pauses.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(seen).toEqual([]);
});
