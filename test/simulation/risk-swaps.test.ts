import { expect, it } from 'vitest';
import type { IntentTerms } from '../../services/execution/ports.ts';
import { START_MS } from '../../services/replay/context.ts';
import { QUIET_NETWORK } from '../../services/replay/core/network.ts';
import { SOUND_REDIS } from '../../services/replay/core/redis-faults.ts';
import type { PortOverrides } from '../../services/replay/processes/execution-process.ts';
import type { RiskSwap } from '../../services/replay/processes/wired-decisions.ts';
import { runReplay, type ReplayOptions } from '../../services/replay/run-replay.ts';
import { problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import { releaseEvents } from './seen-events.ts';

const settings = sampleSettings(['XRP/ETH', 'ADA/ETH']);
const tape = sampleTape(settings);
/** On virtual time; a busy machine takes longer for a run than for a test of another level. */
const PATIENCE_MS = 600_000;

/** Runs the stack without faults, with a change of the release of risk. It buys from 15 s on, and sells at 27 s. */
async function swapped(riskSwap: RiskSwap, change: Pick<ReplayOptions, 'interventions' | 'overrides'> = {}) {
  const redis = { faults: SOUND_REDIS, restarts: [] };
  const run = { settings, tape, network: QUIET_NETWORK, redis, playMs: 40_000, riskSwaps: [riskSwap] };
  return await runReplay({ ...run, ...change });
}

/**
 * Lets every entry of 2.5 s wait before its intent is committed. Another release of risk becomes active meanwhile.
 * `others`: terms under which the database commits an entry that it has refused for its release.
 */
async function waited(others: (own: IntentTerms) => readonly IntentTerms[] = () => []) {
  let holds = false;
  const waiting = Promise.withResolvers<void>();
  const store: PortOverrides['store'] = (database) => ({
    ...database,
    commitIntent: async (own, order) => {
      if (holds && order.request.side === 'buy') await waiting.promise;
      let outcome = await database.commitIntent(own, order);
      if (outcome === 'OtherRelease')
        for (const other of others(own)) outcome = await database.commitIntent(other, order);
      return outcome;
    },
  });
  const hold = (): void => {
    holds = true;
  };
  const end = (): void => {
    holds = false;
    waiting.resolve();
  };
  const interventions = [
    { afterMs: 14_000, act: hold },
    { afterMs: 16_500, act: end },
  ];
  const swap = { afterMs: 13_000, armedMs: 3_000, leavesAfterMs: 1_000 };
  return await swapped(swap, { overrides: { store }, interventions });
}

it(
  'never sends an entry that waits while another release becomes active, and trades on',
  async () => {
    const result = await waited();
    expect(problemsOf(result)).toEqual([]);
    const { orders, approvals } = result.record.store;
    const ends = [...orders.values()].map(({ state }) => state);
    expect(ends).toContainEqual({ kind: 'NeverSent', reason: 'OtherRelease' });
    expect(new Set(approvals.map(({ release }) => release))).toEqual(new Set(['simulation', 'simulation-2']));
  },
  PATIENCE_MS,
);

it(
  'detects a database that commits such an entry',
  async () => {
    const result = await waited((own) => [{ ...own, approvedBy: 'simulation-2' }]);
    expect(problemsOf(result)).toContainEqual(
      expect.stringMatching(/^I14: .* of release simulation was committed while simulation-2 was active/),
    );
  },
  PATIENCE_MS,
);

it(
  'sells while the active release is silent, from an armed process that buys nothing',
  async () => {
    const [diesMs, activatedMs] = [20_500, 34_000];
    const afterMs = diesMs - 2_000;
    const swap = { afterMs, diesAfterMs: diesMs - afterMs, armedMs: activatedMs - afterMs, leavesAfterMs: 0 };
    const result = await swapped(swap);
    expect(problemsOf(result)).toEqual([]);
    expect(releaseEvents(result.record)).toEqual(['risk ExitByArmed']);
    const sides = result.record.exitSteps.flatMap((step) =>
      step.kind === 'Approved' && step.at_ms > START_MS + diesMs && step.at_ms < START_MS + activatedMs
        ? [step.side]
        : [],
    );
    expect(new Set(sides)).toEqual(new Set(['sell']));
  },
  PATIENCE_MS,
);
