import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { riskTestDocument } from '../fixtures/risk-settings.ts';
import { SECRET_FILES } from '../../services/shared/contracts/pod-files.ts';
import { INSTRUMENTS, keyPrefixOf } from '../../services/shared/contracts/keys.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { createExecutionPod, type ExecutionPod } from '../harness/execution/execution-pod.ts';
import { takingPrice } from '../harness/execution/taking-price.ts';
import { createServicePod, type RunningPod, type ServicePod } from '../harness/processes/service-pod.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { startPrivateRedis, type PrivateRedis } from '../harness/stores/private-redis.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { until } from '../harness/until.ts';
import { leakedSecrets, type Secret, type Writing } from '../judges/security/leaked-secrets.ts';

const SERVICES = ['execution', 'risk'] as const;
const secretOf = (): string => randomBytes(16).toString('hex');
const PASSWORDS = { redis: secretOf(), postgres: secretOf(), controlToken: secretOf() };
/** Those of a pod whose Secrets are out of date are secrets, too. */
const WRONG_VENUE = { apiKey: secretOf(), secretKey: secretOf() };
const WRONG = { ...WRONG_VENUE, redis: secretOf(), postgres: secretOf(), controlToken: secretOf() };
const suffix = randomBytes(4).toString('hex');
const roleOf = (service: string): string => `${service}_${suffix}`;

let database: TestDatabase;
let postgres: FaultProxy;
let redis: PrivateRedis;
let simulator: RunningSimulator;
const pods: Pick<ServicePod, 'remove'>[] = [];
const running: RunningPod[] = [];
const written = new Map<string, string[]>();

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  for (const service of SERVICES)
    await database.pool.query(
      `CREATE ROLE ${roleOf(service)} LOGIN PASSWORD '${PASSWORDS.postgres}' IN ROLE ${service}`,
    );
  postgres = await startFaultProxy(database.options);
  const users = SERVICES.flatMap((service) => ['--user', service, 'on', `>${PASSWORDS.redis}`, '~*', '&*', '+@all']);
  redis = await startPrivateRedis(users);
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  const stream = new Redis({ ...redis.options, keyPrefix: keyPrefixOf(TEST_STACK) });
  // As ws does.
  await stream.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(settings.instruments[0]));
  stream.disconnect();
});

afterAll(async () => {
  await Promise.all(running.map(async ({ process }) => await process.stop('SIGKILL')));
  await simulator.close();
  await postgres.close();
  await redis.stop();
  for (const service of SERVICES) await database.pool.query(`DROP ROLE ${roleOf(service)}`);
  await database.close();
  for (const pod of pods) pod.remove();
});

interface Passwords {
  readonly redis: string;
  readonly postgres: string;
  readonly controlToken: string;
}

/** Keeps what the process writes, at the level that writes most. */
function writing(name: string) {
  const lines: string[] = [];
  written.set(name, lines);
  return { env: { LOG_LEVEL: 'trace' }, onText: (line: string) => void lines.push(line) };
}

function executionPod(
  name: string,
  passwords: Passwords,
  venue: Pick<RunningSimulator, 'apiKey' | 'secretKey'>,
): ExecutionPod {
  const pod = createExecutionPod({
    ...writing(name),
    postgres: { ...database.options, port: postgres.port, user: roleOf('execution'), password: passwords.postgres },
    redis: { ...redis.options, username: 'execution', password: passwords.redis },
    venue: { restUrl: simulator.restUrl, wsUrl: simulator.wsUrl, ...venue },
    controlToken: passwords.controlToken,
  });
  pods.push(pod);
  return pod;
}

function riskPod(): ServicePod {
  const { host, port } = redis.options;
  const pod = createServicePod({
    ...writing('risk'),
    service: 'risk',
    settings: {
      ...riskTestDocument,
      stack: { ...riskTestDocument.stack, id: TEST_STACK },
      redis: { host, port, username: 'risk' },
      postgres: { host: '127.0.0.1', port: postgres.port, database: database.options.database, user: roleOf('risk') },
    },
    secrets: {
      [SECRET_FILES.redisPassword]: PASSWORDS.redis,
      [SECRET_FILES.postgresPassword]: PASSWORDS.postgres,
      [SECRET_FILES.controlToken]: PASSWORDS.controlToken,
    },
  });
  pods.push(pod);
  return pod;
}

async function untilWritten(name: string, ...texts: readonly string[]): Promise<void> {
  const lines = written.get(name) ?? [];
  for (const text of texts)
    await until(() => lines.some((line) => line.includes(text)), { what: `${name} to log ${text}`, withinMs: 40_000 });
}

/** What each process shows to whoever asks. */
async function pagesOf(name: string, { url }: RunningPod): Promise<readonly Writing[]> {
  return await Promise.all(
    ['statusz', 'metrics', 'readyz'].map(async (page) => ({
      source: `${name} /${page}`,
      text: await (await fetch(`${url}/${page}`)).text(),
    })),
  );
}

it('no process writes a secret, a signature or an address with a password, whatever fails', async () => {
  const outdated = await executionPod('outdated', WRONG, WRONG).start();
  running.push(outdated);
  await untilWritten('outdated', 'WRONGPASS', 'password authentication failed', 'private stream disconnected');
  const pages = [...(await pagesOf('outdated', outdated))];
  await outdated.process.stop('SIGKILL');

  const execution = await executionPod('execution', PASSWORDS, simulator).start();
  const risk = await riskPod().start();
  running.push(execution, risk);
  await until(async () => (await execution.statusz()).sender?.role === 'armed', 40_000);
  expect(await execution.activate(1)).toBe(200);
  await until(async () => (await execution.statusz()).sender?.role === 'active', 40_000);
  const nowMs = Date.now();
  const price = await takingPrice(simulator.restUrl);
  await insertApproval(database.pool, approvedOrder('one', { price, decidedAt: nowMs, deadline: nowMs + 30_000 }));
  const filled = `SELECT FROM trading.orders WHERE state = 'Filled'`;
  await until(async () => (await database.pool.query(filled)).rowCount === 1, 40_000);
  const headers = { authorization: `Bearer ${WRONG.controlToken}` };
  expect((await fetch(`${execution.url}/control/halt`, { method: 'POST', headers, body: '{}' })).status).toBe(401);

  await simulator.stop();
  await untilWritten('execution', 'private stream disconnected');
  postgres.blackhole();
  postgres.cut();
  await untilWritten('execution', 'postgres probe');
  await redis.kill();
  for (const name of SERVICES) await untilWritten(name, 'redis connection failed');
  pages.push(...(await pagesOf('execution', execution)), ...(await pagesOf('risk', risk)));
  for (const { process } of [execution, risk]) await process.stop();

  const logs = [...written].map(([source, lines]) => ({ source, text: lines.join('\n') }));
  const own = [...Object.entries(PASSWORDS), ['API key', simulator.apiKey], ['secret key', simulator.secretKey]];
  const secrets: readonly Secret[] = [
    ...own.map(([name = '', value = '']) => ({ name, value })),
    ...Object.entries(WRONG).map(([name, value]) => ({ name: `wrong ${name}`, value })),
  ];
  expect(leakedSecrets([...logs, ...pages], secrets)).toEqual([]);
}, 180_000);
