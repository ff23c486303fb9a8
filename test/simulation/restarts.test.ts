import { expect, it } from 'vitest';
import { START_MS } from '../../services/replay/context.ts';
import { QUIET_NETWORK } from '../../services/replay/core/network.ts';
import { RESTART_KINDS, SOUND_REDIS, type RedisRestart } from '../../services/replay/core/redis-faults.ts';
import type { ServiceRestart } from '../../services/replay/processes/wired-decisions.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import { problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

const settings = sampleSettings(['XRP/ETH', 'ADA/ETH']);
const tape = sampleTape(settings);
const PLAY_MS = 60_000;
const AT_MS = 20_000;
const DOWN_MS = 2_000;

interface Restarts {
  readonly redis?: readonly RedisRestart[];
  readonly services?: readonly ServiceRestart[];
}

/** Runs the stack on a network without faults, with restarts only. Returns the times of its intents and signals. */
async function restarted({ redis = [], services = [] }: Restarts) {
  const result = await runReplay({
    settings,
    tape,
    network: QUIET_NETWORK,
    redis: { faults: SOUND_REDIS, restarts: redis },
    restarts: services,
    playMs: PLAY_MS,
  });
  const intents = result.record.steps.filter(({ state }) => state === 'Intended');
  const between = (fromMs: number, toMs: number) =>
    intents.filter(({ at_ms: atMs }) => atMs >= START_MS + fromMs && atMs < START_MS + toMs);
  return { result, between };
}

it('trades every symbol through Redis', async () => {
  const { result, between } = await restarted({});
  expect(problemsOf(result)).toEqual([]);
  expect(new Set(between(0, PLAY_MS).map(({ symbol }) => symbol))).toEqual(new Set(settings.risk.symbols));
});

it.each(['signal', 'risk'] as const)('trades on after %s was killed', async (service) => {
  const { result, between } = await restarted({ services: [{ service, afterMs: AT_MS, downMs: DOWN_MS }] });
  expect(problemsOf(result)).toEqual([]);
  // The worker of exits is a part of risk, and acts on the stances of the record without signal.
  if (service === 'risk') expect(between(AT_MS + 100, AT_MS + DOWN_MS)).toEqual([]);
  expect(between(AT_MS + DOWN_MS, PLAY_MS).length).toBeGreaterThan(3);
});

it.each(RESTART_KINDS)('trades on after Redis restarted: %s', async (kind) => {
  const { result, between } = await restarted({ redis: [{ afterMs: AT_MS, kind, downMs: DOWN_MS }] });
  expect(problemsOf(result)).toEqual([]);
  expect(between(AT_MS + DOWN_MS, PLAY_MS).length).toBeGreaterThan(3);
});
