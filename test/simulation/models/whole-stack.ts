import { faultyNetwork } from '../../../services/replay/core/network.ts';
import { faultyVenue } from '../../../services/replay/core/venue-faults.ts';
import { runReplay } from '../../../services/replay/run-replay.ts';
import { FEE_COIN } from '../../../services/replay/venue/fee-rule.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { problemsOf } from '../evidence.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';
import { accountEvents, eventsOf, observedNetwork, observedVenue } from '../seen-events.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import { drawnSuccessions, withStops } from './successions.ts';

const SYMBOLS = ['XRP/ETH', 'ADA/ETH'];
const PLAY_MS = 120_000;
const FEW_ORDERS = 10;
const sample = withStops(sampleSettings(SYMBOLS));
/** Some fees are charged in the venue's coin, until it runs out. */
const balances = { ...sample.simulator.balances, [FEE_COIN]: parseDecimal('0.05') };
const settings = { ...sample, simulator: { ...sample.simulator, balances } };
const tape = sampleTape(settings);

/**
 * Runs the order path on two symbols, with every fault of the network, and a venue that repeats and reorders pushes,
 * limits requests, fails after it accepted, shows fills and balances late, charges in three coins and has orders of
 * somebody else; and judges it.
 */
export async function runWholeStack(seed: number): Promise<SeedOutcome> {
  const successions = drawnSuccessions(seed, PLAY_MS);
  const { network, faults } = observedNetwork(faultyNetwork(seed));
  const venue = observedVenue(faultyVenue(seed));
  const result = await runReplay({ settings, tape, network, venueFaults: venue.faults, playMs: PLAY_MS, successions });
  const { orders } = result.record;
  const idle = orders.length > FEW_ORDERS ? [] : [`only ${orders.length} orders: the run exercised too little`];
  return {
    seed,
    violations: [...problemsOf(result), ...idle],
    seen: [...new Set([...faults, ...venue.seen, ...eventsOf(result, successions), ...accountEvents(result)])],
    digest: result.digest,
  };
}
