import { faultyNetwork } from '../../../services/replay/core/network.ts';
import { drawnRestarts, faultyRedis } from '../../../services/replay/core/redis-faults.ts';
import { faultyStore } from '../../../services/replay/core/store-faults.ts';
import { faultyVenue } from '../../../services/replay/core/venue-faults.ts';
import { runReplay } from '../../../services/replay/run-replay.ts';
import { FEE_COIN } from '../../../services/replay/venue/fee-rule.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { BOUNDS, problemsOf } from '../evidence.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';
import {
  accountEvents,
  eventsOf,
  observedNetwork,
  observedRedis,
  observedStore,
  observedVenue,
  processEvents,
  type SeenEvent,
} from '../seen-events.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import { drawnServiceRestarts, drawnSuccessions, longestOutageMs, modelSettings } from './successions.ts';

const SYMBOLS = ['XRP/ETH', 'ADA/ETH'];
/** Without the longest outage of risk. */
const PLAY_MS = 90_000;
/** A seed with so few exercises too little. Locks, outages and changes of the sender leave that to some. */
const FEW_ORDERS = 3;
const sample = modelSettings(sampleSettings(SYMBOLS));
/** Some fees are charged in the venue's coin, until it runs out. */
const balances = { ...sample.simulator.balances, [FEE_COIN]: parseDecimal('0.05') };
/** Every reader parses every level: few of them leave more of the time to faults. */
const ws = { ...sample.ws, bookLevels: 5 };
/** Of a bar, for risk: no signal is stale after an outage of risk, and it must not act if a newer one has come. */
const barSeconds = 60;
const risk = { ...sample.risk, sizing: sample.risk.sizing.map((one) => ({ ...one, barSeconds })) };
const settings = { ...sample, ws, risk, simulator: { ...sample.simulator, balances } };
const tape = sampleTape(settings);

/**
 * Runs the stack on two symbols, as processes that share nothing but Redis and the record, with every fault of the
 * network; a venue that repeats and reorders pushes, limits requests, fails after it accepted, shows fills and balances
 * late, charges in three coins and has orders of somebody else; a Redis that loses commands and replies and restarts
 * with its data, older or empty; a database that is slow, locked, and silent about a commit; and kills of signal and
 * risk. Judges the run.
 */
export async function runWholeStack(seed: number): Promise<SeedOutcome> {
  const successions = drawnSuccessions(seed, PLAY_MS);
  const restarts = drawnServiceRestarts(seed, PLAY_MS);
  const outageMs = longestOutageMs(restarts);
  const redisRestarts = drawnRestarts(seed, PLAY_MS);
  const { network, faults } = observedNetwork(faultyNetwork(seed));
  const venue = observedVenue(faultyVenue(seed));
  const store = observedStore(faultyStore(seed, PLAY_MS));
  const redis = observedRedis(faultyRedis(seed));
  const result = await runReplay({
    settings,
    tape,
    network,
    venueFaults: venue.faults,
    storeFaults: store.faults,
    redis: { faults: redis.faults, restarts: redisRestarts },
    restarts,
    playMs: PLAY_MS + outageMs,
    successions,
  });
  // While somebody locks the orders, no order ends and nothing is decided; without risk neither.
  const { lockMs } = store.faults;
  const bounds = {
    endBoundMs: BOUNDS.endBoundMs + lockMs,
    idleBoundMs: BOUNDS.idleBoundMs + lockMs + outageMs,
    outdatedBoundMs: BOUNDS.outdatedBoundMs + lockMs,
  };
  const few: readonly SeenEvent[] = result.record.orders.length > FEW_ORDERS ? [] : ['run FewOrders'];
  const seen = [
    ...few,
    ...faults,
    ...venue.seen,
    ...store.seen,
    ...redis.seen,
    ...eventsOf(result),
    ...accountEvents(result),
    ...processEvents(result, redisRestarts, restarts),
  ];
  return {
    seed,
    violations: problemsOf(result, bounds),
    seen: [...new Set(seen)],
    digest: result.digest,
  };
}
