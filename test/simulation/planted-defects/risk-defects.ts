import { faultyNetwork, QUIET_NETWORK } from '../../../services/replay/core/network.ts';
import { SOUND_REDIS } from '../../../services/replay/core/redis-faults.ts';
import { SOUND_VENUE } from '../../../services/replay/core/venue-faults.ts';
import type { RiskSwap } from '../../../services/replay/processes/wired-decisions.ts';
import { runReplay } from '../../../services/replay/run-replay.ts';
import type { Ruling } from '../../../services/risk/core/rulings.ts';
import type { Rule } from '../../../services/risk/ports.ts';
import { add, formatDecimal, parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { problemsOf } from '../evidence.ts';
import { modelSettings } from '../models/successions.ts';
import { PAIRS_TAPE, SCARCE } from '../models/traded-pairs.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';
import type { DefectRun, PlantedDefect } from './planted-defect.ts';

/** How risk decides with a mistake, instead of by `rule`, a signal of `symbol`. */
type Mistake = (rule: Rule, symbol: (index: number) => string) => Rule;

const deciding = (mistake: Mistake): ReturnType<PlantedDefect['overrides']> => ({
  risk: (sound) => ({
    ...sound,
    decideAll: async (moment, subjects, rule) =>
      await sound.decideAll(
        moment,
        subjects,
        mistake(rule, (index) => subjects[index]?.symbol ?? ''),
      ),
  }),
});

const settings = modelSettings(sampleSettings(['XRP/ETH', 'ADA/ETH']));
const tape = sampleTape(settings);
const WIRED = { redis: { faults: SOUND_REDIS, restarts: [] } };
const PLAY_MS = 60_000;

/** One pair is paid for with the base asset of the other, of which only a position has enough. */
const chained: DefectRun = async (seed, overrides) => {
  const run = { ...WIRED, settings: SCARCE, tape: PAIRS_TAPE, network: faultyNetwork(seed), playMs: PLAY_MS };
  return problemsOf(await runReplay({ ...run, venueFaults: SOUND_VENUE, overrides }));
};

/** The active release dies when it has bought, and another one is armed beside it, and activated late. */
const SILENT: RiskSwap = { afterMs: 5_000, diesAfterMs: 9_000, armedMs: 29_000, leavesAfterMs: 0 };
const unattended: DefectRun = async (_seed, overrides) => {
  const run = { ...WIRED, settings, tape, network: QUIET_NETWORK, playMs: 40_000, riskSwaps: [SILENT] };
  return problemsOf(await runReplay({ ...run, overrides }));
};

/** Long enough that a position which nobody buys is found. */
const unsold: DefectRun = async (_seed, overrides) => {
  const run = { ...WIRED, settings, tape, network: QUIET_NETWORK, playMs: 150_000 };
  return problemsOf(await runReplay({ ...run, overrides }));
};

/** Asks twice the price for what it sells. */
function dear(ruling: Ruling): Ruling {
  const order = ruling.kind === 'Decided' ? ruling.decision.order : undefined;
  if (ruling.kind !== 'Decided' || order?.side !== 'sell') return ruling;
  const price = formatDecimal(add(parseDecimal(order.price), parseDecimal(order.price)));
  return { ...ruling, decision: { ...ruling.decision, order: { ...order, price } } };
}

/** Mistakes in what risk reads before it decides, and in what it decides. */
export const RISK_DEFECTS: readonly PlantedDefect[] = [
  {
    name: 'a release of risk that decides entries while it is only armed',
    overrides: () => deciding((rule) => (account, index) => rule(account, index, 'All')),
    breaks: [/^I14: .* was approved while simulation was active/],
    run: unattended,
  },
  {
    name: 'risk that spends what the position of another pair holds',
    overrides: () =>
      deciding((rule, symbolOf) => (account, index, scope) => {
        const positions = account.positions.filter(({ symbol }) => symbol === symbolOf(index));
        return rule({ ...account, positions }, index, scope);
      }),
    breaks: [/^I5: after trade .* the positions hold/],
    run: chained,
  },
  {
    name: 'risk that asks for more than anybody pays when it sells',
    overrides: () =>
      deciding(
        (rule) =>
          (...subject) =>
            dear(rule(...subject)),
      ),
    breaks: [/^I9: none of .* was sold for/],
    run: unsold,
  },
];
