import type { Tape } from '../../../services/exchange-simulator/core/tape.ts';
import type { ReplaySettings } from '../../../services/replay/replay-settings.ts';

const TRADES_MS = 35_000;
/** Longer than the longest wait between two attempts to leave a position. */
const STILL_MS = 40_000;

/**
 * Returns the tape with a market that stands still after every 35 s of trades, for 40 s, as it is played. Quotes are
 * refreshed and nothing trades, so that our own bid at the best price stays the best one, as on a quiet pair.
 */
export function stillTape(tape: Tape, { simulator }: Pick<ReplaySettings, 'simulator'>): Tape {
  const { speed } = simulator.tape;
  const stillBefore = (offsetMs: number): number => Math.floor(offsetMs / (TRADES_MS * speed)) * STILL_MS * speed;
  const trades = tape.trades.map((trade) => ({ ...trade, offsetMs: trade.offsetMs + stillBefore(trade.offsetMs) }));
  return { ...tape, trades, spanMs: tape.spanMs + stillBefore(tape.spanMs) };
}

/** Returns the settings with a longest holding time for every strategy: it triggers in a still market, too. */
export function holdingBriefly(settings: ReplaySettings): ReplaySettings {
  const sizing = settings.risk.sizing.map((one) => ({ ...one, stops: { ...one.stops, maxHoldingSeconds: 10 } }));
  return { ...settings, risk: { ...settings.risk, sizing } };
}
