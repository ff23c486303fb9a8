import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack. */
const DRIFTING_ASSETS = `SELECT asset FROM trading.balances WHERE stack = $1 AND drifting`;

const assetRow = z.object({ asset: z.string() });

/** Returns the assets that drifted in the last recorded comparison. */
export async function driftingAssets(on: Queryable, stack: string): Promise<ReadonlySet<string>> {
  const { rows } = await on.query(DRIFTING_ASSETS, [stack]);
  return new Set(
    z
      .array(assetRow)
      .parse(rows)
      .map(({ asset }) => asset),
  );
}
