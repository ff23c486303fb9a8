import type { Pool } from 'pg';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { Fence } from '../../core/role.ts';
import type { FenceGrant } from '../../ports.ts';
import { readFence } from './read-fence.ts';

/** $1 stack. */
const CREATE_FENCE = `
INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ($1, 0, '', clock_timestamp()) ON CONFLICT (stack) DO NOTHING`;

/** Waits for every transaction that holds the row FOR SHARE, that is for intents being committed. $1 stack. */
const LOCK_FENCE = `SELECT FROM trading.execution_fence WHERE stack = $1 FOR UPDATE`;

/** $1 stack, $2 epoch, $3 holder, $4 epoch that was read. */
const RAISE_FENCE = `
UPDATE trading.execution_fence SET epoch = $2, holder = $3, granted_at = clock_timestamp() WHERE stack = $1 AND epoch = $4`;

/**
 * Takes the fence for `holder` at `epoch` when that is higher than the current epoch. After the commit, no intent of an
 * older epoch can be inserted. A repeated request for the held epoch is granted.
 */
export async function raiseFence(pool: Pool, stack: string, desired: Fence): Promise<FenceGrant> {
  return await transaction(pool, async (client) => {
    await client.query(CREATE_FENCE, [stack]);
    await client.query(LOCK_FENCE, [stack]);
    const before = await readFence(client, stack);
    if (before.epoch === desired.epoch && before.holder === desired.holder) return { granted: true, before };
    if (before.epoch >= desired.epoch) return { granted: false, before };
    const { rowCount } = await client.query(RAISE_FENCE, [stack, desired.epoch, desired.holder, before.epoch]);
    return { granted: rowCount === 1, before };
  });
}
