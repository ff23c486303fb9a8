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

/** Whether bytes of an order of `epoch` may be sent at `monotonicMs`. */
export function permitAllows(
  permit: Permit | undefined,
  at: { readonly epoch: number; readonly monotonicMs: number; readonly permitMs: number },
): boolean {
  return permit !== undefined && permit.epoch === at.epoch && at.monotonicMs - permit.readAtMs < at.permitMs;
}
