import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import { faultyNetwork } from '../../services/replay/core/network.ts';
import type { ReplaySettings } from '../../services/replay/replay-settings.ts';
import { runReplay, type Succession } from '../../services/replay/run-replay.ts';
import type { StopRules } from '../../services/risk/core/stops/stop-trigger.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { eventsOf, observedNetwork, type SeenEvent } from './seen-events.ts';
import { problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

/** What is known of a seed after its run. Plain data, so that it can leave the thread of the run. */
export interface SeedOutcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Each event that occurred at least once. */
  readonly seen: readonly SeenEvent[];
  readonly digest: string;
}

const PLAY_MS = 240_000;
/** The least of 60 seeds is 36. */
const FEW_ORDERS = 10;
const KINDS: readonly Succession['kind'][] = ['Killed', 'CutOff', 'Frozen', 'Drained'];
/** Near enough to each other, and far enough from the market, that every one of them triggers in some seeds. */
const STOPS: Readonly<Record<string, StopRules>> = {
  cross: { stopLossPercent: parseDecimal('0.1'), takeProfitPercent: parseDecimal('0.3') },
  breakout: { trailingStopPercent: parseDecimal('0.3'), maxHoldingSeconds: 10 },
};
const settings = withStops(sampleSettings());
const tape = sampleTape(settings);

/**
 * Runs the order path with jittered delays, lost requests, replies, pushes and statements, and three changes of the
 * sender, all drawn from the seed, and judges it.
 */
export async function runLostReplies(seed: number): Promise<SeedOutcome> {
  const random = createRandom(seed + 1_000);
  const successions = [0, 1, 2].map((): Succession => {
    const afterMs = Math.round(10_000 + random() * (PLAY_MS - 20_000));
    return { afterMs, kind: KINDS[Math.floor(random() * KINDS.length)] ?? 'Killed' };
  });
  const { network, faults } = observedNetwork(faultyNetwork(seed));
  const result = await runReplay({ settings, tape, network, playMs: PLAY_MS, successions });
  const { lateFills, orders } = result.record;
  const late = lateFills === 0 ? [] : [`${lateFills} fills came after the end of their order`];
  const idle = orders.length > FEW_ORDERS ? [] : [`only ${orders.length} orders: the run exercised too little`];
  return {
    seed,
    violations: [...problemsOf(result), ...late, ...idle],
    seen: [...new Set([...faults, ...eventsOf(result, successions)])],
    digest: result.digest,
  };
}

function withStops(sample: ReplaySettings): ReplaySettings {
  const sizing = sample.risk.sizing.map((one) => ({ ...one, stops: STOPS[one.strategy] ?? {} }));
  return { ...sample, risk: { ...sample.risk, sizing } };
}
