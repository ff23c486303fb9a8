/**
 * Result of a readiness check of ws. A passed check has the reason `Ok`, or that of a pair that fails while others do
 * not; a failed one has a CamelCase reason and a message that says what to examine.
 */
export interface ReadinessResult {
  readonly ok: boolean;
  readonly reason: string;
  readonly message: string;
}

/** Returns a passed check. */
export function ready(message: string): ReadinessResult {
  return { ok: true, reason: 'Ok', message };
}

/** Returns a passed check of which a part fails. */
export function degraded(reason: string, message: string): ReadinessResult {
  return { ok: true, reason, message };
}

/** Returns a failed check. */
export function notReady(reason: string, message: string): ReadinessResult {
  return { ok: false, reason, message };
}
