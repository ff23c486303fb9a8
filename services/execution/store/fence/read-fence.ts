import { z } from 'zod';
import { canaryTerms } from '../../../shared/contracts/control.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Fence } from '../../core/role.ts';

/** The canary of an older epoch counts no more. $1 stack. */
const READ_FENCE = `
SELECT epoch, holder, CASE WHEN canary_epoch = epoch THEN jsonb_strip_nulls(jsonb_build_object(
  'since', canary_since, 'maxNotional', canary_max_notional::text, 'symbols', to_jsonb(canary_symbols))) END AS canary
FROM trading.execution_fence WHERE stack = $1`;

const fenceRow = z.object({
  epoch: z.coerce.number().int(),
  holder: z.string(),
  canary: canaryTerms.nullable().transform((terms) => terms ?? undefined),
});

/** Returns epoch 0 without a holder before the first grant. */
export async function readFence(on: Queryable, stack: string): Promise<Fence> {
  const { rows } = await on.query(READ_FENCE, [stack]);
  return rows.length === 0 ? { epoch: 0, holder: '' } : fenceRow.parse(rows[0]);
}
