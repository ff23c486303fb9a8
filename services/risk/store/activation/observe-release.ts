import { z } from 'zod';
import type { SeenRelease } from '../../../shared/domain/release/active-release.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

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

/** Returns which release is active; undefined without one. */
export async function observeRelease(on: Queryable, stack: string): Promise<SeenRelease | undefined> {
  const { rows } = await on.query(READ, [stack]);
  return rows[0] === undefined ? undefined : row.parse(rows[0]);
}
