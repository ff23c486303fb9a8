import { createRandom } from '../../../services/exchange-simulator/core/random.ts';
import type { ReplaySettings } from '../../../services/replay/replay-settings.ts';
import type { RiskSwap, ServiceRestart } from '../../../services/replay/processes/wired-decisions.ts';
import { SPARE_SUCCESSIONS, type Succession } from '../../../services/replay/senders.ts';
import { SWAP_OPERATORS } from '../../../services/replay/swap-sender.ts';
import type { StopRules } from '../../../services/shared/contracts/services/risk.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';

const KINDS: readonly Succession['kind'][] = ['Killed', 'CutOff', 'Frozen', 'Drained'];
/** Near enough to each other, and far enough from the market, that every one of them triggers in some seeds. */
const STOPS: Readonly<Record<string, StopRules>> = {
  cross: { stopLossPercent: parseDecimal('0.1'), takeProfitPercent: parseDecimal('0.2') },
  breakout: { trailingStopPercent: parseDecimal('0.3'), maxHoldingSeconds: 10 },
};

/** Each fourth seed swaps its senders, most of them. */
const SWAPS_EACH = 4;
const SWAPPED_PART = 0.7;

/** Draws three changes of the sender in a run of `playMs`. */
export function drawnSuccessions(seed: number, playMs: number): readonly Succession[] {
  const random = createRandom(seed + 1_000);
  const drawn = [0, 1, 2].map((): Succession => {
    const afterMs = Math.round(10_000 + random() * (playMs - 20_000));
    return { afterMs, kind: KINDS[Math.floor(random() * KINDS.length)] ?? 'Killed' };
  });
  return seed % SWAPS_EACH === 0 ? drawn.map((one) => swapped(one, random)) : drawn;
}

function swapped(drawn: Succession, random: () => number): Succession {
  if (random() >= SWAPPED_PART) return drawn;
  const operator = SWAP_OPERATORS[Math.floor(random() * SWAP_OPERATORS.length)] ?? 'Steady';
  return { afterMs: drawn.afterMs, kind: 'Swapped', operator };
}

/** Longer than an entry must be idle before a member of another name takes it over. */
const LONG_DOWN_MS = 31_000;

/**
 * Draws two kills of signal and risk, each followed by another process, in a run of `playMs`. In each fifth seed the
 * pod of risk is also unavailable for longer, and another one replaces it.
 */
export function drawnServiceRestarts(seed: number, playMs: number): readonly ServiceRestart[] {
  const random = createRandom(seed + 2_000);
  const short = [0, 1].map((index): ServiceRestart => ({
    service: random() < 0.5 ? 'signal' : 'risk',
    isReplaced: index === 1,
    afterMs: Math.round(10_000 + random() * (playMs - 20_000)),
    downMs: Math.round(100 + 4_000 * random()),
  }));
  if (seed % 5 > 0) return short;
  const afterMs = Math.round(10_000 + random() * (playMs - LONG_DOWN_MS - 30_000));
  const downMs = Math.round(LONG_DOWN_MS + 4_000 * random());
  return [...short, { service: 'risk', isReplaced: true, afterMs, downMs }];
}

/** Each third seed changes the release of risk. */
const RISK_SWAPS_EACH = 3;

/** Longer than the active release must be silent until an armed process decides exits. */
const LEFT_ALONE_MS = 10_000;

/**
 * Draws two changes of the release of risk in a run of `playMs`; none in most seeds. In some of them the earlier
 * process dies before the new one is activated.
 */
export function drawnRiskSwaps(seed: number, playMs: number): readonly RiskSwap[] {
  if (seed % RISK_SWAPS_EACH > 0) return [];
  const random = createRandom(seed + 5_000);
  const halfMs = playMs / 2;
  return [0, 1].map((half): RiskSwap => {
    const afterMs = Math.round(half * halfMs + 5_000 + random() * (halfMs - 20_000));
    const armedMs = Math.round(200 + 4_000 * random());
    const leavesAfterMs = Math.round(5_000 * random());
    const swap = { afterMs, armedMs, leavesAfterMs };
    return random() < 0.5 ? swap : { ...swap, armedMs: armedMs + LEFT_ALONE_MS, diesAfterMs: armedMs };
  });
}

/** Longest time in which no process of risk runs. */
export function longestOutageMs(restarts: readonly ServiceRestart[]): number {
  return Math.max(...restarts.map(({ service, downMs }) => (service === 'risk' ? downMs : 0)));
}

/** Longer than a position may wait: an order in the way of an exit stays there unless it is cancelled. */
const ORDER_DEADLINE_MS = 60_000;

/** Returns the settings with stops for both strategies of the sample, and with orders that rest for long. */
export function modelSettings(sample: ReplaySettings): ReplaySettings {
  const sizing = sample.risk.sizing.map((one) => ({ ...one, stops: STOPS[one.strategy] ?? {} }));
  return { ...sample, risk: { ...sample.risk, sizing, orderDeadlineMs: ORDER_DEADLINE_MS } };
}

const CHANGES = 4;
const FIRST_MS = 3_000;
/** Of the changes that are no swap: half of these are takeovers by a spare. */
const OTHER_PART = 0.3;
const OTHER_KINDS = [...KINDS, ...SPARE_SUCCESSIONS, ...SPARE_SUCCESSIONS];

/** Draws changes of the sender in a run of `playMs`, at any distance. Most are swaps, and some are takeovers. */
export function drawnSwaps(seed: number, playMs: number): readonly Succession[] {
  const random = createRandom(seed + 4_000);
  return Array.from({ length: CHANGES }, (): Succession => {
    const afterMs = Math.round(FIRST_MS + random() * (playMs - 2 * FIRST_MS));
    const kind = OTHER_KINDS[Math.floor(random() * OTHER_KINDS.length)] ?? 'Killed';
    const operator = SWAP_OPERATORS[Math.floor(random() * SWAP_OPERATORS.length)] ?? 'Steady';
    return random() < OTHER_PART ? { afterMs, kind } : { afterMs, kind: 'Swapped', operator };
  }).sort((a, b) => a.afterMs - b.afterMs);
}
