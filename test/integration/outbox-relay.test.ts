import { afterEach, beforeEach, expect, it } from 'vitest';
import { FILLS } from '../../services/shared/contracts/keys.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { TEST_STACK } from '../fixtures/approved-orders.ts';
import { startExecution, type ExecutionRun } from '../harness/running-execution.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let runs: ExecutionRun[];
/** Messages in the order in which they were written. */
let written: string[];

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
  simulator = await startSimulator(simulatorSettings());
  runs = [];
  written = [];
});

afterEach(async () => {
  for (const run of runs) await run.kill();
  await simulator.close();
  await redis.close();
  await database.close();
});

async function armed(): Promise<ExecutionRun> {
  const incarnation = `run-${runs.length + 1}`;
  const stores = { postgres: database.as('execution'), redis: redis.options };
  const run = startExecution({ ...stores, venue: simulator, incarnation });
  runs.push(run);
  await until(() => run.sender().role === 'armed');
  return run;
}

async function write(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const message = String(written.length);
    await database.pool.query(
      `INSERT INTO trading.outbox (stack, stream, payload) VALUES ($1, $2, to_jsonb($3::text))`,
      [TEST_STACK, FILLS, message],
    );
    written.push(message);
  }
}

async function published(): Promise<readonly unknown[]> {
  const entries = await redis.redis.xrange(FILLS, '-', '+');
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as unknown);
}

async function waiting(): Promise<number | null> {
  return (await database.pool.query('SELECT FROM trading.outbox WHERE published_at IS NULL')).rowCount;
}

/** Everything is published once and in order, and no process has published what another one had. */
async function expectEachOnce(): Promise<void> {
  await until(async () => (await waiting()) === 0);
  expect(await published()).toEqual(written);
  expect(await Promise.all(runs.map(async (run) => await run.outboxRepeats()))).toEqual(runs.map(() => 0));
}

it('only the holder of the fence relays, also while another process believes that it holds it', async () => {
  const first = await armed();
  const second = await armed();
  await write(5);
  // Several passes of a relay.
  await systemClock.sleep(600);
  expect(await published()).toEqual([]);
  expect(await first.activate(1)).toMatchObject({ accepted: true });
  await write(300);
  await expectEachOnce();
  expect(second.sender().role).toBe('armed');

  expect(await second.activate(2)).toMatchObject({ accepted: true });
  await write(300);
  await until(() => first.sender().role === 'fenced');
  await write(50);
  await expectEachOnce();
});

it('a holder that dies leaves its messages to the next one', async () => {
  const first = await armed();
  await first.activate(1);
  await write(10);
  await expectEachOnce();
  await first.kill();
  await write(300);
  const next = await armed();
  await systemClock.sleep(600);
  expect(await waiting()).toBe(300);
  await next.activate(2);
  await write(10);
  await expectEachOnce();
});

it('a holder that stops and releases the fence leaves nothing that is lost or repeated', async () => {
  const first = await armed();
  await first.activate(1);
  await until(() => first.sender().role === 'active');
  await write(20);
  await first.stop();
  const next = await armed();
  expect(await next.activate(2)).toMatchObject({ accepted: true });
  await expectEachOnce();
});
