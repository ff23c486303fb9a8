import { describe, expect, it } from 'vitest';
import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import { faultyNetwork } from './network.ts';
import { runSimulation, type SimulationResult, type Succession } from './paper-simulation.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import { problemsOf } from './simulation-evidence.ts';

const SEEDS = 24;
const PLAY_MS = 240_000;
const settings = sampleSettings();
const tape = sampleTape(settings);

/** Delays that jitter, requests, replies and pushes that get lost, and three changes of the sender. */
function runSeed(seed: number): SimulationResult {
  const random = createRandom(seed + 1_000);
  const successions = [0, 1, 2].map((): Succession => {
    const afterMs = Math.round(10_000 + random() * (PLAY_MS - 20_000));
    return { afterMs, kind: random() < 0.5 ? 'Killed' : 'CutOff' };
  });
  return runSimulation({ settings, tape, network: faultyNetwork(seed), playMs: PLAY_MS, successions });
}

const finished = new Map<number, SimulationResult>();
const resultOf = (seed: number): SimulationResult => {
  const result = finished.get(seed) ?? runSeed(seed);
  finished.set(seed, result);
  return result;
};
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
const allOrders = () => seeds.flatMap((seed) => [...resultOf(seed).record.orders.values()]);

describe('lost replies and changes of the sender', () => {
  it.each(seeds)('keep the invariants with seed %d', (seed) => {
    const result = resultOf(seed);
    expect(problemsOf(result)).toEqual([]);
    expect(result.record.lateFills).toBe(0);
    expect(result.record.orders.size).toBeGreaterThan(10);
  });

  it('repeat themselves for a seed', () => {
    expect(runSeed(3).digest).toBe(resultOf(3).digest);
    expect(resultOf(4).digest).not.toBe(resultOf(3).digest);
  });

  it('did happen: orders that the venue never got, and more than one sender in a run', () => {
    const orders = allOrders();
    expect(
      orders.filter(({ state }) => state.kind === 'NeverSent' && state.reason === 'NeverArrived').length,
    ).toBeGreaterThan(SEEDS);
    expect(new Set(orders.map(({ epoch }) => epoch))).toEqual(new Set([1, 2, 3, 4]));
    expect(seeds.flatMap((seed) => resultOf(seed).roles)).toContain('fenced');
  });

  it('did happen: orders that were unknown, and that the venue had all the same', () => {
    const resolved = seeds.flatMap((seed) =>
      [...resultOf(seed).record.unknowns].filter((id) => {
        const kind = resultOf(seed).record.orders.get(id)?.state.kind;
        return kind === 'Filled' || kind === 'Cancelled';
      }),
    );
    expect(resolved.length).toBeGreaterThan(10);
  });
});
