import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { INSTRUMENTS, keyPrefixOf } from '../../services/shared/contracts/keys.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { orderPathFaults } from '../judges/order-path-evidence.ts';
import { createExecutionPod, type ExecutionPod, type RunningExecution } from '../harness/execution/execution-pod.ts';
import { takingPrice } from '../harness/execution/taking-price.ts';
import { freePort } from '../harness/stores/native-server.ts';
import { startPrivateRedis, type PrivateRedis } from '../harness/stores/private-redis.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { until } from '../harness/until.ts';

let database: TestDatabase;
let redis: PrivateRedis;
let simulator: RunningSimulator;
let pod: ExecutionPod;
let running: RunningExecution | undefined;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await startPrivateRedis();
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  pod = createExecutionPod({ postgres: database.as('execution'), redis: redis.options, venue: simulator });
});

afterEach(async () => await running?.process.stop('SIGKILL'));

afterAll(async () => {
  await simulator.close();
  await redis.stop();
  await database.close();
  pod.remove();
});

async function start(): Promise<RunningExecution> {
  running = await pod.start();
  return running;
}

/** As ws does. */
async function publishInstrument(): Promise<void> {
  const publisher = new Redis({ ...redis.options, keyPrefix: keyPrefixOf(TEST_STACK) });
  await publisher.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(simulatorSettings().instruments[0]));
  publisher.disconnect();
}

/** Names of the checks that the README of execution explains. */
function documentedChecks(): readonly string[] {
  const readme = readFileSync(join(import.meta.dirname, '../../services/execution/README.md'), 'utf8');
  const [, table = ''] = /## Checks\n([^]*?)\n## /.exec(readme) ?? [];
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}

/** Runs the program for a person beside the process, as `kubectl exec` does. */
async function halt(
  { url }: RunningExecution,
  ...args: readonly string[]
): Promise<{ exitCode: number | null; output: string }> {
  const env = { ...process.env, PORT: new URL(url).port, SECRETS_DIR: join(pod.directory, 'secrets') };
  const main = join(import.meta.dirname, '../../services/execution/halt/main.ts');
  return await new Promise((resolve) => {
    const program = execFile(process.execPath, [main, ...args], { env }, (_error, stdout, stderr) =>
      resolve({ exitCode: program.exitCode, output: stdout + stderr }),
    );
  });
}

/** Approves a buy that an offer meets, and waits for its end. */
async function trade(id: string, end = 'Filled', canary?: number): Promise<void> {
  const now = Date.now();
  const price = await takingPrice(simulator.restUrl);
  const counted = canary === undefined ? {} : { canary };
  await insertApproval(database.pool, approvedOrder(id, { price, decidedAt: now, deadline: now + 10_000, ...counted }));
  await until(async () => {
    const { rows } = await database.pool.query<{ state: string }>(
      'SELECT state FROM trading.orders WHERE decision_id = $1',
      [id],
    );
    return rows[0]?.state === end;
  });
}

it('arms, activates, trades, is killed, restarts, is halted and resumed by a person, and drains, as a process', async () => {
  let execution = await start();
  const names = (await execution.statusz()).checks.map(({ name }) => name).filter((name) => name !== 'process');
  expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(
    documentedChecks().toSorted((a, b) => a.localeCompare(b)),
  );
  await until(async () => (await execution.statusz()).sender?.role === 'armed');
  await publishInstrument();
  await until(async () => (await fetch(`${execution.url}/readyz`)).status === 200);
  expect(await execution.activate(1)).toBe(200);
  await until(async () => (await execution.statusz()).sender?.role === 'active');
  await trade('d1');
  await execution.process.stop('SIGKILL');

  execution = await start();
  await until(async () => (await execution.statusz()).sender?.role === 'armed');
  expect(await execution.activate(1)).toBe(409);
  expect(await execution.activate(2)).toBe(200);
  await until(async () => (await execution.statusz()).sender?.role === 'active');
  await trade('d2');
  const status = await until(async () => {
    const read = await execution.statusz();
    return read.figures['orders'] === 2 ? read : undefined;
  });
  expect(status).toMatchObject({
    ready: true,
    sender: { epoch: 2, fenceEpoch: 2 },
    figures: { fills: 2, unknownOrders: 0 },
  });
  const metrics = await (await fetch(`${execution.url}/metrics`)).text();
  expect(metrics).toContain('tradingstack_execution_fills_total');
  expect(metrics).toMatch(/^tradingstack_trading_state\{state="Active".*\} 1$/m);

  const confirmed = expect.stringContaining('Confirmed: no orders are open at the venue');
  expect(await halt(execution)).toEqual({ exitCode: 0, output: confirmed });
  expect((await execution.statusz()).trading).toMatchObject({ state: 'Halted', persisted: true });
  const fence = 'SELECT trading_state FROM trading.execution_fence';
  expect((await database.pool.query(fence)).rows).toEqual([{ trading_state: 'Halted' }]);
  expect(JSON.parse(readFileSync(join(pod.directory, 'trading-states.json'), 'utf8'))).toMatchObject({
    states: [{ source: 'command', state: 'Halted' }],
  });
  expect(await halt(execution, '--resume')).toMatchObject({ exitCode: 0 });
  expect((await execution.statusz()).trading).toMatchObject({ state: 'Active', persisted: true });

  await execution.process.stop();
  expect(execution.process.ended).toBe('ended with 0');
  const { rows } = await database.pool.query('SELECT epoch, holder FROM trading.execution_fence');
  expect(rows).toEqual([{ epoch: '2', holder: '' }]);
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}, 60_000);

