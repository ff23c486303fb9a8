import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { CanaryDocument } from '../../services/shared/contracts/control.ts';
import { SECRET_FILES } from '../../services/shared/contracts/pod-files.ts';
import { statuszSchema, type Statusz } from '../../services/shared/contracts/statusz.ts';
import type { ExecutionDocument } from '../../services/shared/contracts/services/execution.ts';
import { INSTRUMENTS, keyPrefixOf } from '../../services/shared/contracts/keys.ts';
import { multiply, parseDecimal, roundToStep } from '../../services/shared/domain/decimal.ts';
import { createMexcPublicRest } from '../../services/shared/venue/mexc/rest/public-rest.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { orderPathFaults } from '../judges/order-path-evidence.ts';
import { freePort } from '../harness/stores/native-server.ts';
import type { PostgresAddress } from '../harness/stores/private-postgres.ts';
import { startPrivateRedis, type PrivateRedis } from '../harness/stores/private-redis.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { until } from '../harness/until.ts';

const TOKEN = 'control-token-of-the-test';
let database: TestDatabase;
let redis: PrivateRedis;
let simulator: RunningSimulator;
let directory: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await startPrivateRedis();
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  directory = mkdtempSync(join(tmpdir(), 'tradingstack-execution-'));
  writeSecrets();
  writeSettings();
});

afterEach(() => void child?.kill('SIGKILL'));

