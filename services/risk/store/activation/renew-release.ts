import type { Queryable } from '../../../shared/postgres/pool.ts';

/**
 * A time ahead is that of a clock that went back. It does not wait for a session that holds the row: the next look
 * renews it. $1 stack, $2 release.
 */
const RENEW = `
UPDATE risk.active_release SET heard_at = clock_timestamp()
WHERE stack = (
  SELECT stack FROM risk.active_release
  WHERE stack = $1 AND release = $2
    AND (heard_at < clock_timestamp() - interval '1 second' OR heard_at > clock_timestamp())
  FOR UPDATE SKIP LOCKED)`;

/** Records that a process of the release works the exits, at most once per second, while it is the active one. */
export async function renewRelease(on: Queryable, stack: string, release: string): Promise<void> {
  await on.query(RENEW, [stack, release]);
}
