import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { openingEntryOf, openMarket, readTape } from '../../services/exchange-simulator/open-market.ts';
import { createSimulatorMetrics } from '../../services/exchange-simulator/metrics.ts';
import { createSimulator } from '../../services/exchange-simulator/service.ts';
import { openJournal } from '../../services/exchange-simulator/store/journal.ts';
import { readTapeFile } from '../../services/exchange-simulator/store/tape-file.ts';
import {
  exchangeSimulatorSettings,
  type ExchangeSimulatorDocument,
} from '../../services/shared/contracts/services/exchange-simulator.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { Health } from '../../services/shared/runtime/health.ts';
import { createHttpServer } from '../../services/shared/runtime/http/http-server.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';

export interface RunningSimulator {
  readonly port: number;
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string;
  readonly secretKey: string;
  /** Stops it like a process exit, including every connection. The journal is kept. */
  stop(): Promise<void>;
  /** Starts it again on the same port, from its journal. */
  start(): Promise<void>;
  /** Stops it and removes the journal. */
  close(): Promise<void>;
}

const TAPE = join(import.meta.dirname, '../../services/exchange-simulator/tapes/trades-xrp-eth-2019-10-11.csv.gz');

/** Returns the settings of a simulator with XRP/ETH on the recorded tape; `change` replaces members. */
export function simulatorSettings(change: Partial<ExchangeSimulatorDocument> = {}): ExchangeSimulatorDocument {
  return {
    stack: { id: 'demo-12345678', name: 'demo', namespace: 'trading', mode: 'Paper' },
    instruments: [
      {
        symbol: 'XRP/ETH',
        base: 'XRP',
        quote: 'ETH',
        tickSize: '0.00000001',
        lotSize: '1',
        minQuantity: '1',
        minNotional: '0.001',
        maxNotional: '1000',
        makerFee: '0',
        takerFee: '0.0005',
      },
    ],
    tape: { path: TAPE, symbol: 'XRP/ETH', speed: 600 },
    requoteMs: 200,
    balances: { ETH: '10', XRP: '0' },
    seed: 7,
    ...change,
  };
}

/**
 * Starts the real exchange simulator in this process, on a free port of the loopback interface, with its own journal.
 */
export async function startSimulator(
  document: ExchangeSimulatorDocument = simulatorSettings(),
): Promise<RunningSimulator> {
  const directory = mkdtempSync(join(tmpdir(), 'tradingstack-simulator-'));
  const [apiKey, secretKey] = ['mx0-api-key-of-the-test', 'secret-key-of-the-test'];
  const options = { directory, document, apiKey, secretKey };
  let port = 0;
  let stop = async (): Promise<void> => {};
  const start = async (): Promise<void> => {
    const started = await launch({ ...options, port });
    ({ port, stop } = started);
  };
  await start();
  return {
    port,
    restUrl: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}/ws`,
    apiKey,
    secretKey,
    start,
    stop: async () => await stop(),
    close: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface LaunchOptions {
  readonly directory: string;
  readonly document: ExchangeSimulatorDocument;
  readonly apiKey: string;
  readonly secretKey: string;
  readonly port: number;
}

async function launch({ directory, document, apiKey, secretKey, port }: LaunchOptions) {
  const settings = exchangeSimulatorSettings.parse(document);
  const nowMs = systemClock.nowMs();
  const log = createLogger({ name: 'exchange-simulator', level: 'silent' });
  const tape = readTape(settings, readTapeFile(settings.tape.path));
  const { journal, state: opened } = openJournal({
    directory,
    opened: openingEntryOf(settings, nowMs),
    open: (openingEntry) => openMarket({ settings, tape, openingEntry, nowMs }),
  });
  const plan = createSimulator({
    ...opened,
    port,
    instruments: settings.instruments,
    journal,
    apiKey,
    secretKey,
    faults: settings.faults,
    clock: systemClock,
    health: new Health(),
    log,
    metrics: createSimulatorMetrics(new Registry()),
  });
  const server = createHttpServer({
    port,
    host: '127.0.0.1',
    routes: plan.routes ?? [],
    log,
    ...(plan.fallback === undefined ? {} : { fallback: plan.fallback }),
    ...(plan.upgrade === undefined ? {} : { upgrade: plan.upgrade }),
  });
  const stopping = new AbortController();
  const runs = plan.parts.map(async (part) => await part.run(stopping.signal));
  const bound = await server.listen();
  return {
    port: bound,
    stop: async () => {
      if (stopping.signal.aborted) return;
      stopping.abort(new Error('the simulator is stopping'));
      await Promise.allSettled(runs);
      await Promise.all(plan.parts.map(async (part) => await part.stop?.()));
      await server.close(0);
    },
  };
}
