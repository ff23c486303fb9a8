import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Fence } from '../../core/role.ts';

/** $1 stack, $2 epoch, $3 holder. */
const RELEASE_FENCE = `UPDATE trading.execution_fence SET holder = '' WHERE stack = $1 AND epoch = $2 AND holder = $3`;

/**
 * Records that the holder has drained: it has no request in flight, so that the next one need not wait for them to
 * expire.
 */
export async function releaseFence(on: Queryable, stack: string, { epoch, holder }: Fence): Promise<void> {
  await on.query(RELEASE_FENCE, [stack, epoch, holder]);
}
