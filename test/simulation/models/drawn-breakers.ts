import { createRandom } from '../../../services/exchange-simulator/core/random.ts';
import type { ReplaySettings } from '../../../services/replay/replay-settings.ts';
import type { Intervention } from '../../../services/replay/run-replay.ts';
import { FEE_COIN } from '../../../services/replay/venue/fee-rule.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';

const LIMITED_SEEDS = 0.15;
/** A little more than the fees of a round trip: the market need not fall for long. */
const MAX_DRAWDOWN_PERCENT = parseDecimal('0.004');
/** Between two looks of the person who resets it: longer than signal and risk are down for a moment. */
const LOOKS_MS = 15_000;

/** What some seeds change: a limit of risk that trips now and then, and the person who resets it. */
export interface DrawnBreaker {
  readonly limited: (settings: ReplaySettings) => ReplaySettings;
  readonly interventions: readonly Intervention[];
}

const NONE: DrawnBreaker = { limited: (settings) => settings, interventions: [] };

/** Draws whether the drawdown is limited in a run of `playMs`. */
export function drawnBreaker(seed: number, playMs: number): DrawnBreaker {
  const random = createRandom(seed + 6_000);
  if (random() >= LIMITED_SEEDS) return NONE;
  const firstMs = Math.round(LOOKS_MS * random());
  const looks = Array.from({ length: Math.ceil((playMs - firstMs) / LOOKS_MS) }, (_, index) => index);
  return { limited, interventions: looks.map((look) => ({ afterMs: firstMs + look * LOOKS_MS, act: resetIfTripped })) };
}

function limited(settings: ReplaySettings): ReplaySettings {
  const { risk, simulator } = settings;
  const breakers = { ...risk.breakers, maxDrawdownPercent: MAX_DRAWDOWN_PERCENT };
  // Fees in a coin of no pair have no price: after one, the drawdown is unknown until a person accepts it.
  const balances = Object.fromEntries(Object.entries(simulator.balances).filter(([asset]) => asset !== FEE_COIN));
  return { ...settings, risk: { ...risk, breakers }, simulator: { ...simulator, balances } };
}

const resetIfTripped: Intervention['act'] = ({ risk: { breakers }, breakerSteps }) => {
  if (breakers.tripped.length === 0 || breakers.resets.length > 0) return;
  breakers.resets = [{ id: String(breakerSteps.length), author: 'ada', reason: 'reviewed' }];
};
