import type { VenueHealth } from '../../../shared/domain/venue-health.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/**
 * An older sender writes nothing over a newer one. The age of a row counts from the clock of the database, which its
 * readers ask too. $1 stack, $2 epoch, $3 requests, $4 failures, $5 timed, $6 median, $7 slowest 5 %, $8 longest pause.
 */
const RECORD_VENUE_HEALTH = `
INSERT INTO trading.venue_health AS h (stack, epoch, requests, failures, timed, median_ms, p95_ms, longest_pause_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (stack) DO UPDATE SET epoch = excluded.epoch, requests = excluded.requests, failures = excluded.failures,
  timed = excluded.timed, median_ms = excluded.median_ms, p95_ms = excluded.p95_ms,
  longest_pause_ms = excluded.longest_pause_ms, observed_at = clock_timestamp()
WHERE h.epoch <= excluded.epoch`;

export async function recordVenueHealth(
  on: Queryable,
  stack: string,
  { epoch, health }: { readonly epoch: number; readonly health: VenueHealth },
): Promise<void> {
  const { requests, failures, timed, medianMs = null, p95Ms = null, longestPauseMs } = health;
  const values = [requests, JSON.stringify(failures), timed, medianMs, p95Ms, longestPauseMs];
  await on.query(RECORD_VENUE_HEALTH, [stack, epoch, ...values]);
}
