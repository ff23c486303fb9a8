import { faultyNetwork } from '../../../services/replay/core/network.ts';
import { drawnRefusals, SOUND_VENUE } from '../../../services/replay/core/venue-faults.ts';
import type { PortOverrides } from '../../../services/replay/processes/execution-process.ts';
import { runReplay } from '../../../services/replay/run-replay.ts';
import { problemsOf } from '../evidence.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';
import { eventsOf, observedNetwork } from '../seen-events.ts';
import type { SeedOutcome } from './seed-outcome.ts';
import { holdingBriefly, stillTape } from './still-market.ts';
import { drawnSuccessions, modelSettings } from './successions.ts';

const PLAY_MS = 240_000;
/** The least of 60 seeds is 36. */
const FEW_ORDERS = 10;
const settings = modelSettings(sampleSettings());
const tape = sampleTape(settings);
const MOVING = { settings, tape };
const STILL = { settings: holdingBriefly(settings), tape: stillTape(tape, settings) };

/**
 * Runs the order path with jittered delays, lost requests, replies, pushes and statements, and three changes of the
 * sender, all drawn from the seed, and judges it. In each third seed the market stands still at times. `overrides`
 * plants a defect.
 */
export async function runLostReplies(seed: number, overrides: PortOverrides = {}): Promise<SeedOutcome> {
  const successions = drawnSuccessions(seed, PLAY_MS);
  const { network, faults } = observedNetwork(faultyNetwork(seed));
  const result = await runReplay({
    ...(seed % 3 === 0 ? STILL : MOVING),
    network,
    venueFaults: { ...SOUND_VENUE, orderRefusal: drawnRefusals(seed) },
    playMs: PLAY_MS,
    successions,
    overrides,
  });
  const { lateFills, orders } = result.record;
  const late = lateFills === 0 ? [] : [`${lateFills} fills came after the end of their order`];
  const idle = orders.length > FEW_ORDERS ? [] : [`only ${orders.length} orders: the run exercised too little`];
  return {
    seed,
    violations: [...problemsOf(result), ...late, ...idle],
    seen: [...new Set([...faults, ...eventsOf(result)])],
    digest: result.digest,
  };
}
