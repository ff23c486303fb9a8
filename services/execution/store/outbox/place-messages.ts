import type { Pool } from 'pg';
import { transaction } from '../../../shared/postgres/transaction.ts';
import { lockOutbox } from './lock-outbox.ts';

/** $1 stack. */
const HAS_UNPLACED = `
SELECT EXISTS (SELECT FROM trading.outbox WHERE stack = $1 AND published_at IS NULL AND NOT placed) AS unplaced`;

/**
 * A message is deleted and inserted again, which draws its new ID. The rows are sorted first, so that the IDs ascend in
 * the order of the old ones. All that are visible, not some: a message left behind would have an ID below placed ones.
 * They are few, because the process that writes them also places them in every pass. $1 stack.
 */
const PLACE_MESSAGES = `
WITH moved AS (
  DELETE FROM trading.outbox WHERE stack = $1 AND published_at IS NULL AND NOT placed
  RETURNING id, stack, stream, payload, created_at
)
INSERT INTO trading.outbox (stack, stream, payload, created_at, placed)
SELECT stack, stream, payload, created_at, true FROM moved ORDER BY id`;

/**
 * Gives the messages that have no place yet the next IDs. A message is published under its ID, and a stream takes only
 * ascending ones. This holds whatever happens:
 *
 * - A message that becomes visible late, with an ID below a published one, is placed above it. It is not skipped.
 * - The messages of one order stay in order: a later one is written after the commit of an earlier one, so no snapshot
 *   has it alone, and its ID is higher.
 * - Two relays place one after the other, so a relay that sees a placed message sees all that are below it.
 * - A crash after placing leaves placed messages: the next relay publishes them under the same IDs, and Redis refuses
 *   those that it has.
 * - The release before publishes in the order of IDs. It may follow this one, or run beside it: a message that is not
 *   placed has an ID above all placed ones, except one that was being committed during the last placing. If that
 *   release publishes such a message before this one has placed it, which takes a crash within one pass and a rollback,
 *   Redis refuses it and it is lost to the stream. The record has it.
 * - Beside that release, a message that is placed between its publication and its mark is published twice.
 */
export async function placeMessages(pool: Pool, stack: string): Promise<void> {
  const { rows } = await pool.query<{ readonly unplaced: boolean }>(HAS_UNPLACED, [stack]);
  if (rows[0]?.unplaced !== true) return;
  await transaction(pool, async (client) => {
    await lockOutbox(client, stack);
    // A statement of its own: its snapshot has everything that the previous relay placed under the lock.
    await client.query(PLACE_MESSAGES, [stack]);
  });
}
