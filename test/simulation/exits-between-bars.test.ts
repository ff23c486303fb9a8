import { describe, expect, it } from 'vitest';
import { faultyNetwork, QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import { problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

const sample = sampleSettings();
const tape = sampleTape(sample);
const BAR_SECONDS = 45;
/** Bars longer than every wait between two attempts: what is repeated is repeated between bars. */
const settings = {
  ...sample,
  signal: {
    ...sample.signal,
    strategies: sample.signal.strategies.map((strategy) => ({ ...strategy, barSeconds: BAR_SECONDS })),
  },
  risk: {
    ...sample.risk,
    entryValidMs: 30_000,
    sizing: sample.risk.sizing.map((sizing) => ({ ...sizing, barSeconds: BAR_SECONDS })),
  },
};

const NETWORKS: readonly (readonly [string, Network])[] = [
  ['a quiet network', QUIET_NETWORK],
  ...[1, 2, 3].map((seed) => [`lost requests, replies and statements, seed ${seed}`, faultyNetwork(seed)] as const),
];

describe('exits between long bars', () => {
  const repeated: string[] = [];

  it.each(NETWORKS)('are worked until nothing is left, with %s', async (_name, network) => {
    const result = await runReplay({ settings, tape, network, playMs: 1_800_000 });
    expect(problemsOf(result)).toEqual([]);
    const exits = result.record.orders.filter(({ decisionId }) => decisionId.startsWith('exit:'));
    expect(exits.filter(({ request }) => request.side !== 'sell')).toEqual([]);
    expect(result.record.orders.length).toBeGreaterThan(1);
    repeated.push(...exits.map(({ decisionId }) => decisionId));
  });

  it('were repeated before the next bar', () => {
    expect(repeated.length).toBeGreaterThan(1);
  });
});
