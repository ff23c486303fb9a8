import type { Pool } from 'pg';
import { z } from 'zod';
import type { ActiveRelease } from '../../../shared/domain/release/active-release.ts';
import { isLockTimeout } from '../../../shared/postgres/errors.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import { lockStack } from '../lock-stack.ts';

/** A renewal holds the row for a moment. Longer than that, and shorter than the operator waits. */
const LIMIT_WAIT = `SET LOCAL lock_timeout = '1s'`;
const WAIT_FOR_DECISIONS = 'SET LOCAL lock_timeout TO DEFAULT';

/** $1 stack. */
const LOCK_ROW = 'SELECT FROM risk.active_release WHERE stack = $1 FOR UPDATE';

/** $1 stack, $2 epoch, $3 release. */
const ACTIVATE = `
INSERT INTO risk.active_release AS a (stack, epoch, release) VALUES ($1, $2, $3)
ON CONFLICT (stack) DO UPDATE SET epoch = excluded.epoch, release = excluded.release,
  activated_at = clock_timestamp(), heard_at = clock_timestamp()
WHERE a.epoch < excluded.epoch`;

/** $1 stack. */
const READ = `SELECT epoch::float8 AS epoch, release FROM risk.active_release WHERE stack = $1`;

const row = z.object({ epoch: z.int(), release: z.string() });

/**
 * Makes a release the active one if its epoch is above the current one, and returns the active one. It waits for the
 * decisions of the stack that are being made; none of another release is made after it. Rejects after a second while
 * another session holds the row.
 */
export async function activateRelease(pool: Pool, stack: string, wanted: ActiveRelease): Promise<ActiveRelease> {
  return await transaction(pool, async (client) => {
    // Before the stack: the decisions of the stack would wait for the row, too.
    await lockRow(client, stack);
    await lockStack(client, stack);
    await client.query(ACTIVATE, [stack, wanted.epoch, wanted.release]);
    const { rows } = await client.query(READ, [stack]);
    return row.parse(rows[0]);
  });
}

async function lockRow(client: Queryable, stack: string): Promise<void> {
  try {
    await client.query(LIMIT_WAIT);
    await client.query(LOCK_ROW, [stack]);
    await client.query(WAIT_FOR_DECISIONS);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw new Error('another session holds the row of the active release of risk', { cause: error });
  }
}
