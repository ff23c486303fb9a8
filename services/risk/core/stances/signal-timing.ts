import type { RiskPolicy, RiskState, Signal } from '../risk-state.ts';
import { wantedBy } from './wanted-stance.ts';

/** Why the timing of a signal keeps it from being decided. */
export type TimingRejection = 'FutureSignal' | 'StaleSignal' | 'Superseded';

/** A signal may always be this old, however short its bars are: it waits in streams and for retries. */
const SHORTEST_VALIDITY_MS = 10_000;
/** How far the clock that closed the bar may be ahead of our own. */
const AHEAD_MAX_MS = 5_000;

/**
 * Returns whether the age of a signal keeps it from acting: older than two of its bars and than ten seconds, or from
 * the future. A strategy that is not configured has no bar length, so its signals are valid for ten seconds.
 */
export function ageRejection(
  { sizing }: Pick<RiskPolicy, 'sizing'>,
  { strategy, barClose }: Pick<Signal, 'strategy' | 'barClose'>,
  nowMs: number,
): 'FutureSignal' | 'StaleSignal' | undefined {
  const barSeconds = sizing.find((one) => one.strategy === strategy)?.barSeconds ?? 0;
  const validMs = Math.max(2_000 * barSeconds, SHORTEST_VALIDITY_MS);
  if (barClose > nowMs + AHEAD_MAX_MS) return 'FutureSignal';
  return nowMs - barClose > validMs ? 'StaleSignal' : undefined;
}

/**
 * Returns why a signal must not be decided now; undefined if it may. A signal whose bar is not newer than that of the
 * accepted stance is superseded, whatever the clocks say: no backlog, restored stream or clock step brings an old
 * stance back.
 */
export function timingRejection(
  { policy, stances, nowMs }: Pick<RiskState, 'policy' | 'stances' | 'nowMs'>,
  signal: Signal,
): TimingRejection | undefined {
  const age = ageRejection(policy, signal, nowMs);
  if (age !== undefined) return age;
  const wanted = wantedBy(stances, signal);
  return wanted !== undefined && signal.barClose <= wanted.barClose ? 'Superseded' : undefined;
}
