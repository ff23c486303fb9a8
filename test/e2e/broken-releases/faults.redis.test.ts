import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bundle } from '../../../esbuild.config.ts';
import { SECRET_FILES } from '../../../services/shared/contracts/pod-files.ts';
import type { WsDocument } from '../../../services/shared/contracts/services/ws.ts';
import { statuszSchema, type Statusz } from '../../../services/shared/contracts/statusz.ts';
import { startSimulator, type RunningSimulator } from '../../harness/running-simulator.ts';
import { startServiceProcess, type ServiceProcess } from '../../harness/processes/service-process.ts';
import { startPrivateRedis, type PrivateRedis } from '../../harness/stores/private-redis.ts';
import { until } from '../../harness/until.ts';
import { ALL_BROKEN } from './broken-release.ts';
import { faultModule, type Fault } from './faults.ts';

// Each fault has the effect for which the end-to-end tests build an image: in the program as the image has it.

let directory: string;
let redis: PrivateRedis;
let simulator: RunningSimulator;
let running: ServiceProcess | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradingstack-faults-'));
  const bundled = bundle(join(directory, 'app'), [{ name: 'ws', file: 'services/ws/main.ts' }]);
  [redis, simulator] = await Promise.all([startPrivateRedis(), startSimulator()]);
  await bundled;
  const settings: WsDocument = {
    stack: { id: 'demo-12345678', name: 'demo', namespace: 'trading', mode: 'Paper' },
    redis: { host: redis.options.host, port: redis.options.port, username: redis.options.username },
    venue: { name: 'mexc', restUrl: simulator.restUrl, wsUrl: simulator.wsUrl },
    symbols: ['XRP/ETH'],
    bookLevels: 5,
    maxFeedAgeMs: 1_000,
  };
  write('settings.json', JSON.stringify(settings));
  write(`secrets/${SECRET_FILES.redisPassword}`, redis.options.password);
});

afterEach(async () => {
  await running?.stop('SIGKILL');
});

