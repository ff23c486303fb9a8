import { QUIET_NETWORK } from '../../../services/replay/core/network.ts';
import { runReplay } from '../../../services/replay/run-replay.ts';
import { sampleSettings, sampleTape } from '../../simulation/sample-settings.ts';
import type { Bench, BenchResult } from '../bench.ts';
import { ROUNDS_OPTION, roundsOf } from '../rounds.ts';
import { median } from '../statistics.ts';
import { replayBare } from './bare-replay.ts';

/** Trades per second of processor time. */
const GOAL = 10_000;
/** The bare loop takes milliseconds: it runs so often in a round. */
const BARE_RUNS = 200;
const BAR_MS = 600_000;

export const replayBench: Bench = {
  summary: 'replay the whole tape through signal, risk, execution and the simulated venue, beside a bare loop over it',
  ...ROUNDS_OPTION,
  run: async ({ progress, say }, values): Promise<BenchResult> => {
    const settings = sampleSettings();
    const tape = sampleTape(settings);
    const count = roundsOf(values);
    const digests = new Set<string>();
    const [ours, bare]: [number[], number[]] = [[], []];
    for (let round = 0; round <= count; round += 1) {
      progress(round === 0 ? 'warming up' : `round ${round} of ${count}`);
      const own = await perCpuSecondOf(async () => {
        const { digest, counts } = await runReplay({ settings, tape, network: QUIET_NETWORK });
        digests.add(digest);
        return counts.trades;
      });
      const reference = await perCpuSecondOf(async () => {
        for (let run = 0; run < BARE_RUNS; run += 1) replayBare(tape, BAR_MS);
        return await Promise.resolve(tape.trades.length * BARE_RUNS);
      });
      if (round === 0) continue;
      ours.push(own);
      bare.push(reference);
    }
    if (digests.size !== 1) throw new Error(`the same replay gave ${digests.size} digests`);
    // Far below a thousandth: the reference does next to nothing.
    const ratio = Number((median(ours) / median(bare)).toPrecision(3));
    const figures = { ours: figuresOf(ours), bare: figuresOf(bare) };
    for (const [name, { perCpuSecond, least, most }] of Object.entries(figures))
      say(`${name.padEnd(6)} ${[perCpuSecond, least, most].map((rate) => rate.toLocaleString('en')).join(', ')}`);
    say(`trades per second of processor time: median, least, most (goal ${GOAL.toLocaleString('en')})`);
    const versions = `node ${process.versions.node}`;
    const digest = [...digests][0];
    return { ours: figures.ours, peers: { bare: figures.bare }, ratio: { bare: ratio }, digest, versions };
  },
};

/** Returns the trades per second of processor time. `work` returns the number of trades. */
async function perCpuSecondOf(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const trades = await work();
  const { user, system } = process.cpuUsage(before);
  return trades / ((user + system) / 1e6);
}

function figuresOf(rates: readonly number[]) {
  const [least, most] = [Math.round(Math.min(...rates)), Math.round(Math.max(...rates))];
  return { perCpuSecond: Math.round(median(rates)), least, most };
}
