import type { Pool } from 'pg';
import { z } from 'zod';
import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { RecordIdentity } from '../../core/record-identity.ts';
import type { Fence } from '../../core/role.ts';
import type { FenceGrant, ReleasedFence } from '../../ports.ts';
import { readFence } from './read-fence.ts';
import { recordIdentity } from './record-identity.ts';

/** $1 stack. */
const CREATE_FENCE = `
INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ($1, 0, '', clock_timestamp()) ON CONFLICT (stack) DO NOTHING`;

/** Waits for every statement that holds the row, that is for intents being committed. $1 stack. */
const LOCK_FENCE = `
SELECT granted_system_id AS "systemId", granted_timeline AS timeline, granted_commits::float8 AS commits, released,
  extract(epoch FROM clock_timestamp())::float8 * 1000 AS "nowMs"
FROM trading.execution_fence WHERE stack = $1 FOR UPDATE`;

/**
 * $1 stack, $2 epoch, $3 holder, $4 epoch that was read, $5 system identifier, $6 timeline, $7 commits, $8 epoch of the
 * canary if there is one, $9 its first epoch, $10 its notional, $11 its symbols.
 */
const RAISE_FENCE = `
UPDATE trading.execution_fence SET epoch = $2, holder = $3, granted_at = clock_timestamp(), granted_system_id = $5, granted_timeline = $6,
  granted_commits = $7, canary_epoch = $8, canary_since = $9, canary_max_notional = $10, canary_symbols = $11
WHERE stack = $1 AND epoch = $4`;

/** $1 stack, $2 epoch, $3 holder, $4 to $7 the canary as in `RAISE_FENCE`. */
const SET_CANARY = `
UPDATE trading.execution_fence SET canary_epoch = $4, canary_since = $5, canary_max_notional = $6, canary_symbols = $7
WHERE stack = $1 AND epoch = $2 AND holder = $3`;

const comparedAges = z.object({ instruments: z.record(z.string(), z.number()), balances: z.number().nullable() });
const released = comparedAges.extend({ epoch: z.int(), atMs: z.number() });

/** All of the identity are null before the first grant, and after one of a release that does not record them. */
const grantedRow = z.object({
  systemId: z.string().nullable(),
  timeline: z.int().nullable(),
  commits: z.int().nullable(),
  /** Null before the first release. */
  released: z.unknown(),
  nowMs: z.number(),
});

/**
 * Takes the fence for `holder` at `epoch` when that is higher than the current epoch. After the commit, no intent of an
 * older epoch can be inserted. A repeated request for the held epoch is granted, and sets its canary.
 */
export async function raiseFence(pool: Pool, stack: string, desired: Fence): Promise<FenceGrant> {
  return await transaction(pool, async (client) => {
    await client.query(CREATE_FENCE, [stack]);
    const locked = await lockFence(client, stack);
    const before = await readFence(client, stack);
    const found = { before, identityBefore: locked.identityBefore, released: releasedBy(before, locked) };
    if (before.epoch === desired.epoch && before.holder === desired.holder) {
      await client.query(SET_CANARY, [stack, desired.epoch, desired.holder, ...canaryValues(desired)]);
      return { granted: true, ...found };
    }
    if (before.epoch >= desired.epoch) return { granted: false, ...found };
    const { systemId, timeline, commits } = await recordIdentity(client, stack);
    const values = [stack, desired.epoch, desired.holder, before.epoch, systemId, timeline, commits];
    const { rowCount } = await client.query(RAISE_FENCE, [...values, ...canaryValues(desired)]);
    return { granted: rowCount === 1, ...found };
  });
}

function canaryValues({ epoch, canary }: Fence): readonly unknown[] {
  if (canary === undefined) return [null, null, null, null];
  return [epoch, canary.since, formatDecimal(canary.maxNotional), canary.symbols ?? null];
}

interface LockedFence extends Pick<z.output<typeof grantedRow>, 'released' | 'nowMs'> {
  /** Identity that the record had at the previous grant. */
  readonly identityBefore: RecordIdentity | undefined;
}

async function lockFence(client: Queryable, stack: string): Promise<LockedFence> {
  const { rows } = await client.query(LOCK_FENCE, [stack]);
  const { systemId, timeline, commits, ...rest } = grantedRow.parse(rows[0]);
  const isKnown = systemId !== null && timeline !== null && commits !== null;
  return { ...rest, identityBefore: isKnown ? { systemId, timeline, commits } : undefined };
}

/** Nothing that an older epoch left behind, and nothing that cannot be read. */
function releasedBy({ epoch, holder }: Fence, row: Pick<LockedFence, 'released' | 'nowMs'>): ReleasedFence | undefined {
  const { success, data } = released.safeParse(row.released);
  if (!success || holder !== '' || data.epoch !== epoch) return undefined;
  const { atMs, instruments, balances } = data;
  return { agoMs: row.nowMs - atMs, compared: { instruments, balances } };
}