it('keeps its canary across a kill, sends only entries that risk counted, and any once it is lifted', async () => {
  const canary = { since: 3, maxNotional: '1000', symbols: ['XRP/ETH'] };
  await publishInstrument();
  let execution = await start();
  await until(async () => (await execution.statusz()).sender?.role === 'armed');
  expect(await execution.activate(3, { ...canary, since: 4 })).toBe(400);
  expect(await execution.activate(3, canary)).toBe(200);
  await until(async () => (await execution.statusz()).sender?.role === 'active');
  expect((await execution.statusz()).sender).toMatchObject({ epoch: 3, canary });
  await trade('c1', 'NeverSent');
  await trade('c2', 'Filled', 3);
  await execution.process.stop('SIGKILL');

  execution = await start();
  await until(async () => (await execution.statusz()).sender?.role === 'armed');
  expect((await execution.statusz()).sender?.canary).toBeNull();
  expect(await execution.activate(4, canary)).toBe(200);
  await until(async () => (await execution.statusz()).sender?.role === 'active');
  await trade('c3', 'NeverSent');
  await trade('c4', 'Filled', 3);
  const reasons = `SELECT DISTINCT reason FROM trading.orders WHERE state = 'NeverSent'`;
  expect((await database.pool.query(reasons)).rows).toEqual([{ reason: 'OutsideCanary' }]);
  expect(await execution.activate(4)).toBe(200);
  expect((await execution.statusz()).sender).toMatchObject({ role: 'active', epoch: 4, canary: null });
  await trade('c5');
  await execution.process.stop();
  expect(execution.process.ended).toBe('ended with 0');
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}, 60_000);

it('is halted at once by a row that a person inserts, and starts halted while Postgres is unavailable', async () => {
  let execution = await start();
  await until(async () => (await execution.statusz()).trading?.state === 'Active');
  await database.pool.query(
    `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'desk', true, 'why')`,
    [TEST_STACK],
  );
  await until(async () => (await execution.statusz()).trading?.state === 'Halted');
  await until(() => readFileSync(join(pod.directory, 'trading-states.json'), 'utf8').includes('"desk"'));
  await execution.process.stop('SIGKILL');

  const { database: name } = database.options;
  pod.configure({ postgres: { host: '127.0.0.1', port: await freePort(), database: name, user: 'execution' } });
  execution = await start();
  expect((await execution.statusz()).trading).toMatchObject({ state: 'Halted', persisted: false });
  expect(await halt(execution, '--state', 'Reducing', '--author', 'ada')).toMatchObject({ exitCode: 3 });
  await execution.process.stop('SIGKILL');

  pod.configure({});
  await database.pool.query(
    `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'desk', false, 'resume')`,
    [TEST_STACK],
  );
  execution = await start();
  await until(async () => (await execution.statusz()).trading?.persisted === true);
  expect((await execution.statusz()).trading).toMatchObject({ state: 'Reducing' });
  const { rows } = await database.pool.query(
    'SELECT source, state, author FROM trading.trading_states ORDER BY source',
  );
  expect(rows).toMatchObject([
    { source: 'command', state: 'Reducing', author: 'ada' },
    { source: 'desk', state: 'Active' },
  ]);
  await execution.process.stop();
  expect(execution.process.ended).toBe('ended with 0');
}, 60_000);
