/**
 * Result of a readiness check of ws. A passed check has the reason `Ok`; a failed one has a CamelCase reason and a
 * message that says what to examine.
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

/** Returns a failed check. */
export function notReady(reason: string, message: string): ReadinessResult {
  return { ok: false, reason, message };
}
