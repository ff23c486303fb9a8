import { createRandom } from '../../../services/exchange-simulator/core/random.ts';
import { faultyNetwork, type Network } from '../../../services/replay/core/network.ts';
import { SOUND_VENUE, type VenueFaults } from '../../../services/replay/core/venue-faults.ts';
import { runReplay, type Overrides, type ReplayOptions } from '../../../services/replay/run-replay.ts';
import type { Succession } from '../../../services/replay/senders.ts';
import type { TradingVenue } from '../../../services/shared/venue/trading-venue.ts';
import { problemsOf } from '../evidence.ts';
import { offeredOrders } from '../models/offered-orders.ts';
import { CALM_MARKET } from '../models/swaps.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';

/** A mistake in a port of a service, and what the judges must report of it. */
export interface PlantedDefect {
  /** Completes "detects". */
  readonly name: string;
  /** Ports with the mistake, for one run. */
  readonly overrides: () => Overrides;
  readonly breaks: readonly RegExp[];
  /** Returns everything that broke in the run of a seed. Default: the order path on a faulty network. */
  readonly run?: DefectRun;
}

export type DefectRun = (seed: number, overrides: Overrides) => Promise<readonly string[]>;

export interface Conditions {
  readonly successions?: readonly Succession[];
  readonly venueFaults?: Partial<VenueFaults>;
  readonly network?: Partial<Network>;
}

/** Wraps the client of each process of execution. */
export const client = (
  wrap: (sound: TradingVenue) => Partial<TradingVenue>,
): ReturnType<PlantedDefect['overrides']> => ({
  client: (sound) => ({ ...sound, ...wrap(sound) }),
});

const settings = sampleSettings();
const tape = sampleTape(settings);
const PLAY_MS = 240_000;
/** The play ends with a halt. */
const SHORT_MS = 30_000;

type ConditionsOf = (random: () => number) => Conditions;

/** Returns the run of the order path on a faulty network, under these conditions. */
export function orderPath(conditionsOf?: ConditionsOf): DefectRun {
  return played(() => ({ settings, tape, playMs: PLAY_MS }), conditionsOf);
}

/** Returns the run of the sender alone, for a short time, at offered orders that rest. */
export function restingOrders(conditionsOf?: ConditionsOf): DefectRun {
  return played((seed) => ({ ...CALM_MARKET, playMs: SHORT_MS, decide: offeredOrders(seed) }), conditionsOf);
}

function played(
  optionsOf: (seed: number) => Pick<ReplayOptions, 'settings' | 'tape' | 'playMs' | 'decide'>,
  conditionsOf: ConditionsOf = () => ({}),
): DefectRun {
  return async (seed, overrides) => {
    const { successions = [], venueFaults, network } = conditionsOf(createRandom(seed + 1));
    const result = await runReplay({
      ...optionsOf(seed),
      network: { ...faultyNetwork(seed), ...network },
      venueFaults: { ...SOUND_VENUE, ...venueFaults },
      overrides,
      successions,
    });
    return problemsOf(result);
  };
}