afterAll(async () => {
  await simulator.close();
  await redis.stop();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

function writeSecrets(): void {
  const secrets = {
    [SECRET_FILES.redisPassword]: redis.options.password,
    [SECRET_FILES.postgresPassword]: database.options.password,
    [SECRET_FILES.venueApiKey]: simulator.apiKey,
    [SECRET_FILES.venueSecretKey]: simulator.secretKey,
    [SECRET_FILES.controlToken]: TOKEN,
  };
  for (const [file, value] of Object.entries(secrets)) {
    const path = join(directory, 'secrets', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${value}\n`);
  }
}

function writeSettings({ host, port }: Pick<PostgresAddress, 'host' | 'port'> = database.options): void {
  const document: ExecutionDocument = {
    stack: { id: TEST_STACK, name: 'demo', namespace: 'trading', mode: 'Paper' },
    redis: { host: redis.options.host, port: redis.options.port, username: redis.options.username },
    postgres: { host, port, database: database.options.database, user: 'execution' },
    venue: { name: 'mexc', restUrl: simulator.restUrl, wsUrl: simulator.wsUrl },
    halt: false,
    symbols: ['XRP/ETH'],
    recvWindowMs: 500,
    skewBoundMs: 300,
    visibilityMs: 200,
    permitMs: 2_000,
    reconcileIntervalMs: 500,
  };
  writeFileSync(join(directory, 'settings.json'), JSON.stringify(document));
}

/** Starts the service as it runs in its container. Resolves with its address once it serves. */
async function start(): Promise<string> {
  const env = {
    ...process.env,
    SETTINGS_FILE: join(directory, 'settings.json'),
    SECRETS_DIR: join(directory, 'secrets'),
    // The volume of the pod, which has the journal.
    TMPDIR: directory,
  };
  const main = join(import.meta.dirname, '../../services/execution/main.ts');
  const process_ = spawn(process.execPath, [main], {
    env: { ...env, PORT: '0', LOG_LEVEL: 'info', POD_NAME: 'test' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = process_;
  let output = '';
  process_.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return await until(() => {
    const port = /"port":(\d+),"release"/.exec(output)?.[1];
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  }, 20_000);
}

async function statusz(url: string): Promise<Statusz> {
  return statuszSchema.parse(await (await fetch(`${url}/statusz`)).json());
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

async function activate(url: string, epoch: number, canary?: CanaryDocument): Promise<number> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const body = JSON.stringify({ epoch, ...(canary === undefined ? {} : { canary }) });
  return (await fetch(`${url}/control/activate`, { method: 'POST', headers, body })).status;
}

/** Runs the program for a person beside the process, as `kubectl exec` does. */
async function halt(url: string, ...args: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
  const env = { ...process.env, PORT: new URL(url).port, SECRETS_DIR: join(directory, 'secrets') };
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
  const depth = await createMexcPublicRest(simulator.restUrl).depth('XRP/ETH', AbortSignal.timeout(5_000));
  const price = roundToStep(
    multiply(depth.asks[0]![0], parseDecimal('1.05'), 'floor'),
    parseDecimal('0.00000001'),
    'floor',
  );
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

async function ended(): Promise<number | null> {
  const [code] = (await once(child!, 'exit')) as [number | null];
  return code;
}

it('arms, activates, trades, is killed, restarts, is halted and resumed by a person, and drains, as a process', async () => {
  let url = await start();
  const names = (await statusz(url)).checks.map(({ name }) => name).filter((name) => name !== 'process');
  expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(
    documentedChecks().toSorted((a, b) => a.localeCompare(b)),
  );
  await until(async () => (await statusz(url)).sender?.role === 'armed');
  await publishInstrument();
  await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  expect(await activate(url, 1)).toBe(200);
  await until(async () => (await statusz(url)).sender?.role === 'active');
  await trade('d1');
  child?.kill('SIGKILL');
  await ended();

  url = await start();
  await until(async () => (await statusz(url)).sender?.role === 'armed');
  expect(await activate(url, 1)).toBe(409);
  expect(await activate(url, 2)).toBe(200);
  await until(async () => (await statusz(url)).sender?.role === 'active');
  await trade('d2');
  const status = await until(async () => {
    const read = await statusz(url);
    return read.figures['orders'] === 2 ? read : undefined;
  });
  expect(status).toMatchObject({
    ready: true,
    sender: { epoch: 2, fenceEpoch: 2 },
    figures: { fills: 2, unknownOrders: 0 },
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('tradingstack_execution_fills_total');
  expect(metrics).toMatch(/^tradingstack_trading_state\{state="Active".*\} 1$/m);

  const confirmed = expect.stringContaining('Confirmed: no orders are open at the venue');
  expect(await halt(url)).toEqual({ exitCode: 0, output: confirmed });
  expect((await statusz(url)).trading).toMatchObject({ state: 'Halted', persisted: true });
  const fence = 'SELECT trading_state FROM trading.execution_fence';
  expect((await database.pool.query(fence)).rows).toEqual([{ trading_state: 'Halted' }]);
  expect(JSON.parse(readFileSync(join(directory, 'trading-states.json'), 'utf8'))).toMatchObject({
    states: [{ source: 'command', state: 'Halted' }],
  });
  expect(await halt(url, '--resume')).toMatchObject({ exitCode: 0 });
  expect((await statusz(url)).trading).toMatchObject({ state: 'Active', persisted: true });

  child?.kill('SIGTERM');
  expect(await ended()).toBe(0);
  const { rows } = await database.pool.query('SELECT epoch, holder FROM trading.execution_fence');
  expect(rows).toEqual([{ epoch: '2', holder: '' }]);
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}, 60_000);

it('keeps its canary across a kill, sends only entries that risk counted, and any once it is lifted', async () => {
  const canary = { since: 3, maxNotional: '1000', symbols: ['XRP/ETH'] };
  await publishInstrument();
  let url = await start();
  await until(async () => (await statusz(url)).sender?.role === 'armed');
  expect(await activate(url, 3, { ...canary, since: 4 })).toBe(400);
  expect(await activate(url, 3, canary)).toBe(200);
  await until(async () => (await statusz(url)).sender?.role === 'active');
  expect((await statusz(url)).sender).toMatchObject({ epoch: 3, canary });
  await trade('c1', 'NeverSent');
  await trade('c2', 'Filled', 3);
  child?.kill('SIGKILL');
  await ended();

  url = await start();
  await until(async () => (await statusz(url)).sender?.role === 'armed');
  expect((await statusz(url)).sender?.canary).toBeNull();
  expect(await activate(url, 4, canary)).toBe(200);
  await until(async () => (await statusz(url)).sender?.role === 'active');
  await trade('c3', 'NeverSent');
  await trade('c4', 'Filled', 3);
  const reasons = `SELECT DISTINCT reason FROM trading.orders WHERE state = 'NeverSent'`;
  expect((await database.pool.query(reasons)).rows).toEqual([{ reason: 'OutsideCanary' }]);
  expect(await activate(url, 4)).toBe(200);
  expect((await statusz(url)).sender).toMatchObject({ role: 'active', epoch: 4, canary: null });
  await trade('c5');
  child?.kill('SIGTERM');
  expect(await ended()).toBe(0);
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}, 60_000);

it('is halted at once by a row that a person inserts, and starts halted while Postgres is unavailable', async () => {
  let url = await start();
  await until(async () => (await statusz(url)).trading?.state === 'Active');
  await database.pool.query(
    `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'desk', true, 'why')`,
    [TEST_STACK],
  );
  await until(async () => (await statusz(url)).trading?.state === 'Halted');
  await until(() => readFileSync(join(directory, 'trading-states.json'), 'utf8').includes('"desk"'));
  child?.kill('SIGKILL');
  await ended();

  writeSettings({ host: '127.0.0.1', port: await freePort() });
  url = await start();
  expect((await statusz(url)).trading).toMatchObject({ state: 'Halted', persisted: false });
  expect(await halt(url, '--state', 'Reducing', '--author', 'ada')).toMatchObject({ exitCode: 3 });
  child?.kill('SIGKILL');
  await ended();

  writeSettings();
  await database.pool.query(
    `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'desk', false, 'resume')`,
    [TEST_STACK],
  );
  url = await start();
  await until(async () => (await statusz(url)).trading?.persisted === true);
  expect((await statusz(url)).trading).toMatchObject({ state: 'Reducing' });
  const { rows } = await database.pool.query(
    'SELECT source, state, author FROM trading.trading_states ORDER BY source',
  );
  expect(rows).toMatchObject([
    { source: 'command', state: 'Reducing', author: 'ada' },
    { source: 'desk', state: 'Active' },
  ]);
  child?.kill('SIGTERM');
  expect(await ended()).toBe(0);
}, 60_000);
