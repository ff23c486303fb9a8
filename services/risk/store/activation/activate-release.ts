import type { Pool } from 'pg';
import { z } from 'zod';
import type { ActiveRelease } from '../../../shared/domain/release/active-release.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import { lockStack } from '../lock-stack.ts';

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
 * decisions of the stack that are being made; none of another release is made after it.
 */
export async function activateRelease(pool: Pool, stack: string, wanted: ActiveRelease): Promise<ActiveRelease> {
  return await transaction(pool, async (client) => {
    await lockStack(client, stack);
    await client.query(ACTIVATE, [stack, wanted.epoch, wanted.release]);
    const { rows } = await client.query(READ, [stack]);
    return row.parse(rows[0]);
  });
}
