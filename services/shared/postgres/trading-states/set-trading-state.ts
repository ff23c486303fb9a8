import type { Pool } from 'pg';
import { isNewer, type SourceState, type StateCommand } from '../../domain/trading-state.ts';
import type { Queryable } from '../pool.ts';
import { transaction } from '../transaction.ts';
import { readTradingStates } from './read-trading-states.ts';

/** Execution and risk record the same commands: without it, both could compare with the same older row. $1 stack. */
const LOCK_STATES = `SELECT pg_advisory_xact_lock(hashtextextended('trading-state:' || $1, 0))`;

/** $1 stack, $2 source, $3 state, $4 author, $5 reason, $6 revision. */
const APPEND_STATE = `
INSERT INTO trading.halts (stack, source, state, active, author, reason, revision) VALUES ($1, $2, $3, $3 <> 'Active', $4, $5, $6)`;

/**
 * Appends what a source asks for unless the source's newest row is as new: a repeated or late command changes nothing.
 * A process saves it perhaps long after it was given, and another one may have saved its lift meanwhile. Returns the
 * row that stays instead; undefined if it was appended. When it resolves, the database admits no order that the newest
 * row of a source forbids.
 */
export async function setTradingState(pool: Pool, stack: string, next: StateCommand): Promise<SourceState | undefined> {
  return await transaction(pool, async (client) => {
    await client.query(LOCK_STATES, [stack]);
    const known = (await readTradingStates(client, stack)).find(({ source }) => source === next.source);
    if (known !== undefined && !isNewer(next, known)) return known;
    await append(client, stack, next);
    return undefined;
  });
}

async function append(client: Queryable, stack: string, next: StateCommand): Promise<void> {
  const { source, state, author, reason, revision } = next;
  await client.query(APPEND_STATE, [stack, source, state, author, reason, revision]);
}
