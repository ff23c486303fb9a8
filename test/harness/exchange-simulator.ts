import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ExchangeSimulatorDocument } from '../../services/shared/contracts/services/exchange-simulator.ts';
import { freePort } from './stores/native-server.ts';
import { until } from './until.ts';

/** The exchange simulator as a separate process on the loopback interface, with a journal in a temporary directory. */
export interface TestSimulator {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string;
  readonly secretKey: string;
  readonly journalFile: string;
  /** Sends SIGKILL and waits for the process to exit. */
  kill(): Promise<void>;
  /** Restarts the process on the same port and journal. */
  restart(): Promise<void>;
  /** Sends SIGTERM, waits for the exit, and removes the files. Returns the exit code. */
  stop(): Promise<number | null>;
  /** Sends a signed request. Returns the status and the parsed body. */
  signed(method: string, path: string, parameters?: Readonly<Record<string, string>>): Promise<VenueAnswer>;
  /** Sends a public request. */
  get(path: string): Promise<VenueAnswer>;
}

export interface VenueAnswer {
  readonly status: number;
  readonly body: unknown;
}

const MAIN = new URL('../../services/exchange-simulator/main.ts', import.meta.url).pathname;
const KEYS = { apiKey: 'mx0test', secretKey: 'simulator-test-secret' };

/** Sells at 0.0014 and buys at 0.00141, then an hour without trades: the venue only quotes around these prices. */
export const QUIET_TAPE = [
  'timestamp_ms,trade_id,taker_side,price,amount',
  '1000,1,sell,0.00140000,500',
  '1001,2,buy,0.00141000,500',
  '3600000,3,sell,0.00140000,500',
].join('\n');

export const XRP_ETH = {
  symbol: 'XRP/ETH',
  base: 'XRP',
  quote: 'ETH',
  tickSize: '0.00000001',
  lotSize: '1',
  minQuantity: '1',
  minNotional: '0.005',
  maxNotional: '1000',
  makerFee: '0',
  takerFee: '0.0005',
};

/** Starts a simulator and resolves when it is ready. */
export async function startExchangeSimulator(options?: {
  readonly tape?: string;
  readonly settings?: Partial<ExchangeSimulatorDocument>;
}): Promise<TestSimulator> {
  const directory = mkdtempSync(join(tmpdir(), 'exchange-simulator-'));
  const port = await freePort();
  writeFiles(directory, options?.tape ?? QUIET_TAPE, options?.settings ?? {});
  const restUrl = `http://127.0.0.1:${port}`;
  let child = await launch(directory, port);
  const request = async (method: string, path: string, headers: Record<string, string>): Promise<VenueAnswer> => {
    const response = await fetch(`${restUrl}${path}`, { method, headers });
    return { status: response.status, body: await response.json() };
  };
  return {
    ...KEYS,
    restUrl,
    wsUrl: `ws://127.0.0.1:${port}/ws`,
    journalFile: join(directory, 'data', 'journal.jsonl'),
    kill: async () => {
      await end(child, 'SIGKILL');
    },
    restart: async () => {
      child = await launch(directory, port);
    },
    stop: async () => {
      const code = await end(child, 'SIGTERM');
      rmSync(directory, { recursive: true });
      return code;
    },
    signed: async (method, path, parameters = {}) => {
      const query = new URLSearchParams({ timestamp: String(Date.now()), ...parameters }).toString();
      const signature = createHmac('sha256', KEYS.secretKey).update(query).digest('hex');
      return await request(method, `${path}?${query}&signature=${signature}`, { 'X-MEXC-APIKEY': KEYS.apiKey });
    },
    get: async (path) => await request('GET', path, {}),
  };
}

function writeFiles(directory: string, tape: string, over: Partial<ExchangeSimulatorDocument>): void {
  const settings: ExchangeSimulatorDocument = {
    stack: { id: 'demo-0a1b2c3d', name: 'demo', namespace: 'trading', mode: 'Paper' },
    instruments: [XRP_ETH],
    tape: { path: join(directory, 'tape.csv.gz'), symbol: 'XRP/ETH', speed: 1 },
    requoteMs: 50,
    balances: { ETH: '10', XRP: '20000' },
    seed: 7,
    ...over,
  };
  mkdirSync(join(directory, 'secrets', 'venue'), { recursive: true });
  writeFileSync(join(directory, 'tape.csv.gz'), gzipSync(tape));
  writeFileSync(join(directory, 'settings.json'), JSON.stringify(settings));
  writeFileSync(join(directory, 'secrets', 'venue', 'apiKey'), KEYS.apiKey);
  writeFileSync(join(directory, 'secrets', 'venue', 'secretKey'), KEYS.secretKey);
}

async function launch(directory: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      SETTINGS_FILE: join(directory, 'settings.json'),
      SECRETS_DIR: join(directory, 'secrets'),
      DATA_DIRECTORY: join(directory, 'data'),
      PORT: String(port),
      LOG_LEVEL: 'warn',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
  const onExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the simulator exited with ${child.exitCode}: ${output}`);
    return await fetch(`http://127.0.0.1:${port}/readyz`).then(
      async (response) => (await response.text(), response.ok),
      () => false,
    );
  }, 20_000);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}
