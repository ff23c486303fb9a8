import { describe, expect, it } from 'vitest';
import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import { faultyNetwork } from '../../services/replay/core/network.ts';
import { runReplay, type ReplayResult, type Succession } from '../../services/replay/run-replay.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import { problemsOf } from './evidence.ts';

const SEEDS = 24;
const PLAY_MS = 240_000;
const KINDS: readonly Succession['kind'][] = ['Killed', 'CutOff', 'Frozen', 'Drained'];
const settings = sampleSettings();
const tape = sampleTape(settings);

/** Runs a seed with jittered delays, lost requests, replies, pushes and statements, and three changes of the sender. */
async function runSeed(seed: number): Promise<ReplayResult> {
  const random = createRandom(seed + 1_000);
  const successions = [0, 1, 2].map((): Succession => {
    const afterMs = Math.round(10_000 + random() * (PLAY_MS - 20_000));
    return { afterMs, kind: KINDS[Math.floor(random() * KINDS.length)] ?? 'Killed' };
  });
  return await runReplay({ settings, tape, network: faultyNetwork(seed), playMs: PLAY_MS, successions });
}

const running = new Map<number, Promise<ReplayResult>>();
const resultOf = async (seed: number): Promise<ReplayResult> => {
  const result = running.get(seed) ?? runSeed(seed);
  running.set(seed, result);
  return await result;
};
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
const all = async (): Promise<readonly ReplayResult[]> => {
  const results: ReplayResult[] = [];
  for (const seed of seeds) results.push(await resultOf(seed));
  return results;
};

describe('order path with lost replies and changes of the sender', () => {
  it.each(seeds)('keeps the invariants with seed %d', async (seed) => {
    const result = await resultOf(seed);
    expect(problemsOf(result)).toEqual([]);
    expect(result.record.lateFills).toBe(0);
    expect(result.record.orders.length).toBeGreaterThan(10);
  });

  it('gives the same run for the same seed', async () => {
    expect((await runSeed(3)).digest).toBe((await resultOf(3)).digest);
    expect((await resultOf(4)).digest).not.toBe((await resultOf(3)).digest);
  });

  it('exercises orders that never reached the venue, and several senders in a run', async () => {
    const results = await all();
    const orders = results.flatMap(({ record }) => record.orders);
    expect(
      orders.filter(({ state }) => state.kind === 'NeverSent' && state.reason === 'NeverArrived').length,
    ).toBeGreaterThan(SEEDS);
    expect(new Set(orders.map(({ epoch }) => epoch))).toEqual(new Set([1, 2, 3, 4]));
    expect(results.flatMap(({ roles }) => roles)).toContain('fenced');
  });

  it('exercises unknown orders that the venue had accepted', async () => {
    const resolved = (await all()).flatMap(({ record: { steps, store } }) =>
      steps.filter(({ state, client_order_id: id }) => {
        const end = store.orders.get(id)?.state.kind;
        return state === 'Unknown' && (end === 'Filled' || end === 'Cancelled');
      }),
    );
    expect(resolved.length).toBeGreaterThan(10);
  });
});
