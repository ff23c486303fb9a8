import { createHmac } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { XRP_ETH } from '../../test/harness/exchange-simulator.ts';
import { exchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { Health } from '../shared/runtime/health.ts';
import { createHttpServer } from '../shared/runtime/http/http-server.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { supervise } from '../shared/runtime/supervise.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { openingEntryOf, openMarket, readTape } from './open-market.ts';
import { createSimulator, type SimulatorOptions } from './service.ts';
import { openJournal, type Journal } from './store/journal.ts';

/** A sale and a buy every 20 ms. */
const TAPE = [
  'timestamp_ms,trade_id,taker_side,price,amount',
  ...Array.from({ length: 100 }, (_, index) => {
    const [side, price] = index % 2 === 0 ? ['sell', '0.0014'] : ['buy', '0.00141'];
    return `${1_000 + index * 10},${index + 1},${side},${price},500`;
  }),
].join('\n');
const settings = exchangeSimulatorSettings.parse({
  stack: { id: 'demo-0a1b2c3d', name: 'demo', namespace: 'trading', mode: 'Paper' },
  instruments: [XRP_ETH],
  tape: { path: 'tape.csv.gz', symbol: 'XRP/ETH', speed: 1 },
  requoteMs: 50,
  balances: { ETH: '10000', XRP: '20000' },
  seed: 7,
});
const FAILED = { name: 'journal', ok: false, reason: 'JournalUnwritable', message: 'the journal cannot be written' };
const log = createLogger({ name: 'simulator', level: 'silent' });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'full-disk-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it.each([
  ['an order', '0.001', async (venue: Started) => void (await venue.place('second', '0.001'))],
  // Between the prices of the tape: each sale fills a part of it.
  ['a trade of the tape', '0.001405', async () => await Promise.resolve()],
])('ends when the disk is full at %s, accepts no further order, and continues from what is written', async (...at) => {
  const [, price, write] = at;
  const disk = { isFull: false };
  const first = await start(disk);
  expect(await first.place('first', price)).toBe(200);
  disk.isFull = true;
  await write(first);
  expect(await first.outcome).toEqual({
    exitCode: 1,
    reason: 'JournalUnwritable',
    message: 'the journal cannot be written: ENOSPC: no space left on device, write',
  });
  disk.isFull = false;
  expect([await first.place('third', price), first.checks()]).toEqual([500, expect.arrayContaining([FAILED])]);
  await first.close();

  const next = await start(disk);
  expect(next.cutBytes).toBeGreaterThan(0);
  expect([await next.place('fourth', price), next.checks().filter(({ ok }) => !ok)]).toEqual([200, []]);
  expect(next.placed()).toEqual(['first', 'fourth']);
  await next.close();
});

type Started = Awaited<ReturnType<typeof start>>;

async function start(disk: { readonly isFull: boolean }) {
  const nowMs = systemClock.nowMs();
  const tape = readTape(settings, TAPE);
  const { journal, state } = openJournal({
    directory,
    opened: openingEntryOf(settings, nowMs),
    open: (openingEntry) => openMarket({ settings, tape, openingEntry, nowMs }),
  });
  const health = new Health();
  const plan = createSimulator({
    ...state,
    port: 0,
    instruments: settings.instruments,
    journal: journalOn(disk, journal),
    apiKey: 'key',
    secretKey: 'secret',
    faults: false,
    clock: systemClock,
    health,
    log,
    metrics: createSimulatorMetrics(new Registry()),
  });
  const stopping = new AbortController();
  const deadlines = { drainDeadlineMs: 1_000, stopDeadlineMs: 1_000 };
  const process = { ...deadlines, stopRequest: stopping.signal, exitWhenDone: false, onStopping: () => {}, log };
  const outcome = supervise({ ...process, parts: plan.parts, clock: systemClock });
  const server = createHttpServer({ port: 0, host: '127.0.0.1', routes: [], log, fallback: plan.fallback! });
  const port = await server.listen();
  return {
    outcome,
    cutBytes: journal.cutBytes,
    checks: () => health.results(),
    placed: () => journal.read(0, 1_000).flatMap((one) => (one.kind === 'placed' ? [one.clientOrderId] : [])),
    place: async (clientOrderId: string, price: string) => await place(port, clientOrderId, price),
    close: async () => {
      stopping.abort('SIGTERM');
      await outcome;
      await server.close(0);
      journal.close();
    },
  };
}

/** While the disk is full, it takes the beginning of a line. */
function journalOn(disk: { readonly isFull: boolean }, journal: Journal): SimulatorOptions['journal'] {
  return {
    get lastSeq() {
      return journal.lastSeq;
    },
    get sizeBytes() {
      return journal.sizeBytes;
    },
    read: (afterSeq, limit) => journal.read(afterSeq, limit),
    append: (events) => {
      if (!disk.isFull || events.length === 0) return journal.append(events);
      appendFileSync(join(directory, 'journal.jsonl'), '[{"seq":');
      throw new Error('ENOSPC: no space left on device, write');
    },
  };
}

/** Returns the status with which the venue answers. */
async function place(port: number, newClientOrderId: string, price: string): Promise<number> {
  const order = { symbol: 'XRPETH', side: 'BUY', type: 'LIMIT', price, quantity: '100000' };
  const query = new URLSearchParams({ timestamp: String(Date.now()), ...order, newClientOrderId }).toString();
  const signature = createHmac('sha256', 'secret').update(query).digest('hex');
  const url = `http://127.0.0.1:${port}/api/v3/order?${query}&signature=${signature}`;
  const response = await fetch(url, { method: 'POST', headers: { 'X-MEXC-APIKEY': 'key' } });
  await response.text();
  return response.status;
}
