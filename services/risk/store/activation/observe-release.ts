import { z } from 'zod';
import type { SeenRelease } from '../../../shared/domain/release/active-release.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { isGrantMissing } from '../../../shared/postgres/errors.ts';

/** $1 stack, $2 release. A time ahead is that of a clock that went back. */
const RENEW = `
UPDATE risk.active_release SET heard_at = clock_timestamp()
WHERE stack = $1 AND release = $2
  AND (heard_at < clock_timestamp() - interval '1 second' OR heard_at > clock_timestamp())`;

/** $1 stack. */
const READ = `
SELECT epoch::float8 AS epoch, release, (extract(epoch FROM heard_at) * 1000)::float8 AS "heardAtMs",
  greatest(0, extract(epoch FROM clock_timestamp() - activated_at) * 1000)::float8 AS "activeForMs"
FROM risk.active_release WHERE stack = $1`;

const row = z.object({
  epoch: z.int().min(1),
  release: z.string().min(1),
  heardAtMs: z.number(),
  activeForMs: z.number(),
});

export interface Observer {
  readonly release: string;
  /** Whether its process works the exits. One that does not is as good as silent: another one must work them. */
  readonly works: boolean;
}

/**
 * Returns which release is active; undefined without one. Renews `heard_at` if the observer is of it and works, unless
 * it may not write here, because the migrations of an earlier release have revoked the right: it must still learn that
 * it decides.
 */
export async function observeRelease(
  on: Queryable,
  stack: string,
  { release, works }: Observer,
): Promise<SeenRelease | undefined> {
  const { rows } = await on.query(READ, [stack]);
  const active = rows[0] === undefined ? undefined : row.parse(rows[0]);
  if (active?.release === release && works) await on.query(RENEW, [stack, release]).catch(ignoreMissingGrant);
  return active;
}

function ignoreMissingGrant(error: unknown): void {
  if (!isGrantMissing(error)) throw error;
}