afterAll(async () => {
  await simulator.close();
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, content: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Runs a program with a fault. Its address is known once it serves. */
function run(fault: Fault, main: string): { readonly process: ServiceProcess; readonly url: () => string | undefined } {
  const module = write(`faults/${fault}.mjs`, faultModule(fault));
  let url: string | undefined;
  running = startServiceProcess({
    main,
    env: {
      NODE_OPTIONS: `--enable-source-maps --import=${module}`,
      SETTINGS_FILE: join(directory, 'settings.json'),
      SECRETS_DIR: join(directory, 'secrets'),
      PORT: '0',
      HOST: '127.0.0.1',
      POD_NAME: 'test',
    },
    onLine: ({ msg, port }) => {
      if (msg === 'started') url = `http://127.0.0.1:${String(port)}`;
    },
  });
  return { process: running, url: () => url };
}

async function statusz(url: string): Promise<Statusz> {
  return statuszSchema.parse(await (await fetch(`${url}/statusz`)).json());
}

/** What the end-to-end test expects the operator to say. */
function causeOf(fault: Fault): RegExp {
  const release = ALL_BROKEN.find((each) => each.fault === fault);
  if (release === undefined) throw new Error(`no release has the fault ${fault}`);
  return release.cause;
}

/** Waits until the check of the feed has a reason and a message. */
async function untilFeedSays(url: string, reason: string, message: RegExp): Promise<void> {
  await until(async () => {
    const feed = (await statusz(url)).checks.find(({ name }) => name === 'feed');
    return feed?.reason === reason && message.test(feed.message);
  }, 10_000);
}

it('a silent feed stays stale, while the process answers, is connected and says that it is ready', async () => {
  const { url } = run('SilentFeed', join(directory, 'app/ws.mjs'));
  const address = await until(url, 10_000);
  await untilFeedSays(address, 'FeedStale', /^XRP\/ETH: no depth yet after \d{4} ms, limit 1000 ms$/);
  for (let look = 0; look < 20; look += 1) {
    const { ready, checks } = await statusz(address);
    expect(ready).toBe(false);
    const lines = checks
      .filter(({ ok }) => !ok)
      .map(({ name, ...check }) => `${check.reason} - ${name}: ${check.message}`);
    expect(lines.map((line) => `data/Ready ws: ${line}`)).toEqual([expect.stringMatching(causeOf('SilentFeed'))]);
    await delay(100);
  }
  expect((await fetch(`${address}/readyz`)).status).toBe(200);
  expect((await fetch(`${address}/livez`)).status).toBe(200);
});

it('a fault leaves the same program as it is where it breaks another one', async () => {
  const { url } = run('RefusedOrders', join(directory, 'app/ws.mjs'));
  const address = await until(url, 10_000);
  await untilFeedSays(address, 'Ok', /^XRP\/ETH: depth/);
  expect(await statusz(address)).toMatchObject({ ready: true });
});

it('a fault has no effect on a program of another service', async () => {
  const program = write(
    'risk.mjs',
    `import { readFileSync } from 'node:fs'; console.log(readFileSync(process.env.SETTINGS_FILE, 'utf8'));`,
  );
  const { process: other } = run('RefusedSettings', program);
  await until(() => other.ended !== undefined, 10_000);
  expect(JSON.parse(other.tail())).toMatchObject({ bookLevels: 5 });
});

it('a crash loop ends after it has answered, with exit code 1', async () => {
  const { process: loop, url } = run('CrashLoop', join(directory, 'app/ws.mjs'));
  expect(await statusz(await until(url, 10_000))).toMatchObject({ service: 'ws' });
  await until(() => loop.ended !== undefined);
  expect(loop.ended).toBe('ended with 1');
});

it('refused settings end the process with the field that it misses', async () => {
  const { process: refused } = run('RefusedSettings', join(directory, 'app/ws.mjs'));
  await until(() => refused.ended !== undefined, 10_000);
  expect(refused.ended).toBe('ended with 78');
  const last = JSON.parse(refused.tail().split('\n').at(-1) ?? '') as {
    readonly reason: string;
    readonly problem: string;
  };
  const { reason, problem } = last;
  const line = `data/DeploymentAvailable ws: ${reason} - ${problem} (exit code 78, restarts: 2)`;
  expect(line).toMatch(causeOf('RefusedSettings'));
});

it('refused orders are those that the sender places, and nothing else', async () => {
  const client = new URL('../../../services/shared/venue/mexc/rest/signed-rest.ts', import.meta.url).href;
  const clock = new URL('../../../services/shared/runtime/clock.ts', import.meta.url).href;
  const { restUrl, apiKey, secretKey } = simulator;
  // The sender needs Postgres, and its requests are what is broken: these are made by its own client.
  const program = write(
    'execution.mjs',
    `import { createMexcRest } from ${JSON.stringify(client)};
     import { systemClock } from ${JSON.stringify(clock)};
     const account = ${JSON.stringify({ restUrl, apiKey, secretKey, recvWindowMs: 2_000 })};
     const rest = createMexcRest({ ...account, clock: systemClock, log: { warn: () => undefined } });
     const order = { symbol: 'XRPETH', side: 'BUY', type: 'LIMIT', quantity: '100', price: '0.001' };
     const call = async (method, path, params) =>
       await rest.call({ access: 'private', method, path, params }, (body) => typeof body);
     console.log(JSON.stringify({ placed: await call('POST', 'order', order) }));
     console.log(JSON.stringify({ listed: await call('GET', 'openOrders', { symbol: 'XRPETH' }) }));
     rest.close();`,
  );
  const { process: sender } = run('RefusedOrders', program);
  await until(() => sender.ended !== undefined, 10_000);
  const answers = sender.tail().split('\n');
  expect(answers[0]).toMatch(/^{"placed":{"kind":"rejected","code":"700002"/);
  expect(answers[1]).toBe('{"listed":{"kind":"ok","value":"object"}}');
});
