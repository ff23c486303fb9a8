/**
 * Permission to send, taken from a read of the fence. Ages count from before the read was issued, on the monotonic clock, so that neither a slow read nor
 * a jump of the wall clock makes a permit last longer; a process that was paused wakes with an expired one.
 */
export interface Permit {
  readonly epoch: number;
  /** Monotonic milliseconds at which the read was issued. */
  readonly readAtMs: number;
}

/** Whether bytes of an order of `epoch` may leave at `monotonicMs`. */
export function permitAllows(
  permit: Permit | undefined,
  at: { readonly epoch: number; readonly monotonicMs: number; readonly permitMs: number },
): boolean {
  return permit !== undefined && permit.epoch === at.epoch && at.monotonicMs - permit.readAtMs < at.permitMs;
}
