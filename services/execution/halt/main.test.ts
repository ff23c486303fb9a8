import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, entryPoints } from '../../../esbuild.config.ts';
import { SECRET_FILES } from '../../shared/contracts/pod-files.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { Health } from '../../shared/runtime/health.ts';
import { createHttpServer, type HttpServer } from '../../shared/runtime/http/http-server.ts';
import { statusRoutes } from '../../shared/runtime/http/status-routes.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { haltRoute } from '../../shared/trading-state/halt-route.ts';
import { TradingStates } from '../../shared/trading-state/trading-states.ts';

const TOKEN = 'token-of-the-stack';
const log = createLogger({ name: 'test', level: 'silent' });
const stop = new AbortController();
let folder: string;
let states: TradingStates;
let server: HttpServer;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'halt-'));
  await bundle(
    join(folder, 'app'),
    entryPoints().filter(({ name }) => name === 'halt'),
  );
  const token = join(folder, 'secrets', SECRET_FILES.controlToken);
  mkdirSync(dirname(token), { recursive: true });
  writeFileSync(token, `${TOKEN}\n`);
  const store = {
    readTradingStates: async () => await Promise.resolve([]),
    setTradingState: async () => await Promise.resolve(undefined),
  };
  states = new TradingStates({ store, clock: systemClock, log });
  await states.load();
  void states.run(stop.signal);
  server = createServer();
  port = await server.listen();
});
afterAll(async () => {
  stop.abort();
  await server.close(0);
  rmSync(folder, { recursive: true, force: true });
});

/** A process whose venue lists no open order, and lists them at every question. */
function createServer(): HttpServer {
  const sender = { role: 'active', fenceEpoch: 1, epoch: 1, openOrders: { count: 0, ageMs: 0 } };
  const status = statusRoutes({
    service: 'execution',
    release: 'r',
    incarnation: 'i',
    startedAt: new Date(0),
    health: new Health(),
    metrics: new Registry(),
    statusFields: () => ({ sender, trading: states.status() }),
  });
  return createHttpServer({
    port: 0,
    host: '127.0.0.1',
    log,
    routes: [
      ...status,
      haltRoute(
        () => TOKEN,
        states,
        () => 0,
      ),
    ],
  });
}

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly problems: string;
}

/** Runs the file of the image as `kubectl exec` does. */
async function halt(...args: readonly string[]): Promise<Ended> {
  const env = { PORT: String(port), SECRETS_DIR: join(folder, 'secrets') };
  return await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(folder, 'app/halt.mjs'), ...args],
      { env },
      (_error, output, problems) => resolve({ exitCode: child.exitCode ?? -1, output, problems }),
    );
  });
}

it('halts, is confirmed, reduces and resumes, as the file of the image', async () => {
  const halted = await halt('--reason', 'why', '--author', 'ada');
  expect(halted).toMatchObject({ exitCode: 0, problems: '' });
  expect(halted.output).toContain('Confirmed: no orders are open at the venue');
  expect(states.sources).toMatchObject([{ source: 'command', state: 'Halted', author: 'ada', reason: 'why' }]);
  expect(await halt('--state', 'Reducing')).toMatchObject({ exitCode: 0 });
  expect(states.state).toBe('Reducing');
  expect(await halt('--resume')).toMatchObject({ exitCode: 0 });
  expect(states.state).toBe('Active');
}, 30_000);

it('ends with a code for each failure, and prints what is wrong beside the output', async () => {
  expect(await halt('--help')).toMatchObject({ exitCode: 0, problems: '' });
  expect(await halt('--resum')).toMatchObject({
    exitCode: 2,
    output: '',
    problems: expect.stringContaining('--resum'),
  });
  states.apply({ source: 'desk', state: 'Halted', author: 'bob', reason: '', revision: 1 });
  expect(await halt('--resume')).toMatchObject({ exitCode: 3, problems: expect.stringContaining('desk Halted') });
  await server.close(0);
  expect(await halt()).toMatchObject({ exitCode: 1, output: '', problems: expect.stringContaining('ECONNREFUSED') });
}, 30_000);
