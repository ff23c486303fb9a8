/**
 * Permission to send, from a read of the fence. Its age counts from before the read was issued, on the monotonic clock,
 * so that neither a slow read nor a jump of the wall clock extends a permit. A process that was paused resumes with an
 * expired permit.
 */
export interface Permit {
  readonly epoch: number;
  /** Monotonic milliseconds at which the read was issued. */
  readonly readAtMs: number;
}

/** Returns the age of a permit for `epoch` at `monotonicMs`; undefined without one. */
export function permitAgeMs(
  permit: Permit | undefined,
  at: { readonly epoch: number; readonly monotonicMs: number },
): number | undefined {
  return permit?.epoch === at.epoch ? at.monotonicMs - permit.readAtMs : undefined;
}
