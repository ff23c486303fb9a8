import type { VisibilityRules } from '../../../services/execution/core/unknown-schedule.ts';

/** Time passes in ticks, at any moment: a process that does nothing meanwhile is paused, and a step may take long. */
export const TICK_MS = 1_000;
/** The largest age that the rules below distinguish. */
export const AGE_MAX = 3;

/** In whole ticks: the window and the error of the clocks are two, and after the third, what is hidden is seen. */
export const TIMING: VisibilityRules = {
  recvWindowMs: TICK_MS,
  skewBoundMs: TICK_MS / 2,
  acceptedAheadMs: TICK_MS,
  visibilityMs: TICK_MS / 2,
};
/** Longer than a tick, so that an intent may come after a grant that its process has not seen. */
export const PERMIT_MS = 2 * TICK_MS;
/** An age at which a permit is over. */
export const PERMIT_AGE_MAX = PERMIT_MS / TICK_MS;

/**
 * MEXC spot v3, timing security: `timestamp < serverTime + 1000 && serverTime - timestamp <= recvWindow`. The signer's
 * clock is ahead as far as a timestamp may be.
 */
export function acceptsSigned(age: number): boolean {
  return age * TICK_MS - (TIMING.acceptedAheadMs - 1) <= TIMING.recvWindowMs;
}

export function older(age: number, max: number = AGE_MAX): number {
  return Math.min(age + 1, max);
}
