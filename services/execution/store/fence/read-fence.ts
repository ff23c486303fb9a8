import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Fence } from '../../core/role.ts';

/** $1 stack. */
const READ_FENCE = `SELECT epoch, holder FROM trading.execution_fence WHERE stack = $1`;

const fenceRow = z.object({ epoch: z.coerce.number().int(), holder: z.string() });

/** Returns epoch 0 without a holder before the first grant. */
export async function readFence(on: Queryable, stack: string): Promise<Fence> {
  const { rows } = await on.query(READ_FENCE, [stack]);
  return rows.length === 0 ? { epoch: 0, holder: '' } : fenceRow.parse(rows[0]);
}
