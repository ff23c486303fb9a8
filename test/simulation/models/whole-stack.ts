import { faultyNetwork } from '../../../services/replay/core/network.ts';
import { drawnRestarts, faultyRedis } from '../../../services/replay/core/redis-faults.ts';
import { faultyStore } from '../../../services/replay/core/store-faults.ts';
import { faultyVenue } from '../../../services/replay/core/venue-faults.ts';
import { runReplay, type Overrides } from '../../../services/replay/run-replay.ts';
import { BOUNDS } from '../bounds.ts';
import { problemsOf } from '../evidence.ts';
import {
  accountEvents,
  breakerEvents,
  driftEvents,
  eventsOf,
  observedNetwork,
  observedRedis,
  observedStore,
  observedVenue,
  positionEvents,
  processEvents,
  releaseEvents,
  type SeenEvent,
} from '../seen-events.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import { Bookkeeper } from './bookkeeper.ts';
import { drawnBreaker } from './drawn-breakers.ts';
import { drawnRiskSwaps, drawnServiceRestarts, drawnSuccessions, longestOutageMs } from './successions.ts';
import { drawnPairs } from './traded-pairs.ts';

/** Without the longest outage of risk. */
const PLAY_MS = 90_000;
/** A seed with so few exercises too little. Locks, outages and changes of the sender leave that to some. */
const FEW_ORDERS = 3;

/**
 * Runs the stack on two symbols, as processes that share nothing but Redis and the record, with every fault of the
 * network; a venue that repeats and reorders pushes, limits requests and bans, fails after it accepted, shows fills and
 * balances late, charges in three coins and has orders of somebody else; a Redis that loses commands and replies and
 * restarts with its data, older or empty; a database that is slow, locked, and silent about a commit; kills of signal
 * and risk, and changes of the release of risk. In some seeds a breaker trips, and a person resets it; in some,
 * somebody else buys on the account, and a person books that. Judges the run. `overrides` plants a defect.
 */
export async function runWholeStack(seed: number, overrides: Overrides = {}): Promise<SeedOutcome> {
  const successions = drawnSuccessions(seed, PLAY_MS);
  const restarts = drawnServiceRestarts(seed, PLAY_MS);
  const riskSwaps = drawnRiskSwaps(seed, PLAY_MS);
  const outageMs = longestOutageMs(restarts);
  const redisRestarts = drawnRestarts(seed, PLAY_MS);
  const { network, faults } = observedNetwork(faultyNetwork(seed));
  const venue = observedVenue(faultyVenue(seed));
  const store = observedStore(faultyStore(seed, PLAY_MS));
  const redis = observedRedis(faultyRedis(seed));
  const { settings, tape } = drawnPairs(seed);
  const { limited, interventions } = drawnBreaker(seed, PLAY_MS + outageMs);
  const bookkeeper = new Bookkeeper(PLAY_MS + outageMs);
  const result = await runReplay({
    settings: limited(settings),
    tape,
    interventions: [...interventions, ...bookkeeper.interventions],
    network,
    venueFaults: venue.faults,
    storeFaults: store.faults,
    redis: { faults: redis.faults, restarts: redisRestarts },
    restarts,
    riskSwaps,
    playMs: PLAY_MS + outageMs,
    successions,
    overrides,
  });
  // While somebody locks the orders, no order ends and nothing is decided; without risk neither.
  const { lockMs } = store.faults;
  const bounds = {
    endBoundMs: BOUNDS.endBoundMs + lockMs,
    idleBoundMs: BOUNDS.idleBoundMs + lockMs + outageMs,
    faultBoundMs: BOUNDS.faultBoundMs + lockMs + outageMs,
    keptBoundMs: BOUNDS.keptBoundMs + lockMs + outageMs,
    outdatedBoundMs: BOUNDS.outdatedBoundMs + lockMs,
    commitBoundMs: BOUNDS.commitBoundMs + lockMs,
    silenceBoundMs: BOUNDS.silenceBoundMs + lockMs,
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
    ...positionEvents(result.record.exitSteps),
    ...breakerEvents(result.record),
    ...driftEvents(bookkeeper, result.record.steps),
    ...processEvents(result, redisRestarts, restarts),
    ...releaseEvents(result.record),
  ];
  return {
    seed,
    violations: problemsOf(result, bounds, bookkeeper),
    seen: [...new Set(seen)],
    digest: result.digest,
  };
}
