/** Returns the times of a lease in the proportions of client-go: 15 s, 10 s and 2 s. */
export function leaseTimes(leaseSeconds: number) {
  const leaseMs = leaseSeconds * 1_000;
  return { leaseMs, renewDeadlineMs: (leaseMs * 2) / 3, retryMs: (leaseMs * 2) / 15 };
}
