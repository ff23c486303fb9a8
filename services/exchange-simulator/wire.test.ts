import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { QUIET_TAPE, XRP_ETH } from '../../test/harness/exchange-simulator.ts';
import { exchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { Health } from '../shared/runtime/health.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import type { ServicePlan } from '../shared/runtime/run-service.ts';
import type { Config } from './config.ts';
import { wireExchangeSimulator } from './wire.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulator-wire-'));
  writeFileSync(join(directory, 'tape.csv.gz'), gzipSync(QUIET_TAPE));
});

afterEach(() => rmSync(directory, { recursive: true }));

function wire(): ServicePlan {
  const settings = exchangeSimulatorSettings.parse({
    stack: { id: 'demo-0a1b2c3d', name: 'demo', namespace: 'trading', mode: 'Paper' },
    instruments: [XRP_ETH],
    tape: { path: join(directory, 'tape.csv.gz'), symbol: 'XRP/ETH', speed: 1 },
    requoteMs: 50,
    balances: { ETH: '10' },
    seed: 7,
  });
  const config = { settings, environment: {}, apiKey: 'a', secretKey: 's', dataDirectory: directory } as Config;
  const log = createLogger({ name: 'simulator', level: 'silent' });
  return wireExchangeSimulator(config, {
    log,
    clock: systemClock,
    health: new Health(),
    metrics: new Registry(),
    incarnation: 'i',
  });
}

it('ends with a reason of its own and a remedy when the journal is damaged', () => {
  writeFileSync(join(directory, 'journal.jsonl'), 'rubbish\n[]\n');
  expect(wire).toThrow(
    expect.objectContaining({
      exitCode: 1,
      reason: 'JournalCorrupt',
      message: expect.stringMatching(
        /^the journal is damaged: CorruptLine: journal\.jsonl, line 1; restore \/.*, or delete/,
      ),
    }),
  );
});
