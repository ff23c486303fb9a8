import { createRandom } from '../../../services/exchange-simulator/core/random.ts';
import type { Tape } from '../../../services/exchange-simulator/core/tape.ts';
import type { ReplaySettings } from '../../../services/replay/replay-settings.ts';
import { FEE_COIN } from '../../../services/replay/venue/fee-rule.ts';
import { parseDecimal, type Decimal } from '../../../services/shared/domain/decimal.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';
import { modelSettings } from './successions.ts';

/** Of the seeds, those whose second pair is paid for with the base asset of the first: with plenty of it, or little. */
const PLENTY_SEEDS = 0.15;
const SCARCE_SEEDS = 0.15;
const CHAINED_SYMBOL = 'ADA/XRP';
/** The prices of the tape in these ticks are about 1.5. */
const CHAINED_TICK = parseDecimal('0.00001');
/** Money for one buy of the chained pair beside the positions, and for less: only a position would pay for it. */
const PLENTY_OF_XRP = parseDecimal('150');
const SCARCE_XRP = parseDecimal('50');

const APART = tradedSettings(['XRP/ETH', 'ADA/ETH']);
/** Of the first pair, which both have. */
export const PAIRS_TAPE = sampleTape(APART);
const CHAINED = tradedSettings(['XRP/ETH', CHAINED_SYMBOL]);
const PLENTY = chained(CHAINED, PLENTY_OF_XRP);
/** Only a position has enough of the asset that pays for the second pair. */
export const SCARCE = chained(CHAINED, SCARCE_XRP);

/**
 * Draws the pairs of the whole stack: two that share their quote asset, or two of which one pays with the base asset of
 * the other, so that the positions of one are money of the other.
 */
export function drawnPairs(seed: number): { readonly settings: ReplaySettings; readonly tape: Tape } {
  const draw = createRandom(seed + 5_000)();
  if (draw < PLENTY_SEEDS) return { settings: PLENTY, tape: PAIRS_TAPE };
  return { settings: draw < PLENTY_SEEDS + SCARCE_SEEDS ? SCARCE : APART, tape: PAIRS_TAPE };
}

function tradedSettings(symbols: readonly string[]): ReplaySettings {
  const sample = modelSettings(sampleSettings(symbols));
  /** Some fees are charged in the venue's coin, until it runs out. */
  const balances = { ...sample.simulator.balances, [FEE_COIN]: parseDecimal('0.05') };
  /** Every reader parses every level: few of them leave more of the time to faults. */
  const ws = { ...sample.ws, bookLevels: 5 };
  /** Of a bar, for risk: no signal is stale after an outage of risk, and it must not act if a newer one has come. */
  const barSeconds = 60;
  const risk = { ...sample.risk, sizing: sample.risk.sizing.map((one) => ({ ...one, barSeconds })) };
  return { ...sample, ws, risk, simulator: { ...sample.simulator, balances } };
}

function chained(settings: ReplaySettings, XRP: Decimal): ReplaySettings {
  const { simulator, risk } = settings;
  const instruments = simulator.instruments.map((one) =>
    one.symbol === CHAINED_SYMBOL ? { ...one, tickSize: CHAINED_TICK } : one,
  );
  const balances = { ...simulator.balances, XRP };
  return { ...settings, simulator: { ...simulator, instruments, balances }, risk: { ...risk, currency: 'ETH' } };
}
