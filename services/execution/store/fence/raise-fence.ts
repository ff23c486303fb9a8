import type { Pool } from 'pg';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { Fence } from '../../core/role.ts';
import type { FenceGrant } from '../../ports.ts';
import { readFence } from './read-fence.ts';

/** $1 stack. */
const CREATE_FENCE = `
INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ($1, 0, '', clock_timestamp()) ON CONFLICT (stack) DO NOTHING`;

/** Waits for every statement that holds the row FOR SHARE: for the intents under way. $1 stack. */
const LOCK_FENCE = `SELECT FROM trading.execution_fence WHERE stack = $1 FOR UPDATE`;

/** $1 stack, $2 epoch, $3 holder, $4 the epoch that was read. */
const RAISE_FENCE = `
UPDATE trading.execution_fence SET epoch = $2, holder = $3, granted_at = clock_timestamp() WHERE stack = $1 AND epoch = $4`;

/**
 * Takes the fence for `holder` at `epoch`, when that is higher than the one that stands: from the commit on no intent of an older epoch is inserted.
 * Asking again for what one holds already is granted.
 */
export async function raiseFence(pool: Pool, stack: string, wanted: Fence): Promise<FenceGrant> {
  return await transaction(pool, async (client) => {
    await client.query(CREATE_FENCE, [stack]);
    await client.query(LOCK_FENCE, [stack]);
    const before = await readFence(client, stack);
    if (before.epoch === wanted.epoch && before.holder === wanted.holder) return { granted: true, before };
    if (before.epoch >= wanted.epoch) return { granted: false, before };
    const { rowCount } = await client.query(RAISE_FENCE, [stack, wanted.epoch, wanted.holder, before.epoch]);
    return { granted: rowCount === 1, before };
  });
}
