import { createRandom } from '../../../services/exchange-simulator/core/random.ts';
import { faultyNetwork, type Network } from '../../../services/replay/core/network.ts';
import { drawnRefusals, SOUND_VENUE } from '../../../services/replay/core/venue-faults.ts';
import type { PortOverrides } from '../../../services/replay/processes/execution-process.ts';
import { runReplay } from '../../../services/replay/run-replay.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { gapsOf, lateSenders } from '../../judges/swap-gaps.ts';
import { problemsOf } from '../evidence.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';
import { eventsOf, observedNetwork } from '../seen-events.ts';
import { offeredOrders } from './offered-orders.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import { drawnSwaps } from './successions.ts';

const PLAY_MS = 30_000;
/** Longer than the faults go on after the play, and than an order of unknown outcome takes after them. */
const SETTLE_MS = 45_000;
/** Each sender asks for orders without an outcome from the start, and four may follow each other: up to 33 s. */
const END_BOUND_MS = 45_000;
const sample = sampleSettings();
/** Base asset to sell, whatever is bought. */
const balances = { ...sample.simulator.balances, XRP: parseDecimal('10000') };
/** The market hardly moves: only the orders matter here. */
const simulator = { ...sample.simulator, balances, tape: { ...sample.simulator.tape, speed: 1 } };
const settings = { ...sample, simulator, execution: { ...sample.execution, ordersPerSecond: 100 } };
/** The sender alone, in a market in which orders rest. */
export const CALM_MARKET = { settings, tape: sampleTape(settings) };
/** Of the clocks, to either side: a step of a clock stops a sender, and would hide what a swap takes. */
const CLOCK_MS = 350;
const FAILING_PART = 0.1;
/** Around the time for which the venue accepts a request: most arrive while the next sender is about to send. */
const LATE_MIN_MS = 300;
const LATE_MAX_MS = 3_000;

/** Runs the sender alone, without signal and risk, at offered orders: four changes of it, most of them swaps. */
export async function runSwaps(seed: number, overrides: PortOverrides = {}): Promise<SeedOutcome> {
  const { network, faults } = observedNetwork(steadyNetwork(seed));
  const result = await runReplay({
    ...CALM_MARKET,
    network,
    venueFaults: { ...SOUND_VENUE, orderRefusal: drawnRefusals(seed) },
    playMs: PLAY_MS,
    settleMs: SETTLE_MS,
    successions: drawnSwaps(seed, PLAY_MS),
    overrides,
    decide: offeredOrders(seed),
  });
  return {
    seed,
    violations: [...problemsOf(result, { endBoundMs: END_BOUND_MS }), ...lateSenders(gapsOf(result))],
    seen: [...new Set([...faults, ...eventsOf(result)])],
    digest: result.digest,
  };
}

/** In each second seed few requests fail, except around a change, so that most drains are clean. */
function steadyNetwork(seed: number): Network {
  const clocks = createRandom(seed + 600);
  const fates = createRandom(seed + 700);
  const network = faultyNetwork(seed);
  const failing = seed % 2 === 0 ? FAILING_PART : 1;
  return {
    ...network,
    fate: (troubled) => (troubled || fates() < failing ? network.fate(troubled) : 'Delivered'),
    lateMs: () => Math.round(LATE_MIN_MS + (LATE_MAX_MS - LATE_MIN_MS) * fates()),
    clockOf: () => {
      const aheadMs = Math.round(CLOCK_MS * (2 * clocks() - 1));
      return () => aheadMs;
    },
  };
}
