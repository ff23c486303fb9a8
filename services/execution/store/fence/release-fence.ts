import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Fence } from '../../core/role.ts';
import type { ComparedAges } from '../../core/swap/compared-ages.ts';

/** A repeat, after a lost answer, changes nothing that matters. $1 stack, $2 epoch, $3 holder, $4 compared ages. */
const RELEASE_FENCE = `
UPDATE trading.execution_fence
SET holder = '', released = $4::jsonb || jsonb_build_object('epoch', $2::bigint, 'atMs', floor(extract(epoch FROM clock_timestamp()) * 1000))
WHERE stack = $1 AND epoch = $2 AND holder IN ($3, '')`;

/**
 * Records that the holder has drained: it has no request in flight, so that the next one need not wait for them to
 * expire. Returns false when it does not hold the fence.
 */
export async function releaseFence(
  on: Queryable,
  stack: string,
  { fence: { epoch, holder }, compared }: { readonly fence: Fence; readonly compared: ComparedAges },
): Promise<boolean> {
  const { rowCount } = await on.query(RELEASE_FENCE, [stack, epoch, holder, JSON.stringify(compared)]);
  return rowCount === 1;
}
